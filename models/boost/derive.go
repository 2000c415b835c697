package boost

import (
	"context"
	"errors"

	"github.com/quintile-dev/quintile/models/boost/internal/kernel"
)

// derivation is what a pass over the rows to learn from found.
type derivation struct {
	extent extent
	loss   float64 // in sum
	sizes  entry   // the sums of |g′| and h′
}

func (d *derivation) merge(o derivation) {
	d.extent.merge(o.extent)
	d.loss += o.loss
	d.sizes.g += o.sizes.g
	d.sizes.h += o.sizes.h
}

// derive computes the gradients at the present scores, and the losses. Where the
// next tree learns from every row, withRoot, derive also adds up the histogram of
// the root while the rows are in the cache.
//
// The gradients are rounded in the units of the round before, in the same pass,
// and a second time only where the units have to change, a rare case, as units
// are powers of two.
func (b *booster) derive(ctx context.Context, withRoot bool) error {
	withRoot = withRoot && b.data.groups > 0 && b.divisible(b.problem.rows, 0)
	d, err := b.pass(ctx, withRoot && b.fixed.unitG != 0)
	if err != nil {
		return err
	}
	if d.extent.overflows() {
		return errors.New("boost: the gradients overflow: rescale the target or the weights")
	}
	if f := unitsFor(d.extent); f.unitG != b.fixed.unitG || f.unitH != b.fixed.unitH {
		f.packed = true
		b.fixed = f
		if d, err = b.pass(ctx, withRoot); err != nil {
			return err
		}
	}
	guess := b.fixed.packed
	b.fixed.settle(d, b.problem.rows)
	b.rootKnown = b.rootKnown && guess == b.fixed.packed

	p := b.problem
	b.report.TrainLoss = append(b.report.TrainLoss, d.loss/p.trainWeight)
	if p.rows < len(p.target) {
		loss, err := b.validLoss(ctx)
		if err != nil {
			return err
		}
		b.report.ValidLoss = append(b.report.ValidLoss, loss)
	}
	return nil
}

// pass derives every row to learn from and writes the gradient beside the bins,
// in the units of b.fixed where they exist. With withRoot, pass also adds the
// rows up.
func (b *booster) pass(ctx context.Context, withRoot bool) (derivation, error) {
	n := blocks(b.problem.rows)
	found := make([]derivation, n)
	total, err := b.sumBlocks(ctx, b.rootHist, len(b.summers), n, func(s *summer, hist []entry, t int) {
		last := min(b.problem.rows, (t+1)*blockRows)
		found[t].extent = noExtent()
		for from := t * blockRows; from < last; from += derivedRows {
			found[t].merge(b.deriveChunk(s, from, min(last, from+derivedRows), withRoot))
		}
		if withRoot {
			b.drain(s, hist)
		}
	})
	b.rootKnown, b.rootTotal = withRoot, total
	d := derivation{extent: noExtent()}
	for _, f := range found {
		d.merge(f)
	}
	return d, err
}

// derivedRows is the number of rows derived at a time: at most chunkRows, but the
// same on every machine, because the losses of these rows are summed up together.
const derivedRows = 1 << 10

// deriveChunk is pass for at most derivedRows rows.
func (b *booster) deriveChunk(s *summer, from, to int, withRoot bool) (d derivation) {
	p, stride := b.problem, b.data.stride
	var weight []float64
	if p.weight != nil {
		weight = p.weight[from:to]
	}
	values := s.values[:to-from]
	d.extent, d.loss = b.objective.derive(values, b.score[from:to], p.target[from:to], weight)
	if b.fixed.unitG == 0 {
		return d
	}
	rows := b.data.rows[from*stride : to*stride]
	d.sizes.g, d.sizes.h = kernel.Fix(rows, stride, values, 1/b.fixed.unitG, 1/b.fixed.unitH)
	if withRoot {
		b.total(s, values)
		for group := range b.data.groups {
			b.add(s, group, rows[1+group:], stride, kernel.Ahead{})
		}
	}
	return d
}
