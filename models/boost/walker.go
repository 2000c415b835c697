package boost

import "math"

// mostTables is the number of columns of a tree up to which lookups in the
// tables of all its columns are faster than a walk; the number also bounds the
// memory for tables.
const mostTables = 32

// compile chooses how to score a tree.
func (s *scorer) compile(t tree, position []int) treeScorer {
	used := map[int32]bool{}
	binned, sets := true, false
	for i := range t {
		if !t[i].isLeaf() {
			used[t[i].column] = true
			binned = binned && position[t[i].column] >= 0
			sets = sets || t[i].set != nil
		}
	}
	switch {
	case !binned:
		return walked(t)
	case t.leaves() <= 32 && len(used) <= mostTables:
		return compileMasks[uint32](s, t, position)
	case t.leaves() <= 64 && len(used) <= mostTables:
		return compileMasks[uint64](s, t, position)
	case sets:
		return walked(t)
	}
	return s.compileSteps(t, position)
}

// walked is a tree scored by a walk from the root, row by row, by thresholds.
type walked tree

func (w walked) addTo(score []float64, b *batch) {
	for i := range score {
		n := &w[0]
		for !n.isLeaf() {
			n = &w[n.next(b.cols[n.column][b.offset+i])]
		}
		score[i] += n.value
	}
}

// stepped is a tree scored by bins, several rows at a time and without a
// branch: three times as fast as row by row.
type stepped struct {
	steps  []step
	values []float64 // by node
}

// step is a node. A row whose bin plus offset, as a uint8, is at most last goes to
// the first of next, so an offset of 1 makes the missing bin the lowest. A leaf
// goes to itself.
type step struct {
	position int32 // of the column, in scorer.columns
	next     [2]int32
	offset   uint8
	last     uint8
}

func (s *scorer) compileSteps(t tree, position []int) *stepped {
	w := &stepped{steps: make([]step, len(t)), values: make([]float64, len(t))}
	for i, n := range t {
		w.values[i] = n.value
		if n.isLeaf() {
			w.steps[i].next = [2]int32{int32(i), int32(i)}
			continue
		}
		p := position[n.column]
		st := step{position: int32(p), next: [2]int32{n.left, n.right}, last: missingBin - 1}
		if n.threshold < math.MaxFloat32 {
			st.last = s.lookups[p].bin(n.threshold)
		}
		if n.missingLeft {
			st.offset, st.last = 1, st.last+1
		}
		w.steps[i] = st
	}
	return w
}

// go1 returns the node after node n for row i.
func (w *stepped) go1(n int32, b *batch, i int) int32 {
	s := &w.steps[n]
	bin := b.bins[s.position][i&(scoreRows-1)] + s.offset
	return s.next[(int64(s.last)-int64(bin))>>63&1]
}

func (w *stepped) addTo(score []float64, b *batch) {
	i := 0
	for ; i+4 <= len(score); i += 4 {
		var n0, n1, n2, n3 int32
		for moved := true; moved; {
			m0, m1, m2, m3 := w.go1(n0, b, i), w.go1(n1, b, i+1), w.go1(n2, b, i+2), w.go1(n3, b, i+3)
			moved = (m0^n0)|(m1^n1)|(m2^n2)|(m3^n3) != 0
			n0, n1, n2, n3 = m0, m1, m2, m3
		}
		score[i] += w.values[n0]
		score[i+1] += w.values[n1]
		score[i+2] += w.values[n2]
		score[i+3] += w.values[n3]
	}
	for ; i < len(score); i++ {
		n := int32(0)
		for m := w.go1(n, b, i); m != n; m = w.go1(n, b, i) {
			n = m
		}
		score[i] += w.values[n]
	}
}
