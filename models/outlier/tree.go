package outlier

import (
	"math"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models"
)

// node is a cut, or a leaf. A leaf is a cut that sends every row back to
// itself, so that a walk of fixed length needs no test for leaves.
type node struct {
	split float32 // rows below go to left, the others to left+1; +Inf in a leaf
	col   int32   // 0 in a leaf
	left  int32   // the leaf itself in a leaf
	size  int32   // rows of the sample that came here, ≥ 1
}

// tree holds its nodes with parents before children and children side by side.
type tree struct {
	nodes []node
	path  []float64 // per node, used of leaves: the cuts down to it and those it spares
	depth int       // of the deepest leaf
}

func (t *tree) isLeaf(k int) bool { return int(t.nodes[k].left) == k }

// setLeaf makes node k a leaf of size rows at the given depth.
func (t *tree) setLeaf(k, depth int, size int32) {
	t.nodes[k] = node{split: float32(math.Inf(1)), left: int32(k), size: size}
	t.path[k] = float64(depth) + averagePath(int(size))
	t.depth = max(t.depth, depth)
}

// extend appends room for count nodes and returns the number of the first.
func (t *tree) extend(count int) int {
	first := len(t.nodes)
	t.nodes = append(t.nodes, make([]node, count)...)
	t.path = append(t.path, make([]float64, count)...)
	return first
}

// grower grows one tree.
type grower struct {
	tree
	x     models.Matrix
	rng   *rand.Rand
	limit int     // greatest depth
	spare []int32 // room for partition
}

// draw returns size of n row numbers, without replacement (Floyd's method).
func (g *grower) draw(n, size int) []int32 {
	rows := make([]int32, 0, size)
	if size == n {
		for i := range n {
			rows = append(rows, int32(i))
		}
		return rows
	}
	drawn := make(map[int32]bool, size) // looked up, never ranged over
	for last := n - size; last < n; last++ {
		i := int32(g.rng.IntN(last + 1))
		if drawn[i] {
			i = int32(last)
		}
		drawn[i] = true
		rows = append(rows, i)
	}
	return rows
}

// grow makes node at the root of a tree over the given rows, and reorders the
// rows.
func (g *grower) grow(at, depth int, rows []int32) {
	g.setLeaf(at, depth, int32(len(rows)))
	if depth >= g.limit || len(rows) <= 1 {
		return
	}
	col, low, high := g.choose(rows)
	if col < 0 {
		return
	}
	// 1 − [0,1) lies in (0,1], so the least value goes left and the greatest
	// right, but for rounding.
	share := 1 - g.rng.Float64()
	split := float32(float64(low) + float64(share*(float64(high)-float64(low))))
	if !(split > low && split <= high) {
		split = high
	}
	middle := g.partition(rows, g.x.Cols[col], split)
	left := g.extend(2)
	g.nodes[at] = node{split: split, col: int32(col), left: int32(left), size: int32(len(rows))}
	g.grow(left, depth+1, rows[:middle])
	g.grow(left+1, depth+1, rows[middle:])
}

// choose draws a column among those that vary over the rows, and returns its
// range; −1 if none varies.
func (g *grower) choose(rows []int32) (col int, low, high float32) {
	// Mostly the first column drawn varies; only else are all looked at. Either
	// way every varying column is as likely.
	col = g.rng.IntN(len(g.x.Cols))
	if low, high = extent(rows, g.x.Cols[col]); low < high {
		return col, low, high
	}
	var varying []int
	for j, values := range g.x.Cols {
		if low, high := extent(rows, values); low < high {
			varying = append(varying, j)
		}
	}
	if len(varying) == 0 {
		return -1, 0, 0
	}
	col = varying[g.rng.IntN(len(varying))]
	low, high = extent(rows, g.x.Cols[col])
	return col, low, high
}

func extent(rows []int32, values []float32) (low, high float32) {
	low, high = values[rows[0]], values[rows[0]]
	for _, i := range rows[1:] {
		low, high = min(low, values[i]), max(high, values[i])
	}
	return low, high
}

// partition moves the rows below split to the front, keeping the order of
// both, and returns how many there are.
func (g *grower) partition(rows []int32, values []float32, split float32) int {
	right := g.spare[:0]
	kept := rows[:0]
	for _, i := range rows {
		if values[i] < split {
			kept = append(kept, i)
		} else {
			right = append(right, i)
		}
	}
	copy(rows[len(kept):], right)
	g.spare = right
	return len(kept)
}

// addPaths adds to dst[i] the path length of row i of x, which holds d values
// per row, row after row.
//
// Four rows walk side by side, each as many cuts as the deepest leaf has, since
// a processor cannot foresee the cuts: 100,000 rows of 16 columns took 0.16 s,
// and 1.7 s when each row walked alone until its leaf.
func (t *tree) addPaths(dst []float64, x []float32, d int) {
	nodes := t.nodes
	i := 0
	for ; i+4 <= len(dst); i += 4 {
		x0, x1, x2, x3 := x[i*d:][:d], x[(i+1)*d:][:d], x[(i+2)*d:][:d], x[(i+3)*d:][:d]
		var k0, k1, k2, k3 int32
		for range t.depth {
			k0, k1, k2, k3 = nodes[k0].next(x0), nodes[k1].next(x1), nodes[k2].next(x2), nodes[k3].next(x3)
		}
		dst[i] += t.path[k0]
		dst[i+1] += t.path[k1]
		dst[i+2] += t.path[k2]
		dst[i+3] += t.path[k3]
	}
	for ; i < len(dst); i++ {
		var k int32
		for range t.depth {
			k = nodes[k].next(x[i*d:][:d])
		}
		dst[i] += t.path[k]
	}
}

// next returns the node to which row x goes from n.
func (n *node) next(x []float32) int32 {
	var right int32
	if x[n.col] >= n.split {
		right = 1
	}
	return n.left + right
}
