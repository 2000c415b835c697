package itemset

import "fmt"

// family tells, for every set, where the sets with one item less are. Its tables
// grow by a length at a time, each from the one before.
type family struct {
	sets *Sets
	// less[l][i*l+k] is the set that the i-th of length l is without its k-th item.
	less [][]uint32
	// from[l][i] and from[l][i+1] bound, among the sets of length l+1, those that
	// start with the i-th of length l; all are numbers within their length.
	from [][]uint32
	// places of single items, plus one, by code, where the codes are dense enough.
	singles []uint32
}

func newFamily(s *Sets) *family {
	f := &family{sets: s, less: make([][]uint32, 2), from: make([][]uint32, 1)}
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
		return f.find(1, 0, f.count(1), item)
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

// grow makes room for less[l] and from[l-1], which linkBlock fills.
func (f *family) grow(l int) {
	n := f.count(l)
	f.less = append(f.less, make([]uint32, n*l))
	f.from = append(f.from, make([]uint32, f.count(l-1)+1))
	f.from[l-1][f.count(l-1)] = uint32(n)
}

// linkBlock finds the places for the sets lo to hi of length l. Every subset of
// every set must be there, as it is in frequent sets without a minimum length.
//
// Sets of one length ascend, and so do their starts, so that finding them is a
// merge. A set without one of its first items is among those that start alike; as
// the last items ascend among the sets with one start, that is a merge too.
func (f *family) linkBlock(l, lo, hi int) error {
	s := f.sets
	less, from := f.less[l], f.from[l-1]
	start := -1 // the set of length l-1 that set i starts with
	if lo > 0 {
		row := s.row(l, s.first[l]+lo-1)
		at, ok := s.Index(row[:l-1])
		if !ok {
			return f.missing(row, l-1)
		}
		start = at - s.first[l-1]
	}
	rows, shorter := s.items[s.base[l]:s.base[l+1]], s.items[s.base[l-1]:s.base[l]]
	next, end := make([]int, l-1), make([]int, l-1) // what remains of those that start like set i without item k
	for i, entered := lo, false; i < hi; i++ {
		row := rows[i*l : i*l+l]
		for start < 0 || !startsWith(row, shorter[start*(l-1):(start+1)*(l-1)]) {
			start++
			if start == f.count(l-1) {
				return f.missing(row, l-1)
			}
			from[start] = uint32(i)
			entered = false
		}
		if !entered {
			f.enter(l, start, next, end)
			entered = true
		}
		links := less[i*l : i*l+l]
		links[l-1] = uint32(start)
		if err := f.linkRow(l, row, links, next, end); err != nil {
			return err
		}
		both := s.counts[s.first[l]+i]
		counts := s.counts[s.first[l-1]:s.first[l]]
		for _, sub := range links {
			if both > counts[sub] {
				return fmt.Errorf("itemset: rules: got the set %v with a higher count than its subset %v, want the sets of Mine",
					row, s.row(l-1, s.first[l-1]+int(sub)))
			}
		}
		if i == f.count(l)-1 { // no set starts with those that remain
			for start++; start < f.count(l-1); start++ {
				from[start] = uint32(i + 1)
			}
		}
	}
	return nil
}

// enter sets the bounds of the sets of length l-1 that start like set start of
// length l-1 without its k-th item.
func (f *family) enter(l, start int, next, end []int) {
	if l == 2 {
		next[0], end[0] = 0, f.count(1)
		return
	}
	for k, group := range f.less[l-1][start*(l-1) : (start+1)*(l-1)] {
		next[k], end[k] = int(f.from[l-2][group]), int(f.from[l-2][group+1])
	}
}

// linkRow finds a set without each of its items but the last, and moves next there.
func (f *family) linkRow(l int, row, links []uint32, next, end []int) error {
	last := row[l-1]
	if l == 2 {
		at, ok := f.place(last)
		if !ok {
			return f.missing(row, 0)
		}
		links[0] = at
		return nil
	}
	for k := range next {
		at, ok := f.find(l-1, next[k], end[k], last)
		if !ok {
			return f.missing(row, k)
		}
		links[k] = at
		next[k] = int(at)
	}
	return nil
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

// find looks for the set of length l, from lo to hi, whose last item is the one
// given; the last items ascend there. It halves without a branch that depends on
// what it finds, which no processor could foresee.
func (f *family) find(l, lo, hi int, last uint32) (uint32, bool) {
	if lo == hi {
		return 0, false
	}
	lasts := f.sets.items[f.sets.base[l]+l-1:]
	for n := hi - lo; n > 1; {
		half := int(uint(n) >> 1)
		lo += half &^ ((int(last) - int(lasts[(lo+half)*l])) >> 63) // half, or 0 if that one is beyond
		n -= half
	}
	return uint32(lo), lasts[lo*l] == last
}

func (f *family) missing(row []uint32, skip int) error {
	sub := append(append([]uint32(nil), row[:skip]...), row[skip+1:]...)
	return fmt.Errorf("itemset: rules: got the set %v without its subset %v, want every subset; mine frequent sets with a minimum length of 1", row, sub)
}
