package features

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/quintile-dev/quintile/datasets"
)

// shortID is an id of up to eight bytes as a word of PackText, with the bucket
// of its customer.
type shortID struct {
	key    uint64
	bucket uint16
}

// sortedBytes is what a customer takes for a moment where ids are sorted at once. As
// many are as fit half of the table's budget, and mostSorted at least.
const (
	sortedBytes = 32
	mostSorted  = 1 << 20
)

// sortShortIDs returns the bucket of each customer in the order of ids, where ids
// are short and not too many: as words, ids are sorted byte by byte, without
// comparisons. The result is false for long or too many ids.
func (t *Table) sortShortIDs(ctx context.Context) (from []uint16, done bool, err error) {
	n := 0
	for b := range t.buckets {
		n += t.customersOf(b)
	}
	if int64(n) > max(mostSorted, t.config.Memory/2/sortedBytes) {
		return nil, false, nil
	}
	shares := min(t.config.Workers, len(t.buckets))
	runs := make([][]shortID, shares)
	var long atomic.Bool
	err = parallel(ctx, shares, shares, func(w int) error {
		ids, short, err := t.shortIDs(w*len(t.buckets)/shares, (w+1)*len(t.buckets)/shares)
		if err != nil || !short {
			long.Store(true)
			return err
		}
		runs[w] = sortWords(ids)
		return nil
	})
	if err != nil || long.Load() {
		return nil, false, err
	}
	from, err = mergeRuns(runs, n)
	return from, err == nil, err
}

// customersOf returns the number of customers of a bucket.
func (t *Table) customersOf(bucket int) int {
	n := 0
	for _, ch := range t.buckets[bucket] {
		n += ch.rows
	}
	return n
}

// shortIDs returns the ids of the buckets from lo to hi, excluded, or false where
// an id is long.
func (t *Table) shortIDs(lo, hi int) (ids []shortID, short bool, err error) {
	n := 0
	for b := lo; b < hi; b++ {
		n += t.customersOf(b)
	}
	ids = make([]shortID, 0, n)
	for b := lo; b < hi; b++ {
		c := idCursor{t: t, chunks: t.buckets[b]}
		for {
			id, ok, err := c.next()
			if err != nil {
				return nil, false, err
			}
			if !ok {
				break
			}
			key, short := datasets.PackText(id)
			if !short {
				return nil, false, nil
			}
			ids = append(ids, shortID{key, uint16(b)})
		}
	}
	return ids, true, nil
}

// sortWords sorts ids by their keys, from the last byte to the first, and returns
// the sorted ids, in place or not. Bytes equal in all keys are passed over.
func sortWords(ids []shortID) []shortID {
	var counts [8][256]uint32
	for i := range ids {
		for b, key := 0, ids[i].key; b < len(counts); b++ {
			counts[b][uint8(key)]++
			key >>= 8
		}
	}
	var spare []shortID
	for b := range counts {
		if len(ids) == 0 || counts[b][uint8(ids[0].key>>(8*b))] == uint32(len(ids)) {
			continue
		}
		at, places := uint32(0), &counts[b]
		for v, n := range places {
			places[v] = at
			at += n
		}
		spare = slices.Grow(spare[:0], len(ids))[:len(ids)]
		for i := range ids {
			place := &places[uint8(ids[i].key>>(8*b))]
			spare[*place] = ids[i]
			*place++
		}
		ids, spare = spare, ids
	}
	return ids
}

// mergeRuns returns the buckets of n ids in the order of their keys.
func mergeRuns(runs [][]shortID, n int) ([]uint16, error) {
	from := make([]uint16, 0, n)
	runs = slices.DeleteFunc(runs, func(run []shortID) bool { return len(run) == 0 })
	last := uint64(0)
	for len(runs) > 0 {
		least := 0
		for r := range runs {
			if runs[r][0].key < runs[least][0].key {
				least = r
			}
		}
		id := runs[least][0]
		if len(from) > 0 && id.key == last {
			return nil, errTwice
		}
		last = id.key
		from = append(from, id.bucket)
		if runs[least] = runs[least][1:]; len(runs[least]) == 0 {
			runs = slices.Delete(runs, least, least+1)
		}
	}
	return from, nil
}
