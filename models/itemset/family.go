package itemset

import (
	"fmt"
	"math/bits"
)

// family tells, for every set, the places of the sets with one item less. The
// tables grow by a length at a time, each from the table before.
type family struct {
	sets *Sets
	// less[l][i*l+k] is the place of a set of length l−1: the i-th set of length l
	// without its k-th item.
	less [][]uint32
	// singles are the places of single items, plus one, by code, where the codes are
	// dense enough.
	singles []uint32
	// shorter are the places, plus one, of the sets one item shorter than the sets
	// being linked, scattered by start and last item.
	shorter []uint32
}

func newFamily(s *Sets) *family {
	f := &family{sets: s, less: make([][]uint32, s.MaxLength()+1)}
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

// grow takes room, count(l)·l, for what linkBlock finds for length l, and scatters the
// sets with an item less.
func (f *family) grow(l int, room []uint32) {
	f.less[l] = room
	if l > 2 {
		f.scatter(l - 1)
	}
}

// scatter puts the sets of length l among the places.
func (f *family) scatter(l int) {
	n := f.count(l)
	width := bits.Len(uint(n)) + 2 // few places that are taken, which could not be foreseen
	f.shorter = grow(f.shorter, 1<<width)
	places := f.shorter
	clear(places)
	starts, lasts := f.less[l], f.sets.items[f.sets.base[l]:f.sets.base[l+1]]
	for i, k := 0, l-1; i < n; i, k = i+1, k+l {
		at := scattered(starts[k], lasts[k]) >> (64 - width)
		for places[at] > 0 {
			at = (at + 1) & (1<<width - 1)
		}
		places[at] = uint32(i + 1)
	}
}

// linkBlock finds the places for the sets lo to hi of length l. Every subset of
// every set must be there, as it is in frequent sets without a minimum length.
//
// Sets of one length ascend, and so do their starts, so that the starts are found
// by a merge. A set without an item before the last is looked up by its start (the
// start of the longer set without the item) and the last item.
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
	}
	return nil
}

// linkPairs is linkBlock for sets of two items.
func (f *family) linkPairs(lo, hi int) error {
	rows, less := f.sets.items[f.sets.base[2]:f.sets.base[3]], f.less[2]
	for i := lo; i < hi; i++ {
		x, okX := f.place(rows[2*i])
		y, okY := f.place(rows[2*i+1])
		if !okX {
			return f.missing(rows[2*i:2*i+2], 1)
		}
		if !okY {
			return f.missing(rows[2*i:2*i+2], 0)
		}
		less[2*i], less[2*i+1] = y, x
	}
	return nil
}

// linkRow finds a set of length l without each item before the last, given the
// place of the set without the last. If a subset is missing, its number is
// returned.
func (f *family) linkRow(l int, last uint32, links []uint32) (int, bool) {
	start := int(links[l-1])
	for k, shorterStart := range f.less[l-1][start*(l-1) : (start+1)*(l-1)] {
		at, ok := f.findShorter(l-1, shorterStart, last)
		if !ok {
			return k, false
		}
		links[k] = at
	}
	return 0, true
}

// findShorter looks for a set of the previous length by its start and last item.
func (f *family) findShorter(l int, start, last uint32) (uint32, bool) {
	starts, lasts := f.less[l][l-1:], f.sets.items[f.sets.base[l]+l-1:]
	at := scattered(start, last) >> (64 - bits.Len(uint(len(f.shorter)-1)))
	for ; f.shorter[at] > 0; at = (at + 1) & uint64(len(f.shorter)-1) {
		i := int(f.shorter[at] - 1)
		if starts[i*l] == start && lasts[i*l] == last {
			return uint32(i), true
		}
	}
	return 0, false
}

// scattered spreads a set over all 64 bits, by start and last item; the highest
// bits are the best spread.
func scattered(start, last uint32) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2⁶⁴ divided by the golden ratio
	return (uint64(start)<<32 | uint64(last)) * odd
}

// startsWith reports whether row starts with all of start, being one item
// shorter.
func startsWith(row, start []uint32) bool {
	for k := len(start) - 1; k >= 0; k-- { // the last items differ first
		if row[k] != start[k] {
			return false
		}
	}
	return true
}

// excessive reports the set i of length l as more frequent than one of its subsets.
func (f *family) excessive(l, i int) error {
	s, links := f.sets, f.less[l][i*l:i*l+l]
	sub := links[0]
	for _, other := range links {
		if s.counts[s.first[l-1]+int(other)] < s.counts[s.first[l-1]+int(sub)] {
			sub = other
		}
	}
	return fmt.Errorf("itemset: rules: got the set %v with a higher count than its subset %v, want the sets of Mine",
		s.row(l, s.first[l]+i), s.row(l-1, s.first[l-1]+int(sub)))
}

func (f *family) missing(row []uint32, skip int) error {
	sub := append(append([]uint32(nil), row[:skip]...), row[skip+1:]...)
	return fmt.Errorf("itemset: rules: got the set %v without its subset %v, want every subset; mine frequent sets with a minimum length of 1", row, sub)
}
