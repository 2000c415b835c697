package boost

import (
	"context"
	"math"
)

// span is a stretch of grower.rows or grower.others.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// leaf is a leaf of the tree that grows.
type leaf struct {
	node   int
	in     span // rows that the tree learns from
	others span // rows that it only scores
	depth  int
	sum    entry // exact, in units of pairs

	bounded   bool // by monotone constraints above it
	low, high float64
	extraL2   float64 // where the split above it was of many categories

	hist      []entry // nil if the leaf cannot be split
	histTotal entry   // in histogram units
	found     []split // by column
	best      split
}

// clamp moves a leaf value within the leaf's bounds.
func (l *leaf) clamp(v float64) float64 {
	if !l.bounded {
		return v
	}
	return min(max(v, l.low), l.high)
}

// grower grows the trees of one fit, in turn.
type grower struct {
	config Config
	reg    regulariser
	data   *binned

	// Of the present round.
	fixed       fixedPoint
	rows        []uint32 // that the tree learns from, in leaf order
	others      []uint32 // the other rows, in leaf order
	active      []bool   // columns drawn
	activeGroup []bool
	leaves      []*leaf
	nodes       []node

	rootKnown bool // rootHist and rootTotal are those of all rows
	rootTotal entry
	rootHist  []entry

	// Kept between rounds.
	summers []*summer // one per goroutine
	spare   []uint32
	hists   [][]entry // unused
	founds  [][]split
}

// grow grows a tree on g.rows, and leaves its leaves in g.leaves and its nodes,
// without values, in g.nodes.
func (g *grower) grow(ctx context.Context) error {
	root := &leaf{in: span{0, len(g.rows)}, others: span{0, len(g.others)}, low: math.Inf(-1), high: math.Inf(1)}
	g.nodes = append(g.nodes[:0], node{column: leafColumn, rows: int64(len(g.rows))})
	g.leaves = append(g.leaves[:0], root)
	if err := g.measureRoot(ctx, root); err != nil {
		return err
	}
	for len(g.leaves) < g.config.MaxLeaves {
		best := 0
		for i, l := range g.leaves {
			if l.best.gain > g.leaves[best].best.gain {
				best = i
			}
		}
		if g.leaves[best].best.gain == 0 {
			break
		}
		if err := g.split(ctx, best); err != nil {
			return err
		}
	}
	for _, l := range g.leaves {
		g.release(l)
	}
	return nil
}

func (g *grower) measureRoot(ctx context.Context, root *leaf) (err error) {
	if !g.divisible(root.in.len(), root.depth) || len(g.data.columns) == 0 {
		root.sum, err = g.sum(ctx, g.rows)
		return err
	}
	g.hold(root)
	if g.rootKnown {
		root.sum = g.rootTotal
		root.hist, g.rootHist = g.rootHist, root.hist
	} else if root.sum, err = g.histogram(ctx, root.hist, g.rows); err != nil {
		return err
	}
	g.setTotal(root)
	return g.search(ctx, root)
}

// divisible reports whether a leaf has the rows and the depth left for a split.
func (g *grower) divisible(rows, depth int) bool {
	return rows >= 2*g.config.MinRows && depth < g.config.MaxDepth
}

// split replaces leaf i by the two leaves of its best split.
func (g *grower) split(ctx context.Context, i int) error {
	l := g.leaves[i]
	d := g.divider(l.best)
	in, err := g.partition(ctx, d, g.rows[l.in.from:l.in.to])
	if err != nil {
		return err
	}
	others, err := g.partition(ctx, d, g.others[l.others.from:l.others.to])
	if err != nil {
		return err
	}
	left, right := g.bear(l, in, others)
	g.leaves[i] = left
	g.leaves = append(g.leaves, right)
	if err := g.measure(ctx, l, left, right); err != nil {
		return err
	}
	g.link(l, left, right)
	return g.searchSplittable(ctx, left, right)
}

// bear makes the children of l, of which the left has the given numbers of rows.
func (g *grower) bear(l *leaf, in, others int) (left, right *leaf) {
	child := func(in, others span) *leaf {
		g.nodes = append(g.nodes, node{column: leafColumn, rows: int64(in.len())})
		return &leaf{
			node: len(g.nodes) - 1, in: in, others: others, depth: l.depth + 1,
			bounded: l.bounded, low: l.low, high: l.high,
		}
	}
	left = child(span{l.in.from, l.in.from + in}, span{l.others.from, l.others.from + others})
	right = child(span{l.in.from + in, l.in.to}, span{l.others.from + others, l.others.to})
	return left, right
}

// measure sets the sums of the children, and the histograms of the children that
// may be split: the histogram of the smaller child is computed from its rows,
// the other by subtraction.
func (g *grower) measure(ctx context.Context, l, left, right *leaf) (err error) {
	small, large := left, right
	if left.in.len() > right.in.len() {
		small, large = right, left
	}
	defer g.release(l)
	if len(g.leaves) == g.config.MaxLeaves || !g.divisible(large.in.len(), large.depth) {
		small.sum, err = g.sum(ctx, g.rows[small.in.from:small.in.to])
		large.sum = entry{l.sum.g - small.sum.g, l.sum.h - small.sum.h}
		return err
	}
	g.hold(small)
	small.sum, err = g.histogram(ctx, small.hist, g.rows[small.in.from:small.in.to])
	if err != nil {
		return err
	}
	large.sum = entry{l.sum.g - small.sum.g, l.sum.h - small.sum.h}
	large.hist, l.hist = l.hist, nil
	large.found, l.found = l.found, nil
	for i, e := range small.hist {
		large.hist[i].g -= e.g
		large.hist[i].h -= e.h
	}
	g.setTotal(small)
	large.histTotal = entry{l.histTotal.g - small.histTotal.g, l.histTotal.h - small.histTotal.h}
	if !g.divisible(small.in.len(), small.depth) {
		g.release(small)
	}
	return nil
}

// link makes l's node an inner one, and bounds its children where the column is
// constrained.
func (g *grower) link(l, left, right *leaf) {
	s := l.best
	col := &g.data.columns[s.slot]
	n := &g.nodes[l.node]
	n.column = int32(col.index)
	if n.set = s.set; s.set == nil {
		n.threshold = g.data.thresholdAfter(s.slot, s.bin)
	}
	n.missingLeft = s.missingLeft
	n.left, n.right = int32(left.node), int32(right.node)
	left.extraL2, right.extraL2 = s.extraL2, s.extraL2
	vl, vr := g.valueOf(left), g.valueOf(right)
	n.gain = max(0, g.scoreOf(left, vl)+g.scoreOf(right, vr)-g.reg.score(g.real(l.sum)))
	if g.config.Monotone == nil || g.config.Monotone[col.index] == 0 {
		return
	}
	middle := vl + (vr-vl)/2
	left.bounded, right.bounded = true, true
	if g.config.Monotone[col.index] > 0 {
		left.high, right.low = min(left.high, middle), max(right.low, middle)
	} else {
		left.low, right.high = max(left.low, middle), min(right.high, middle)
	}
}

// searchSplittable searches the leaves that have a histogram.
func (g *grower) searchSplittable(ctx context.Context, leaves ...*leaf) error {
	splittable := leaves[:0:0]
	for _, l := range leaves {
		if l.hist != nil {
			splittable = append(splittable, l)
		}
	}
	return g.search(ctx, splittable...)
}

// valueOf returns the value of a leaf by its exact sums.
func (g *grower) valueOf(l *leaf) float64 {
	return l.clamp(g.regularise(l).value(g.real(l.sum)))
}

func (g *grower) scoreOf(l *leaf, value float64) float64 {
	gr, h := g.real(l.sum)
	return g.regularise(l).scoreAt(gr, h, value)
}

func (g *grower) regularise(l *leaf) regulariser {
	return regulariser{l1: g.reg.l1, l2: g.reg.l2 + l.extraL2}
}

func (g *grower) real(e entry) (gradient, hessian float64) {
	return float64(e.g) * g.fixed.unitG, float64(e.h) * g.fixed.unitH
}

// setTotal sums up the histogram of one column, as every row is in each column
// once.
func (g *grower) setTotal(l *leaf) {
	l.histTotal = entry{}
	for s := range g.active {
		if g.active[s] {
			for _, e := range g.data.histogramOf(l.hist, s) {
				l.histTotal.add(e)
			}
			return
		}
	}
}

// hold gives a leaf the memory for a search, and release takes the memory back.
func (g *grower) hold(l *leaf) {
	n := len(g.hists)
	if n == 0 {
		l.hist, l.found = make([]entry, g.data.entries), make([]split, len(g.data.columns))
		return
	}
	l.hist, l.found = g.hists[n-1], g.founds[n-1]
	g.hists, g.founds = g.hists[:n-1], g.founds[:n-1]
}

func (g *grower) release(l *leaf) {
	if l.hist != nil {
		g.hists, g.founds = append(g.hists, l.hist), append(g.founds, l.found)
		l.hist, l.found = nil, nil
	}
}
