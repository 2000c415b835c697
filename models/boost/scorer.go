package boost

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"
)

// scoreRows is the number of rows scored together: their bins, and the tables of
// a tree, fit the first-level cache.
const scoreRows = 512

// scorer is an ensemble laid out for scoring many rows.
//
// Each value is first replaced by its bin among all thresholds of its column. A
// tree of at most 64 leaves then needs no walk: for each of its columns a table
// gives, by bin, the set of leaves still possible after the splits at that
// column, as bits in the order of the leaves from left to right. The row's leaf
// is the first in the intersection, after QuickScorer [1]. Lookups do not wait
// for one another, as the steps of a walk do, and there is no branch to
// mispredict.
//
// [1] C. Lucchese et al., "QuickScorer: A Fast Algorithm to Rank Documents with
// Additive Ensembles of Regression Trees", SIGIR 2015, pp. 73–82.
type scorer struct {
	columns []int     // of the matrix, that have a lookup
	lookups []*lookup // by position in columns
	trees   []treeScorer
	pool    sync.Pool // of *batch
	base    float64
}

// treeScorer adds the values of one tree to the scores of a block.
type treeScorer interface {
	addTo(score []float64, b *batch)
}

// batch is a block of rows as the trees see it.
type batch struct {
	bins   [][scoreRows]uint8 // by position in scorer.columns
	small  [scoreRows]uint32
	large  [scoreRows]uint64
	cols   [][]float32 // of the matrix
	offset int         // of the block in cols
}

func newScorer(m *Ensemble) *scorer {
	s := &scorer{base: m.base}
	thresholds := thresholdsOf(m.trees, len(m.names))
	for j, c := range m.categories {
		if len(c) > 0 {
			thresholds[j].values = c.cuts()[:len(c)-1] // the bin of a category is its place
		}
	}
	position := make([]int, len(m.names)) // in s.columns; −1 if it has no lookup
	for j, t := range thresholds {
		position[j] = -1
		if t.used && len(t.values) < maxBins {
			position[j] = len(s.columns)
			s.columns = append(s.columns, j)
			s.lookups = append(s.lookups, newLookup(t.values))
		}
	}
	for _, t := range m.trees {
		s.trees = append(s.trees, s.compile(t, position))
	}
	return s
}

type thresholds struct {
	used   bool
	values []float32 // distinct, rising, without math.MaxFloat32
}

func thresholdsOf(trees []tree, columns int) []thresholds {
	all := make([]thresholds, columns)
	for _, t := range trees {
		for i := range t {
			if !t[i].isLeaf() {
				c := &all[t[i].column]
				c.used = true
				if t[i].set == nil && t[i].threshold < math.MaxFloat32 {
					c.values = append(c.values, t[i].threshold)
				}
			}
		}
	}
	for j := range all {
		slices.SortFunc(all[j].values, cmp.Compare)
		all[j].values = slices.Compact(all[j].values)
	}
	return all
}

// masks are the tables of a tree.
type masks[M uint32 | uint64] struct {
	positions []int       // of its columns; padded to a multiple of four
	tables    [][256]M    // by column: the leaves still possible, by bin
	values    [64]float64 // by leaf
}

func compileMasks[M uint32 | uint64](s *scorer, t tree, position []int) *masks[M] {
	m := new(masks[M])
	first, last := leafRanges(t, m.values[:])
	at := map[int]int{} // column to table
	for i := range t {
		if t[i].isLeaf() {
			continue
		}
		p := position[t[i].column]
		k, ok := at[p]
		if !ok {
			k = len(m.tables)
			at[p] = k
			m.positions = append(m.positions, p)
			m.tables = append(m.tables, allLeaves[M]())
		}
		leftLeaves := M(1)<<(last[t[i].left]-first[i]) - 1
		m.exclude(k, &t[i], s.lookups[p], leftLeaves<<first[i])
	}
	for len(m.tables)%4 != 0 || len(m.tables) == 0 {
		m.positions = append(m.positions, 0)
		m.tables = append(m.tables, allLeaves[M]())
	}
	return m
}

func allLeaves[M uint32 | uint64]() (table [256]M) {
	for b := range table {
		table[b] = ^M(0)
	}
	return table
}

// exclude removes the leaves on the left of n for every bin that goes right.
func (m *masks[M]) exclude(k int, n *node, l *lookup, left M) {
	if n.set != nil {
		for b := range missingBin {
			if !n.set.has(b) {
				m.tables[k][b] &^= left
			}
		}
		if !n.missingLeft {
			m.tables[k][missingBin] &^= left
		}
		return
	}
	bin := maxBins - 1 // at math.MaxFloat32 all but the missing go left
	if n.threshold < math.MaxFloat32 {
		bin = int(l.bin(n.threshold))
	}
	for b := bin + 1; b < missingBin; b++ {
		m.tables[k][b] &^= left
	}
	if !n.missingLeft {
		m.tables[k][missingBin] &^= left
	}
}

// leafRanges numbers the leaves from left to right, puts the values in the same
// order, and returns for each node the first leaf below it and the leaf after
// its last.
func leafRanges(t tree, values []float64) (first, last []int) {
	first, last = make([]int, len(t)), make([]int, len(t))
	n := 0
	var visit func(i int32)
	visit = func(i int32) {
		first[i] = n
		if t[i].isLeaf() {
			values[n] = t[i].value
			n++
		} else {
			visit(t[i].left)
			visit(t[i].right)
		}
		last[i] = n
	}
	visit(0)
	return first, last
}

func (m *masks[M]) addTo(score []float64, b *batch) {
	var possible []M
	switch p := any(&possible).(type) {
	case *[]uint32:
		*p = b.small[:len(score)]
	case *[]uint64:
		*p = b.large[:len(score)]
	}
	for k := 0; k < len(m.tables); k += 4 {
		t, p := m.tables[k:k+4], m.positions[k:k+4]
		intersect(possible, k == 0, (*[4][256]M)(t), &b.bins[p[0]], &b.bins[p[1]], &b.bins[p[2]], &b.bins[p[3]])
	}
	for i, p := range possible {
		score[i] += m.values[bits.TrailingZeros64(uint64(p))&63]
	}
}

// intersect removes the leaves that four columns exclude.
func intersect[M uint32 | uint64](possible []M, first bool, t *[4][256]M, a, b, c, d *[scoreRows]uint8) {
	if len(possible) > scoreRows {
		panic("boost: BUG: a block of too many rows")
	}
	if first {
		for i := range possible {
			possible[i] = t[0][a[i]] & t[1][b[i]] & t[2][c[i]] & t[3][d[i]]
		}
		return
	}
	for i := range possible {
		possible[i] &= t[0][a[i]] & t[1][b[i]] & t[2][c[i]] & t[3][d[i]]
	}
}
