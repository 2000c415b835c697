package tree

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

const (
	// subtreeRows is the node size below which one goroutine grows the whole
	// subtree; for larger nodes, the work of a single node is shared out.
	subtreeRows = 1 << 15
	// smallRows is the size of node below which bins are filled from the rows,
	// not kept as a histogram.
	smallRows = 1 << 10
	// blockRows is the number of rows that one task partitions.
	blockRows = 1 << 16
	// heldBytes bounds the memory of histograms of nodes that wait in the
	// queue.
	heldBytes = 64 << 20
)

// grower grows a tree on a sample. Subtrees handed to other goroutines share
// the slice of rows, each with a range of its own.
type grower struct {
	ctx     context.Context
	config  *Config
	sample  *sample
	layout  layout
	total   float64  // the weight of the sample
	rows    []uint32 // rows of every node side by side
	spare   []uint32
	lanes   lanes
	workers int
	subtree bool // all of the tree that is left is this goroutine's
	pool    *pool
}

// pending is a node with a split that has not been carried out.
type pending struct {
	node *draft
	hist *histogram // of the node; nil for a small one
}

// grow returns the root of the tree that the configuration allows.
func grow(ctx context.Context, c *Config, s *sample, workers int) (*draft, error) {
	g := &grower{
		ctx: ctx, config: c, sample: s, layout: newLayout(s), workers: workers,
		rows: append([]uint32(nil), s.rows...), spare: make([]uint32, len(s.rows)), lanes: newLanes(s),
	}
	g.pool = &pool{sample: s, config: c, layout: &g.layout}
	stats, err := s.measure(ctx, g.rows)
	if err != nil {
		return nil, err
	}
	root := &draft{hi: len(g.rows), stats: stats}
	g.total = root.stats.weight
	first, err := g.open(root, nil)
	if err != nil || first == nil {
		return root, err
	}
	if c.MaxLeaves < len(g.rows) {
		return root, g.growBest(first)
	}
	return root, g.growAll(first)
}

// growAll carries out every split, depth first. Big nodes are worked on by all
// workers together; the subtrees of the others are handed out in turn.
func (g *grower) growAll(first *pending) error {
	var later []*pending
	stack := []*pending{first}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !g.subtree && p.node.stats.rows <= subtreeRows {
			if len(later) > heldBytes/g.layout.bytesOrOne() {
				g.pool.release(p)
			}
			later = append(later, p)
			continue
		}
		left, right, err := g.expand(p)
		if err != nil {
			return err
		}
		// The smaller child on top, so that few histograms wait on the stack.
		if left != nil && right != nil && left.node.stats.rows > right.node.stats.rows {
			left, right = right, left
		}
		for _, child := range []*pending{right, left} {
			if child != nil {
				stack = append(stack, child)
			}
		}
	}
	return models.Parallel(g.ctx, g.workers, len(later), func(i int) error {
		sub := *g
		sub.workers, sub.subtree = 1, true
		return sub.growAll(later[i])
	})
}

// expand carries out a split and opens the two children; a child that stays a
// leaf comes back as nil.
func (g *grower) expand(p *pending) (left, right *pending, err error) {
	d := p.node
	middle, err := g.partition(d)
	if err != nil {
		return nil, nil, err
	}
	d.left = &draft{lo: d.lo, hi: middle, depth: d.depth + 1}
	d.right = &draft{lo: middle, hi: d.hi, depth: d.depth + 1}
	children := []*draft{d.left, d.right}
	err = models.Parallel(g.ctx, g.workersFor(d), len(children), func(i int) error {
		child := children[i]
		var err error
		child.stats, err = g.sample.measure(g.ctx, g.rows[child.lo:child.hi])
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	hl, hr, err := g.histograms(p.hist, d.left, d.right)
	if err != nil {
		return nil, nil, err
	}
	if left, err = g.open(d.left, hl); err != nil {
		return nil, nil, err
	}
	right, err = g.open(d.right, hr)
	return left, right, err
}

// splittable reports whether the limits let a node have children.
func (g *grower) splittable(d *draft) bool {
	c := g.config
	return !d.stats.pure && d.depth < c.MaxDepth && d.stats.rows/2 >= c.MinLeafRows && d.stats.weight/2 >= c.MinLeafWeight
}

// needsHistogram reports whether the best split of d is found in a histogram.
func (g *grower) needsHistogram(d *draft) bool {
	return len(g.layout.binned) > 0 && d.stats.rows > smallRows && g.splittable(d)
}

// histograms returns the histograms of the children that need one. Where the
// parent's histogram is known, only the smaller child is counted: the histogram
// of the larger child is the difference.
func (g *grower) histograms(parent *histogram, left, right *draft) (hl, hr *histogram, err error) {
	small, large := left, right
	if left.stats.rows > right.stats.rows {
		small, large = right, left
	}
	var hs, hb *histogram
	if g.needsHistogram(small) || parent != nil && g.needsHistogram(large) {
		if hs, err = g.count(small); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case !g.needsHistogram(large):
		g.pool.putHistogram(parent)
	case parent != nil:
		parent.subtract(hs)
		hb = parent
	default:
		if hb, err = g.count(large); err != nil {
			return nil, nil, err
		}
	}
	if !g.needsHistogram(small) {
		g.pool.putHistogram(hs)
		hs = nil
	}
	if small == left {
		return hs, hb, nil
	}
	return hb, hs, nil
}

// count returns the histogram of d's rows.
func (g *grower) count(d *draft) (*histogram, error) {
	rows := g.rows[d.lo:d.hi]
	blocks := (len(rows) + blockRows - 1) / blockRows
	err := models.Parallel(g.ctx, g.workersFor(d), blocks, func(i int) error {
		from := i * blockRows
		g.lanes.load(g.sample, rows[from:min(from+blockRows, len(rows))], d.lo+from)
		return nil
	})
	if err != nil {
		return nil, err
	}
	h := g.pool.histogram()
	pairs := (len(g.layout.binned) + 1) / 2
	err = models.Parallel(g.ctx, g.workersFor(d), pairs, func(i int) error {
		return h.fillPair(g.ctx, g.sample, &g.layout, 2*i, rows, &g.lanes, d.lo)
	})
	return h, err
}

// workersFor returns how many goroutines the work on d is worth.
func (g *grower) workersFor(d *draft) int {
	if d.hi-d.lo <= subtreeRows/8 {
		return 1
	}
	return g.workers
}
