package tree

import "container/heap"

// PruneStep is one step on the way from the tree as it grew to its root.
type PruneStep struct {
	// Alpha is the price of a leaf, in units of impurity, from which on the
	// step pays. It rises from step to step but for rounding; 0 at the start.
	Alpha float64 `json:"alpha"`
	// Leaves is the number of leaves after the step.
	Leaves int `json:"leaves"`
	// Impurity is the mean impurity of the leaves after the step, by weight.
	Impurity float64 `json:"impurity"`

	node int // made a leaf by the step; -1 for the start
}

// PruningPath returns the steps of minimal cost-complexity pruning [1]: each
// step makes a leaf of the node t whose subtree gains least per leaf, the node
// with the least
//
//	α(t) = (R(t) − R(subtree of t)) / (leaves − 1)
//
// where R is impurity times share of the weight. The first entry is the tree
// before any step, the last one the root alone.
//
// Cost: O(n · depth · log n) in the number n of nodes.
//
// [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and
// Regression Trees", 1984, chapter 3.
func (t *Tree) PruningPath() []PruneStep {
	p := newPruner(t)
	steps := []PruneStep{{Alpha: 0, Leaves: p.leaves[0], Impurity: p.below[0], node: -1}}
	for p.queue.Len() > 0 {
		w := heap.Pop(&p.queue).(weakLink)
		if w.version != p.version[w.node] {
			continue // out of date, or gone
		}
		p.prune(w.node)
		steps = append(steps, PruneStep{Alpha: w.alpha, Leaves: p.leaves[0], Impurity: p.below[0], node: w.node})
	}
	return steps
}

// Pruned returns t pruned at price alpha of a leaf: the steps of PruningPath up
// to the first whose Alpha is greater. t is not modified.
func (t *Tree) Pruned(alpha float64) *Tree {
	leaf := make(map[int]bool)
	for _, s := range t.PruningPath()[1:] {
		if s.Alpha > alpha {
			break
		}
		leaf[s.node] = true
	}
	return t.cut(func(node int) bool { return leaf[node] })
}

// pruner walks the pruning path of a tree.
type pruner struct {
	nodes   []node
	parent  []int     // -1 above the root
	alone   []float64 // R of the node as a leaf
	below   []float64 // R of the leaves below it at present
	leaves  []int     // the leaves below it at present
	version []int     // of its entry in the queue; -1 if it is no inner node any more
	queue   weakLinks
}

func newPruner(t *Tree) *pruner {
	n := len(t.nodes)
	p := &pruner{
		nodes: t.nodes, parent: make([]int, n), alone: make([]float64, n),
		below: make([]float64, n), leaves: make([]int, n), version: make([]int, n),
	}
	p.parent[0] = -1
	for i := n - 1; i >= 0; i-- {
		q := &t.nodes[i]
		p.alone[i] = q.weight * q.impurity / t.nodes[0].weight
		if q.isLeaf() {
			p.below[i], p.leaves[i], p.version[i] = p.alone[i], 1, -1
			continue
		}
		p.parent[i+1], p.parent[q.right] = i, i
		p.below[i] = p.below[i+1] + p.below[q.right]
		p.leaves[i] = p.leaves[i+1] + p.leaves[q.right]
		p.queue = append(p.queue, p.link(i))
	}
	heap.Init(&p.queue)
	return p
}

func (p *pruner) link(i int) weakLink {
	return weakLink{alpha: (p.alone[i] - p.below[i]) / float64(p.leaves[i]-1), node: i, version: p.version[i]}
}

// prune makes node i a leaf and tells its ancestors.
func (p *pruner) prune(i int) {
	p.forget(i)
	more, fewer := p.alone[i]-p.below[i], p.leaves[i]-1
	p.below[i], p.leaves[i] = p.alone[i], 1
	for a := p.parent[i]; a >= 0; a = p.parent[a] {
		p.below[a] += more
		p.leaves[a] -= fewer
		p.version[a]++
		heap.Push(&p.queue, p.link(a))
	}
}

// forget removes node i and all nodes below from the queue.
func (p *pruner) forget(i int) {
	stack := []int{i}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if p.version[i] >= 0 {
			p.version[i] = -1
			stack = append(stack, i+1, p.nodes[i].right)
		}
	}
}

// weakLink is a node that might be the next to be pruned.
type weakLink struct {
	alpha   float64
	node    int
	version int
}

// weakLinks is a heap, the least alpha first and of equals the lowest node.
type weakLinks []weakLink

func (h weakLinks) Len() int      { return len(h) }
func (h weakLinks) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h weakLinks) Less(i, j int) bool {
	if h[i].alpha != h[j].alpha {
		return h[i].alpha < h[j].alpha
	}
	return h[i].node < h[j].node
}

// Push and Pop are for container/heap.
func (h *weakLinks) Push(x any) { *h = append(*h, x.(weakLink)) }

// Pop removes the last element.
func (h *weakLinks) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
