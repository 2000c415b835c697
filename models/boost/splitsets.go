package boost

import (
	"cmp"
	"math"
	"slices"
)

// The rules of LightGBM for splits of categories. A set of up to mostInSet
// categories goes left. The categories are ordered by gradient over hessian: the
// best of all sets is then at one end of the order [1], and both ends are searched.
// The gain of a rare category is mostly chance. With more than fewCategories,
// therefore, categorySmooth is added to the hessians for the order, and categoryL2
// to L2 for the gain and the values of the leaves; a category of fewer than
// categorySmooth rows goes right; and each set tried has setRows more rows than the
// set before, with as many rows on the other side.
//
// [1] W. Fisher, "On Grouping for Maximum Homogeneity", JASA 53, 1958, pp. 789–798.
const (
	fewCategories  = 4
	mostInSet      = 32
	categorySmooth = 10
	categoryL2     = 10
	setRows        = 100
)

// ranked is the bin of a category in a leaf, or the bin of the missing values.
type ranked struct {
	bin   int
	rows  int // by its share of the hessian
	ratio float64
}

// runSets tries the sets at both ends of the order of the categories. The missing
// values are one category more.
func (s *scan) runSets(hist []entry) {
	last := len(hist) - 1
	smooth, apart := 0.0, 0
	if last > fewCategories {
		smooth, apart = categorySmooth, setRows
		s.extraL2 = categoryL2
		s.l2 += s.extraL2
	}
	order, missing := s.rank(hist, smooth)
	most := min(mostInSet, (len(order)+1)/2)
	if last <= fewCategories {
		most = len(order)
	}
	for range 2 {
		s.runEnd(hist, order[:most], apart)
		slices.Reverse(order)
	}
	if s.best.set == nil {
		return
	}
	if !missing { // those to come go to the heavier side
		s.best.missingLeft = s.best.leftH >= s.total.h-s.best.leftH
	}
	s.best.extraL2 = s.extraL2
}

// rank returns the categories of the leaf with at least smooth rows, in order, and
// whether the leaf has missing values.
func (s *scan) rank(hist []entry, smooth float64) (order []ranked, missing bool) {
	last := len(hist) - 1
	for b, e := range hist {
		if e == (entry{}) && (s.counts == nil || s.counts[b] == 0) {
			continue // not in this leaf
		}
		missing = missing || b == last
		r := ranked{bin: b, rows: int(math.Floor(float64(e.h)/float64(s.total.h)*float64(s.rows) + 0.5))}
		if float64(r.rows) < smooth {
			continue
		}
		if h := float64(float64(e.h)*s.fixed.histH) + smooth; h > 0 {
			r.ratio = float64(e.g) * s.fixed.histG / h
		}
		order = append(order, r)
	}
	slices.SortFunc(order, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.ratio, b.ratio), cmp.Compare(a.bin, b.bin))
	})
	return order, missing
}

// runEnd tries the sets of the first 1, 2, … categories of an order. Each set tried
// has at least apart rows more than the set before, and as many rows opposite.
func (s *scan) runEnd(hist []entry, order []ranked, apart int) {
	last := len(hist) - 1
	var left entry
	leftRows, rows, since := 0, 0, 0
	for k, r := range order {
		left.add(hist[r.bin])
		if s.counts != nil {
			leftRows += s.counts[r.bin]
		}
		rows += r.rows
		since += r.rows
		if s.rows-rows < apart {
			return
		}
		if rows < s.minRows || since < apart {
			continue
		}
		since = 0
		before := s.best.gain
		if s.try(left, leftRows, k, false); !(s.best.gain > before) {
			continue
		}
		s.best.set = new(categorySet)
		for _, in := range order[:k+1] {
			if in.bin == last {
				s.best.missingLeft = true
			} else {
				s.best.set.add(in.bin)
			}
		}
	}
}
