package boost

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// split is a way to divide the rows of a leaf; a gain of 0 is none.
type split struct {
	gain        float64
	slot        int // the column, among binned.columns
	bin         int // the last to go left
	missingLeft bool
	set         *categorySet // that goes left, of a categorical column; else nil
	extraL2     float64      // for the values of both sides
	sure        bool         // both sides are known to have enough rows
	leftH       int64
}

// noise is the share of the score of two leaves below which a gain is taken for
// a rounding error.
const noise = 1e-12

// regulariser turns sums of gradients and hessians into leaf values and scores.
type regulariser struct {
	l1, l2 float64
}

// shrink pulls g towards 0 by L1.
func (r regulariser) shrink(g float64) float64 {
	if r.l1 == 0 {
		return g
	}
	return math.Copysign(max(0, math.Abs(g)-r.l1), g)
}

// value returns the best value of a leaf, or 0 where nothing is known.
func (r regulariser) value(g, h float64) float64 {
	if h+r.l2 <= 0 {
		return 0
	}
	return -r.shrink(g) / (h + r.l2)
}

// score returns twice the loss saved by a leaf with its best value.
func (r regulariser) score(g, h float64) float64 {
	g = r.shrink(g)
	return g * g / (h + r.l2)
}

// scoreAt is score for a leaf with value v.
func (r regulariser) scoreAt(g, h, v float64) float64 {
	return -(2*float64(r.shrink(g)*v) + float64((h+r.l2)*v)*v)
}

// scan is the search for the best split of one leaf at one column.
type scan struct {
	regulariser
	fixed     fixedPoint
	total     entry
	parent    float64 // the score of the leaf unsplit and, as in LightGBM, unbounded
	leaf      *leaf
	rows      int // in the leaf
	minRows   int
	minWeight float64
	minGain   float64
	monotone  int
	counts    []int   // rows by bin, then of the missing; nil if not counted
	extraL2   float64 // in l2
	best      split
}

// run looks at every boundary between bins, with the missing values on the right
// and, where there are any, on the left.
func (s *scan) run(hist []entry) {
	last := len(hist) - 1
	missing := hist[last]
	anyMissing := missing != entry{}
	plain := s.l1 == 0 && s.monotone == 0 && !s.leaf.bounded
	var left entry
	leftRows, missingRows := 0, 0
	if s.counts != nil {
		missingRows = s.counts[last]
		anyMissing = missingRows > 0 // their sums may have been rounded to 0
	}
	for b, e := range hist[:last] {
		if s.counts != nil {
			leftRows += s.counts[b]
		}
		if e == (entry{}) {
			continue // the same split as before
		}
		left.add(e)
		if !plain || s.promising(left) {
			s.try(left, leftRows, b, false)
		}
		if !anyMissing {
			continue
		}
		if with := (entry{left.g + missing.g, left.h + missing.h}); !plain || s.promising(with) {
			s.try(with, leftRows+missingRows, b, true)
		}
	}
	if !anyMissing { // those to come go to the heavier side
		s.best.missingLeft = s.best.leftH >= s.total.h-s.best.leftH
	}
}

// find returns the best split of a leaf at column slot.
func (s *scan) find(data *binned, l *leaf, slot int) split {
	if data.columns[slot].categorical {
		s.runSets(data.histogramOf(l.hist, slot))
	} else {
		s.run(data.histogramOf(l.hist, slot))
	}
	s.best.slot = slot
	return s.best
}

// promising reports whether the split with the given left side would gain more
// than the best so far, where neither L1 nor bounds play a part. Most splits would
// not, and take a third of the time of try.
func (s *scan) promising(left entry) bool {
	gl, hl := float64(left.g)*s.fixed.histG, float64(left.h)*s.fixed.histH
	gr, hr := float64(s.total.g-left.g)*s.fixed.histG, float64(s.total.h-left.h)*s.fixed.histH
	return !(gl*gl/(hl+s.l2)+gr*gr/(hr+s.l2)-s.parent <= s.best.gain)
}

// try compares the split with the given left side with the best so far.
func (s *scan) try(left entry, leftRows, bin int, missingLeft bool) {
	gl, hl := float64(left.g)*s.fixed.histG, float64(left.h)*s.fixed.histH
	gr, hr := float64(s.total.g-left.g)*s.fixed.histG, float64(s.total.h-left.h)*s.fixed.histH
	if hl < s.minWeight || hr < s.minWeight || hl+s.l2 <= 0 || hr+s.l2 <= 0 {
		return
	}
	var both float64
	if s.leaf.bounded || s.monotone != 0 {
		vl, vr := s.leaf.clamp(s.value(gl, hl)), s.leaf.clamp(s.value(gr, hr))
		if float64(s.monotone)*(vr-vl) < 0 {
			return
		}
		both = s.scoreAt(gl, hl, vl) + s.scoreAt(gr, hr, vr)
	} else {
		both = s.score(gl, hl) + s.score(gr, hr)
	}
	gain := both - s.parent
	if !(gain > s.best.gain && gain > s.minGain && gain > noise*both) {
		return
	}
	sure := true
	if s.counts != nil {
		if leftRows < s.minRows || s.rows-leftRows < s.minRows {
			return
		}
	} else {
		// No row has more than fixed.mostH of the hessian.
		need := int64(s.minRows-1) * s.fixed.mostH
		sure = left.h > need && s.total.h-left.h > need
	}
	s.best = split{gain: gain, bin: bin, missingLeft: missingLeft, sure: sure, leftH: left.h}
}

// newScan prepares the search of a leaf at column slot.
func (g *grower) newScan(l *leaf, slot int) scan {
	c := g.config
	s := scan{
		regulariser: g.reg,
		fixed:       g.fixed,
		leaf:        l,
		total:       l.histTotal,
		rows:        l.in.len(),
		minRows:     c.MinRows,
		minWeight:   c.MinChildWeight,
		minGain:     c.MinGain,
	}
	if c.Monotone != nil {
		s.monotone = c.Monotone[g.data.columns[slot].index]
	}
	gr, h := float64(s.total.g)*g.fixed.histG, float64(s.total.h)*g.fixed.histH
	if h+s.l2 > 0 {
		s.parent = s.score(gr, h)
	}
	return s
}

// search finds the best split of each leaf.
func (g *grower) search(ctx context.Context, leaves ...*leaf) error {
	groups := g.data.groups
	err := models.Parallel(ctx, len(g.summers), len(leaves)*groups, func(t int) error {
		l, group := leaves[t/groups], t%groups
		for slot := group * groupSize; slot < group*groupSize+g.data.width(group); slot++ {
			l.found[slot] = split{}
			if g.active[slot] {
				s := g.newScan(l, slot)
				l.found[slot] = s.find(g.data, l, slot)
			}
		}
		return nil
	})
	for _, l := range leaves {
		if err == nil {
			err = g.choose(ctx, l)
		}
	}
	return err
}

// choose sets l.best to the best split found. Histograms have no counts, and a
// column whose best split may have too few rows on a side is counted only when
// that split would win: then the column is searched again, with the counts.
func (g *grower) choose(ctx context.Context, l *leaf) error {
	for ctx.Err() == nil {
		best := 0
		for s := range l.found {
			if l.found[s].gain > l.found[best].gain {
				best = s
			}
		}
		if l.best = l.found[best]; l.best.gain == 0 || l.best.sure {
			return nil
		}
		s := g.newScan(l, best)
		s.counts = g.count(g.rows[l.in.from:l.in.to], best)
		l.found[best] = s.find(g.data, l, best)
	}
	return ctx.Err()
}

// count returns the number of rows by bin of a column, then of the missing.
func (g *grower) count(rows []uint32, slot int) []int {
	var n [256]int
	data := g.data.bins[slot]
	for _, r := range rows {
		n[data[r]]++
	}
	bins := g.data.columns[slot].bins()
	return append(append(make([]int, 0, bins+1), n[:bins]...), n[missingBin])
}
