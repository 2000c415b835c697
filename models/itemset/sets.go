package itemset

import (
	"iter"
	"slices"
)

// Set is an item set and the number of baskets with all its items.
type Set struct {
	Items []uint32 // codes, ascending; a view that must not be changed
	Count int
}

// Sets holds item sets in order of length, then of their items. A Sets is
// immutable and safe for concurrent use.
type Sets struct {
	baskets  int
	kind     Kind
	minCount int
	complete int // see Report.CompleteItems; -1 where every item is covered

	items  []uint32 // codes: all sets of length 1, then of length 2, …
	counts []uint32 // by set
	first  []int    // first[l] is the first set of length l; first[len-1] is Len
	base   []int    // base[l] is where the items of the sets of length l start
}

// Len returns the number of sets.
func (s *Sets) Len() int { return len(s.counts) }

// Baskets returns n, the number of baskets the sets were found in.
func (s *Sets) Baskets() int { return s.baskets }

// Kind returns the kind of the sets.
func (s *Sets) Kind() Kind { return s.kind }

// MinCount returns the least number of baskets of a frequent set: the requested
// number, or the number that the budget allowed.
func (s *Sets) MinCount() int { return s.minCount }

// MaxLength returns the length of the longest set, 0 if there is none.
func (s *Sets) MaxLength() int { return len(s.first) - 2 }

// At returns set i, 0 ≤ i < Len().
func (s *Sets) At(i int) Set {
	l := s.lengthOf(i)
	return Set{Items: s.row(l, i), Count: int(s.counts[i])}
}

// Support returns the share of the baskets that hold set i, in (0,1].
func (s *Sets) Support(i int) float64 { return float64(s.counts[i]) / float64(s.baskets) }

// OfLength returns the range [from,to) of the sets of l items.
func (s *Sets) OfLength(l int) (from, to int) {
	if l < 1 || l > s.MaxLength() {
		return 0, 0
	}
	return s.first[l], s.first[l+1]
}

// All iterates over the sets in order.
func (s *Sets) All() iter.Seq2[int, Set] {
	return func(yield func(int, Set) bool) {
		for l := 1; l <= s.MaxLength(); l++ {
			for i := s.first[l]; i < s.first[l+1]; i++ {
				if !yield(i, Set{Items: s.row(l, i), Count: int(s.counts[i])}) {
					return
				}
			}
		}
	}
}

// Index returns the place of the set of the given items, in ascending order,
// and whether the set is present. The cost is O(log Len()).
func (s *Sets) Index(items []uint32) (int, bool) {
	from, to := s.OfLength(len(items))
	for from < to {
		mid := from + (to-from)/2
		switch slices.Compare(s.row(len(items), mid), items) {
		case 0:
			return mid, true
		case -1:
			from = mid + 1
		default:
			to = mid
		}
	}
	return 0, false
}

// lengthOf returns the number of items of set i.
func (s *Sets) lengthOf(i int) int {
	l := 1
	for i >= s.first[l+1] {
		l++
	}
	return l
}

// row returns the l items of set i.
func (s *Sets) row(l, i int) []uint32 {
	p := s.base[l] + (i-s.first[l])*l
	return s.items[p : p+l : p+l]
}
