package boost

import "github.com/quintile-dev/quintile/models"

// mostTabled is the number of inner nodes up to which a tree is explained by a
// table of its answers: 2ⁿ entries, each computed once per ensemble.
const mostTabled = 8

// table holds the Shapley values of a tree for every combination of the answers
// of its inner nodes, where answer k is 1 if a row goes left at node k. A tree
// of eight leaves is explained ten times as fast by table as leaf by leaf.
type table struct {
	nodes   []node    // inner ones, in the order of the tree
	columns []int32   // distinct, that the nodes ask about
	values  []float64 // answers·len(columns) + column
}

// newTable returns the table of t, with paths for its leaves, or nil where the
// table would be too large.
func newTable(t tree, paths []path) *table {
	if inner := len(t) / 2; inner == 0 || inner > mostTabled {
		return nil
	}
	b := &table{}
	number := make([]int, len(t)) // of the inner nodes
	at := map[int32]int{}
	for i, n := range t {
		if n.isLeaf() {
			continue
		}
		number[i] = len(b.nodes)
		b.nodes = append(b.nodes, n)
		if _, ok := at[n.column]; !ok {
			at[n.column] = len(b.columns)
			b.columns = append(b.columns, n.column)
		}
	}
	leaves := turnsTo(t, number)
	b.values = make([]float64, len(b.columns)<<len(b.nodes))
	var s shapleyScratch
	for answers := range 1 << len(b.nodes) {
		values := b.values[answers*len(b.columns):][:len(b.columns)]
		for l := range paths {
			p := &paths[l]
			for k := range p.conditions {
				s.answers[k] = leaves[l].passes(answers, p.conditions[k].column, b.nodes)
			}
			p.shapley(s.values[:len(p.conditions)], &s)
			for k := range p.conditions {
				values[at[p.conditions[k].column]] += s.values[k]
			}
		}
	}
	return b
}

// turn is an inner node above a leaf, and the way on to it.
type turn struct {
	node int // its number
	left bool
}

type turns []turn

// passes reports whether the answers of all nodes of a column lead to the leaf.
func (w turns) passes(answers int, column int32, nodes []node) bool {
	for _, v := range w {
		if nodes[v.node].column == column && (answers>>v.node&1 == 1) != v.left {
			return false
		}
	}
	return true
}

// turnsTo returns the turns to each leaf, in the order of tree.paths.
func turnsTo(t tree, number []int) []turns {
	var out []turns
	var visit func(i int32, above turns)
	visit = func(i int32, above turns) {
		if t[i].isLeaf() {
			out = append(out, above)
			return
		}
		above = above[:len(above):len(above)]
		visit(t[i].left, append(above, turn{number[i], true}))
		visit(t[i].right, append(above, turn{number[i], false}))
	}
	visit(0, nil)
	return out
}

// addTo adds the values of the tree for the rows of x from row first on, as many
// as answers has, d values a row.
func (b *table) addTo(dst []float64, x models.Matrix, first int, answers *[explainRows]uint16, rows int) {
	a := answers[:rows]
	clear(a)
	for k := range b.nodes {
		n := &b.nodes[k]
		col := x.Cols[n.column][first : first+len(a)]
		bit := uint16(1) << k
		if n.set != nil {
			for i, v := range col {
				if n.goesLeft(v) {
					a[i] |= bit
				}
			}
			continue
		}
		if n.missingLeft {
			for i, v := range col {
				if !(v > n.threshold) {
					a[i] |= bit
				}
			}
			continue
		}
		for i, v := range col {
			if v <= n.threshold {
				a[i] |= bit
			}
		}
	}
	d, w := len(x.Cols), len(b.columns)
	for i, answer := range a {
		row := dst[i*d : (i+1)*d]
		for k, v := range b.values[int(answer)*w:][:w] {
			row[b.columns[k]] += v
		}
	}
}
