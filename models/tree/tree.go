package tree

import (
	"math"
	"slices"
)

// Tree is a fitted classification or regression tree. It comes from Fit or from
// JSON, never changes, and may be used by several goroutines at once.
type Tree struct {
	classes   int // 0 for regression
	criterion Criterion
	columns   []columnInfo
	nodes     []node // the root first, then the left subtree, then the right one
	leaves    []int  // the nodes that are leaves, from left to right
	depth     int

	// Of each leaf:
	label []int32   // classification
	prob  []float64 // classification: leaves × classes
	mean  []float64 // regression
}

// columnInfo is what a tree remembers of a column.
type columnInfo struct {
	name    string // "" if the matrix had no names
	kind    Kind
	listed  []int32 // categorical: the codes that are told apart, ascending
	pooled  int     // categorical: how many more codes the sample had
	missing bool    // values were missing in the sample
}

// node is a question, or a leaf if column is negative.
type node struct {
	column      int
	right       int     // the node for "no"; the one for "yes" is the next
	threshold   float64 // numeric: yes for values up to it; +Inf: for all that are not missing
	set         *bitset // categorical: yes for these bins
	missingLeft bool
	leaf        int // the number of the leaf, from the left

	rows     int
	weight   float64
	impurity float64   // per weight
	mass     []float64 // classification: the weight of each class
	label    int32     // classification: the heaviest class, the lowest of equals
	mean     float64   // regression
}

func (n *node) isLeaf() bool { return n.column < 0 }

// Classes returns the number of classes, or 0 for a regression tree.
func (t *Tree) Classes() int { return t.classes }

// Columns returns the number of columns of the matrix that t was fitted to.
func (t *Tree) Columns() int { return len(t.columns) }

// Asked returns the columns that any question is about, rising.
func (t *Tree) Asked() []int {
	var asked []int
	for i := range t.nodes {
		if n := &t.nodes[i]; !n.isLeaf() {
			asked = append(asked, n.column)
		}
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

// Leaves returns the number of leaves, ≥ 1.
func (t *Tree) Leaves() int { return len(t.leaves) }

// Depth returns the most questions between the root and a leaf, ≥ 0.
func (t *Tree) Depth() int { return t.depth }

// newTree returns the tree of root.
func newTree(root *draft, s *sample, c *Config, names []string) *Tree {
	t := &Tree{classes: s.classes, criterion: c.Criterion}
	for j := range s.columns {
		col := &s.columns[j]
		info := columnInfo{kind: col.kind, listed: col.listed, pooled: col.pooled, missing: col.missing}
		if names != nil {
			info.name = names[j]
		}
		t.columns = append(t.columns, info)
	}
	t.take(root, s, newSweeper(s, c))
	t.index()
	return t
}

// take appends d and all nodes below.
func (t *Tree) take(d *draft, s *sample, w *sweeper) {
	i := len(t.nodes)
	n := node{column: -1, rows: d.stats.rows, weight: d.stats.weight}
	n.impurity = d.impurity(w) / d.stats.weight
	if s.classes > 0 {
		n.mass = d.stats.mass
		n.label = heaviest(n.mass)
	} else {
		n.mean = s.centre + d.stats.mass[1]/d.stats.mass[0]
	}
	t.nodes = append(t.nodes, n)
	if d.left == nil {
		return
	}
	t.take(d.left, s, w)
	right := len(t.nodes)
	t.take(d.right, s, w)
	q := &t.nodes[i]
	q.column, q.right = d.split.column, right
	q.threshold, q.missingLeft = d.split.threshold, d.split.missingLeft
	if t.columns[q.column].kind == Categorical {
		q.threshold = 0
		set := d.split.set
		q.set = &set
	}
}

func heaviest(mass []float64) int32 {
	best := 0
	for k, m := range mass {
		if m > mass[best] {
			best = k
		}
	}
	return int32(best)
}

// index numbers the leaves and sets what follows from the nodes.
func (t *Tree) index() {
	depth := make([]int, len(t.nodes))
	for i := range t.nodes {
		n := &t.nodes[i]
		t.depth = max(t.depth, depth[i])
		if !n.isLeaf() {
			depth[i+1], depth[n.right] = depth[i]+1, depth[i]+1
			continue
		}
		n.leaf = len(t.leaves)
		t.leaves = append(t.leaves, i)
		t.label = append(t.label, n.label)
		t.mean = append(t.mean, n.mean)
		for _, m := range n.mass {
			t.prob = append(t.prob, m/n.weight)
		}
	}
}

// Importances returns the share of each column in the decrease of impurity from
// the root to the leaves. They sum to 1, or are all 0 if the root is a leaf.
//
// A column that could have replaced another column in its questions gets no
// credit: importance describes the tree, not the data. Columns of many values
// are favoured [1].
//
// [1] C. Strobl, A.-L. Boulesteix, A. Zeileis, T. Hothorn, "Bias in random
// forest variable importance measures", BMC Bioinformatics 8:25, 2007.
func (t *Tree) Importances() []float64 {
	shares := make([]float64, len(t.columns))
	total := 0.0
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.isLeaf() {
			continue
		}
		l, r := &t.nodes[i+1], &t.nodes[n.right]
		gain := float64(n.weight*n.impurity) - float64(l.weight*l.impurity) - float64(r.weight*r.impurity)
		shares[n.column] += max(0, gain)
		total += max(0, gain)
	}
	if total > 0 {
		for j := range shares {
			shares[j] /= total
		}
	}
	return shares
}

// cut returns t with the given nodes made leaves.
func (t *Tree) cut(leaf func(node int) bool) *Tree {
	c := &Tree{classes: t.classes, criterion: t.criterion, columns: t.columns}
	var take func(i int)
	take = func(i int) {
		n := t.nodes[i]
		at := len(c.nodes)
		if n.isLeaf() || leaf(i) {
			n.column, n.right, n.threshold, n.set, n.missingLeft = -1, 0, 0, nil, false
			c.nodes = append(c.nodes, n)
			return
		}
		c.nodes = append(c.nodes, n)
		take(i + 1)
		c.nodes[at].right = len(c.nodes)
		take(n.right)
	}
	take(0)
	c.nodes = slices.Clip(c.nodes)
	c.index()
	return c
}

// score returns the share of the sample's weight that t predicts right, or R²
// for regression (1 where the target is constant).
func (t *Tree) score() float64 {
	root := &t.nodes[0]
	sum := 0.0
	for _, i := range t.leaves {
		n := &t.nodes[i]
		if t.classes > 0 {
			sum += n.mass[n.label]
		} else {
			sum += float64(n.weight * n.impurity)
		}
	}
	switch {
	case t.classes > 0:
		return sum / root.weight
	case root.impurity == 0:
		return 1
	}
	return 1 - sum/float64(root.weight*root.impurity)
}

// presentOnly reports whether n asks no more than whether a value is there.
func (n *node) presentOnly() bool { return n.set == nil && math.IsInf(n.threshold, 1) }
