package tree

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

// open finds the best split of d. It returns nil if d stays a leaf. A nil
// histogram is filled here where needed.
func (g *grower) open(d *draft, h *histogram) (*pending, error) {
	if !g.splittable(d) {
		g.pool.putHistogram(h)
		return nil, nil
	}
	if h == nil && g.needsHistogram(d) {
		var err error
		if h, err = g.count(d); err != nil {
			return nil, err
		}
	}
	base, err := g.findSplit(d, h)
	if err != nil {
		return nil, err
	}
	d.gain = max(0, (d.split.score-base)/g.total)
	if !d.split.found || d.gain+gainSlack < g.config.MinGain {
		d.split = split{}
		g.pool.putHistogram(h)
		return nil, nil
	}
	return &pending{node: d, hist: h}, nil
}

// gainSlack keeps a gain that equals MinGain but for rounding.
const gainSlack = 1e-15

// findSplit sets d.split to the best split over all columns, the lowest column
// winning ties, and returns the merit of the node unsplit.
func (g *grower) findSplit(d *draft, h *histogram) (base float64, err error) {
	best := make([]split, len(g.sample.columns))
	workers := g.workersFor(d)
	tasks := min(len(best), 4*workers)
	if workers == 1 {
		tasks = 1
	}
	err = models.Parallel(g.ctx, workers, tasks, func(t int) error {
		w := g.pool.workspace()
		defer g.pool.putWorkspace(w)
		for j := t * len(best) / tasks; j < (t+1)*len(best)/tasks; j++ {
			if err := w.bestOf(g.ctx, g, d, h, j); err != nil {
				return err
			}
			best[j] = w.sweeper.best
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, s := range best {
		if s.found && (!d.split.found || s.score > d.split.score) {
			d.split = s
		}
	}
	w := g.pool.workspace()
	defer g.pool.putWorkspace(w)
	w.sweeper.node = &d.stats
	if d.split.found {
		err = w.refine(g.ctx, g, d, h)
	}
	return w.sweeper.base(), err
}

// bestOf finds the best split of column j.
func (w *workspace) bestOf(ctx context.Context, g *grower, d *draft, h *histogram, j int) error {
	w.sweeper.node = &d.stats
	w.sweeper.best = split{}
	c := &g.sample.columns[j]
	rows := g.rows[d.lo:d.hi]
	if c.codes == nil {
		return w.sweeper.sweepValues(ctx, j, g.sample, rows, w)
	}
	w.fillBins(g, d, h, j)
	if c.kind == Categorical {
		w.sweeper.sweepSets(j, w.bins)
	} else {
		w.sweeper.sweepBins(j, c, w.bins)
	}
	w.bins.reset()
	return nil
}

// fillBins fills w.bins with column j of d: from the histogram of d, or from
// its rows where d has no histogram.
func (w *workspace) fillBins(g *grower, d *draft, h *histogram, j int) {
	if h != nil {
		w.bins.takeHistogram(g.sample, &g.layout, h, g.layout.place[j])
	} else {
		w.bins.takeRows(g.sample, j, g.rows[d.lo:d.hi])
	}
}
