package itemset

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// family tells, for every set, where the sets with one item less are.
type family struct {
	sets *Sets
	// less[l][i*l+k] is the set that the i-th of length l is without its k-th item.
	less [][]uint32
	// from[l][i] and from[l][i+1] bound, among the sets of length l+1, those that
	// start with the i-th of length l; all are numbers within their length.
	from [][]uint32
	// counts of single items by code, where the codes are dense enough.
	counts []uint32
}

// newFamily finds all these places. Every subset of every set must be there, as it
// is in frequent sets without a minimum length.
func newFamily(ctx context.Context, s *Sets, workers int) (*family, error) {
	f := &family{sets: s, less: make([][]uint32, 2), from: make([][]uint32, 1)}
	for l := 2; l <= s.MaxLength(); l++ {
		if err := f.link(ctx, l, workers); err != nil {
			return nil, err
		}
	}
	f.countSingles()
	return f, nil
}

// sparse is how many codes there may be for each single item before they are
// looked up by search.
const sparse = 64

func (f *family) countSingles() {
	from, to := f.sets.OfLength(1)
	if from == to {
		return
	}
	codes := f.sets.items[:to-from]
	if highest := int(codes[len(codes)-1]); highest < 1024+sparse*len(codes) {
		f.counts = make([]uint32, highest+1)
		for i, code := range codes {
			f.counts[code] = f.sets.counts[i]
		}
	}
}

// single returns the count of a single item.
func (f *family) single(item uint32) uint32 {
	if f.counts != nil {
		return f.counts[item]
	}
	i, _ := f.find(1, 0, f.count(1), item)
	return f.sets.counts[i]
}

func (f *family) count(l int) int { return f.sets.first[l+1] - f.sets.first[l] }

// link fills less[l] and from[l-1].
func (f *family) link(ctx context.Context, l, workers int) error {
	n := f.count(l)
	f.less = append(f.less, make([]uint32, n*l))
	f.from = append(f.from, make([]uint32, f.count(l-1)+1))
	f.from[l-1][f.count(l-1)] = uint32(n)
	return models.Parallel(ctx, workers, (n+ruleBlock-1)/ruleBlock, func(t int) error {
		return f.linkBlock(l, t*ruleBlock, min(n, (t+1)*ruleBlock))
	})
}

// linkBlock does the part of link for the sets lo to hi of length l. Sets of one
// length ascend, and so do their starts, so that finding them is a merge; a set
// without one of its first items is found among those that start alike.
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
	for i := lo; i < hi; i++ {
		row := s.row(l, s.first[l]+i)
		for start < 0 || !startsWith(row, s.row(l-1, s.first[l-1]+start)) {
			start++
			if start == f.count(l-1) {
				return f.missing(row, l-1)
			}
			from[start] = uint32(i)
		}
		less[i*l+l-1] = uint32(start)
		for k := range l - 1 {
			first, end := 0, f.count(1)
			if l > 2 {
				group := f.less[l-1][start*(l-1)+k]
				first, end = int(f.from[l-2][group]), int(f.from[l-2][group+1])
			}
			at, ok := f.find(l-1, first, end, row[l-1])
			if !ok {
				return f.missing(row, k)
			}
			less[i*l+k] = at
		}
		for _, sub := range less[i*l : (i+1)*l] {
			if s.counts[s.first[l]+i] > s.counts[s.first[l-1]+int(sub)] {
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

func startsWith(row, start []uint32) bool {
	for k := len(start) - 1; k >= 0; k-- { // the last items differ first
		if row[k] != start[k] {
			return false
		}
	}
	return true
}

// find looks for the set of length l, from lo to hi, whose last item is the one
// given; the last items ascend there.
func (f *family) find(l, lo, hi int, last uint32) (uint32, bool) {
	s := f.sets
	p := s.base[l] + l - 1
	end := hi
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s.items[p+mid*l] < last {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return uint32(lo), lo < end && s.items[p+lo*l] == last
}

func (f *family) missing(row []uint32, skip int) error {
	sub := append(append([]uint32(nil), row[:skip]...), row[skip+1:]...)
	return fmt.Errorf("itemset: rules: got the set %v without its subset %v, want every subset; mine frequent sets with a minimum length of 1", row, sub)
}
