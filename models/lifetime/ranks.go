package lifetime

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
)

// ranked is a column as ranks among its distinct values.
type ranked struct {
	values []float64 // distinct, ascending
	rank   []uint32  // of every row, in values
}

// patientRows is the number of rows between two looks at a context.
const patientRows = 1 << 14

// rankColumn ranks the rows of v that keep admits; the other rows get rank 0. The only
// error is that of the context.
func rankColumn(ctx context.Context, v []float64, keep func(i int) bool) (ranked, error) {
	set := newPairSet()
	rank := make([]uint32, len(v))
	for i, value := range v {
		if i%patientRows == 0 && ctx.Err() != nil {
			return ranked{}, ctx.Err()
		}
		if keep(i) {
			rank[i] = set.add(pair{a: value + 0}) // −0 is 0
		}
	}
	order := make([]uint32, len(set.pairs))
	for k := range order {
		order[k] = uint32(k)
	}
	order, err := sortBy(ctx, order, func(a, b uint32) int { return cmp.Compare(set.pairs[a].a, set.pairs[b].a) })
	if err != nil {
		return ranked{}, err
	}
	place, sorted := make([]uint32, len(order)), make([]float64, len(order))
	for at, k := range order {
		place[k], sorted[at] = uint32(at), set.pairs[k].a
	}
	if len(place) > 0 {
		for i, k := range rank {
			rank[i] = place[k]
		}
	}
	return ranked{values: sorted, rank: rank}, nil
}

// sortBy sorts in blocks and merges the blocks, looking at the context in between.
func sortBy(ctx context.Context, order []uint32, compare func(a, b uint32) int) ([]uint32, error) {
	for block := range slices.Chunk(order, patientRows) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		slices.SortFunc(block, compare)
	}
	spare := make([]uint32, len(order))
	for width := patientRows; width < len(order); width *= 2 {
		for from := 0; from < len(order); from += 2 * width {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			middle, to := min(from+width, len(order)), min(from+2*width, len(order))
			mergeTo(spare[from:to], order[from:middle], order[middle:to], compare)
		}
		order, spare = spare, order
	}
	return order, nil
}

// mergeTo merges two sorted lists.
func mergeTo(dst, a, b []uint32, compare func(a, b uint32) int) {
	for k := range dst {
		if len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) <= 0 {
			dst[k], a = a[0], a[1:]
		} else {
			dst[k], b = b[0], b[1:]
		}
	}
}

// pair is a key of two numbers.
type pair struct{ a, b float64 }

// pairSet numbers distinct pairs in the order of their first occurrence. A
// pairSet takes a third of the time of a Go map.
type pairSet struct {
	pairs []pair
	slots []uint32 // number + 1, or 0 for a free slot; a power of two
	shift int
}

func newPairSet() *pairSet {
	s := &pairSet{}
	s.grow(1 << 12)
	return s
}

func (s *pairSet) grow(size int) {
	s.slots, s.shift = make([]uint32, size), 64-bits.TrailingZeros(uint(size))
	for k, p := range s.pairs {
		s.slots[s.find(p)] = uint32(k + 1)
	}
}

// find returns the slot of p, or the free slot for p.
func (s *pairSet) find(p pair) int {
	const golden = 0x9e3779b97f4a7c15
	mask := len(s.slots) - 1
	hash := (math.Float64bits(p.a)*golden ^ math.Float64bits(p.b)) * golden
	at := int(hash >> s.shift)
	for ; s.slots[at] != 0 && s.pairs[s.slots[at]-1] != p; at = (at + 1) & mask {
		continue
	}
	return at
}

// add returns the number of p.
func (s *pairSet) add(p pair) uint32 {
	at := s.find(p)
	if k := s.slots[at]; k != 0 {
		return k - 1
	}
	s.pairs = append(s.pairs, p)
	s.slots[at] = uint32(len(s.pairs))
	if 2*len(s.pairs) > len(s.slots) {
		s.grow(2 * len(s.slots))
	}
	return uint32(len(s.pairs) - 1)
}

// orderBy returns order, sorted stably by rank[order[i]] with counts.
func orderBy(order, rank []uint32, distinct int) []uint32 {
	starts := make([]uint32, distinct+1)
	for _, i := range order {
		starts[rank[i]+1]++
	}
	for k := 1; k <= distinct; k++ {
		starts[k] += starts[k-1]
	}
	sorted := make([]uint32, len(order))
	for _, i := range order {
		k := rank[i]
		sorted[starts[k]] = i
		starts[k]++
	}
	return sorted
}
