package itemset

import (
	"fmt"
	"math/bits"
	"sync/atomic"
)

// family tells, for every set, where the sets with one item less are. Its tables
// grow by a length at a time, each from the one before.
type family struct {
	sets *Sets
	// less[l][i*l+k] is the set that the i-th of length l is without its k-th item, as
	// a number within its length.
	less [][]uint32
	// singles are the places of single items, plus one, by code, where the codes are
	// dense enough.
	singles []uint32
	// places are those of the sets of the length being linked, plus one, scattered by
	// the set they start with and their last item; shorter are those of the length
	// before.
	places, shorter []uint32
}

func newFamily(s *Sets) *family {
	f := &family{sets: s, less: make([][]uint32, 2)}
	f.placeSingles()
	return f
}

// sparse is how many codes there may be for each single item before they are
// looked up by search.
const sparse = 64

func (f *family) placeSingles() {
	from, to := f.sets.OfLength(1)
	if from == to {
		return
	}
	codes := f.sets.items[:to-from]
	if highest := int(codes[len(codes)-1]); highest < 1024+sparse*len(codes) {
		f.singles = make([]uint32, highest+1)
		for i, code := range codes {
			f.singles[code] = uint32(i + 1)
		}
	}
}

// place returns the number of a single item among the sets of length 1.
func (f *family) place(item uint32) (uint32, bool) {
	if f.singles == nil {
		at, ok := f.sets.Index([]uint32{item})
		return uint32(at), ok
	}
	if int(item) >= len(f.singles) {
		return 0, false
	}
	at := f.singles[item]
	return at - 1, at > 0
}

// single returns the count of a single item.
func (f *family) single(item uint32) uint32 {
	at, _ := f.place(item)
	return f.sets.counts[at]
}

func (f *family) count(l int) int { return f.sets.first[l+1] - f.sets.first[l] }

// grow makes room for what linkBlock finds for length l.
func (f *family) grow(l int) {
	n := f.count(l)
	f.less = append(f.less, make([]uint32, n*l))
	f.places, f.shorter = nil, f.places
	if l < f.sets.MaxLength() {
		f.places = make([]uint32, 2<<bits.Len(uint(n)))
	}
}

// linkBlock finds the places for the sets lo to hi of length l. Every subset of
// every set must be there, as it is in frequent sets without a minimum length.
//
// Sets of one length ascend, and so do their starts, so that finding them is a
// merge. A set without another item than the last is looked up by its start, which
// is the start of this one without that item, and the last item.
func (f *family) linkBlock(l, lo, hi int) error {
	s := f.sets
	start := -1 // the set of length l-1 that set i starts with
	if lo > 0 {
		row := s.row(l, s.first[l]+lo-1)
		at, ok := s.Index(row[:l-1])
		if !ok {
			return f.missing(row, l-1)
		}
		start = at - s.first[l-1]
	}
	rows, starts := s.items[s.base[l]:s.base[l+1]], s.items[s.base[l-1]:s.base[l]]
	counts, shorter := s.counts[s.first[l]:s.first[l+1]], s.counts[s.first[l-1]:s.first[l]]
	for i := lo; i < hi; i++ {
		row, links := rows[i*l:i*l+l], f.less[l][i*l:i*l+l]
		for start < 0 || !startsWith(row, starts[start*(l-1):(start+1)*(l-1)]) {
			start++
			if start == f.count(l-1) {
				return f.missing(row, l-1)
			}
		}
		links[l-1] = uint32(start)
		if k, ok := f.linkRow(l, row[l-1], links); !ok {
			return f.missing(row, k)
		}
		for _, sub := range links {
			if counts[i] > shorter[sub] {
				return fmt.Errorf("itemset: rules: got the set %v with a higher count than its subset %v, want the sets of Mine",
					row, s.row(l-1, s.first[l-1]+int(sub)))
			}
		}
		if f.places != nil {
			f.enter(i, uint32(start), row[l-1])
		}
	}
	return nil
}

// linkRow finds a set of length l without each of its items but the last, given
// where it is without the last. If one is missing, it returns which.
func (f *family) linkRow(l int, last uint32, links []uint32) (int, bool) {
	if l == 2 {
		at, ok := f.place(last)
		links[0] = at
		return 0, ok
	}
	start := int(links[l-1])
	for k, shorterStart := range f.less[l-1][start*(l-1) : (start+1)*(l-1)] {
		at, ok := f.find(l-1, shorterStart, last)
		if !ok {
			return k, false
		}
		links[k] = at
	}
	return 0, true
}

// enter puts set i among the places. Which of two sets comes first to a free one is
// left to chance, and does not matter.
func (f *family) enter(i int, start, last uint32) {
	at := scatter(start, last) >> (64 - bits.Len(uint(len(f.places)-1)))
	for !atomic.CompareAndSwapUint32(&f.places[at], 0, uint32(i+1)) {
		at = (at + 1) & uint64(len(f.places)-1)
	}
}

// find looks for a set of length l, the one before that being linked, by the set it
// starts with and its last item.
func (f *family) find(l int, start, last uint32) (uint32, bool) {
	starts, lasts := f.less[l][l-1:], f.sets.items[f.sets.base[l]+l-1:]
	at := scatter(start, last) >> (64 - bits.Len(uint(len(f.shorter)-1)))
	for ; f.shorter[at] > 0; at = (at + 1) & uint64(len(f.shorter)-1) {
		i := int(f.shorter[at] - 1)
		if starts[i*l] == start && lasts[i*l] == last {
			return uint32(i), true
		}
	}
	return 0, false
}

// scatter spreads a set over all 64 bits, by the set it starts with and its last
// item; the highest are the best.
func scatter(start, last uint32) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2⁶⁴ divided by the golden ratio
	return (uint64(start)<<32 | uint64(last)) * odd
}

// startsWith reports whether row starts with all of start, which is one shorter.
func startsWith(row, start []uint32) bool {
	for k := len(start) - 1; k >= 0; k-- { // the last items differ first
		if row[k] != start[k] {
			return false
		}
	}
	return true
}

func (f *family) missing(row []uint32, skip int) error {
	sub := append(append([]uint32(nil), row[:skip]...), row[skip+1:]...)
	return fmt.Errorf("itemset: rules: got the set %v without its subset %v, want every subset; mine frequent sets with a minimum length of 1", row, sub)
}
