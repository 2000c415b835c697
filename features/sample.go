package features

import (
	"cmp"
	"context"
	"slices"
)

// Hash returns a hash of a customer's id: samples and ties are decided by this
// hash, so that neither depends on the order of ids or on the buckets.
//
// The bytes go through FNV-1a, started from the seed, and the result through
// the finaliser of MurmurHash3, which lets every bit depend on every bit.
func Hash(id []byte, seed uint64) uint64 {
	h := finish(seed ^ 0xCBF29CE484222325)
	for _, c := range id {
		h = (h ^ uint64(c)) * 0x100000001B3
	}
	return finish(h)
}

func finish(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xFF51AFD7ED558CCD
	h ^= h >> 33
	h *= 0xC4CEB9FE1A85EC53
	return h ^ h>>33
}

// Hashes returns the hash of each customer's id, in the order of ids.
func (t *Table) Hashes(ctx context.Context, seed uint64) ([]uint64, error) {
	out := make([]uint64, 0, t.Len())
	err := t.eachHash(ctx, seed, func(_ int, h uint64) { out = append(out, h) })
	return out, err
}

// eachHash calls do with the position and the hash of each customer.
func (t *Table) eachHash(ctx context.Context, seed uint64, do func(i int, h uint64)) error {
	cursors := t.cursors()
	for i, b := range t.from {
		if i%(1<<14) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		id, _, err := cursors[b].next()
		if err != nil {
			return err
		}
		do(i, Hash(id, seed))
	}
	return nil
}

// Sample returns the positions of size customers, rising: the customers with
// the smallest hashes of ids under the seed. The result is nil, meaning all, if
// the table has no more than size customers.
//
// Determinism: the customers drawn depend on the ids, the size and the seed,
// never on the buckets. A customer in the sample stays in the sample when other
// customers leave, and a smaller sample is part of a larger sample of the same
// seed.
//
// Cost: one walk over the ids, and 32 bytes for each customer of the sample.
func (t *Table) Sample(ctx context.Context, size int, seed uint64) ([]uint32, error) {
	if size >= t.Len() {
		return nil, ctx.Err()
	}
	if size <= 0 {
		return []uint32{}, ctx.Err()
	}
	type candidate struct {
		hash uint64
		at   uint32
	}
	drawn := make([]candidate, 0, 2*size)
	limit := ^uint64(0) // the largest hash among the size smallest so far
	shrink := func() {
		slices.SortFunc(drawn, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.at, b.at)) })
		drawn = drawn[:min(size, len(drawn))]
		if len(drawn) == size {
			limit = drawn[size-1].hash
		}
	}
	err := t.eachHash(ctx, seed, func(i int, h uint64) {
		if h > limit {
			return
		}
		drawn = append(drawn, candidate{h, uint32(i)})
		if len(drawn) == cap(drawn) {
			shrink()
		}
	})
	if err != nil {
		return nil, err
	}
	shrink()
	out := make([]uint32, len(drawn))
	for i, c := range drawn {
		out[i] = c.at
	}
	slices.Sort(out)
	return out, nil
}
