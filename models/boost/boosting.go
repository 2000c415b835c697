package boost

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// booster runs the rounds of a fit.
type booster struct {
	grower
	problem   *problem
	objective objective
	base      float64
	score     []float64 // of every row, after the trees so far
	trees     []tree
	report    Report
}

func newBooster(c Config, p *problem, data *binned) *booster {
	n := len(p.target)
	b := &booster{
		problem:   p,
		objective: objective{c.Loss, c.QuantileProb},
		score:     make([]float64, n),
		report:    Report{Rows: p.rows, ValidRows: n - p.rows},
		grower: grower{
			config:      c,
			reg:         regulariser{c.L1, c.L2},
			data:        data,
			rows:        make([]uint32, 0, p.rows),
			spare:       make([]uint32, n),
			active:      make([]bool, len(data.columns)),
			activeGroup: make([]bool, data.groups),
			rootHist:    make([]entry, data.entries),
		},
	}
	// More goroutines than that would have nothing to do.
	for range max(1, min(c.Workers, p.rows/fewestRows)) {
		b.summers = append(b.summers, new(summer))
	}
	b.report.warnAboutData(c, p, data)
	b.base = p.base(b.objective)
	for i := range b.score {
		b.score[i] = b.base
	}
	return b
}

// run grows the trees and chooses how many to keep.
func (b *booster) run(ctx context.Context) error {
	noGain := b.problem.constantTarget()
	for round := 0; round < b.config.Trees && !noGain; round++ {
		b.drawColumns(round)
		if err := b.derive(ctx, b.config.RowShare == 1); err != nil {
			return err
		}
		if b.stop() {
			break
		}
		t, err := b.round(ctx, round)
		if err != nil {
			return err
		}
		if len(t) == 1 && b.config.RowShare == 1 && b.config.ColumnShare == 1 {
			noGain = true
			break
		}
		b.trees = append(b.trees, t)
	}
	if len(b.report.TrainLoss) == len(b.trees) {
		if err := b.derive(ctx, false); err != nil {
			return err
		}
		b.stop()
	}
	b.keepBest(noGain)
	return nil
}

// validLoss returns the mean loss of the validation rows.
func (b *booster) validLoss(ctx context.Context) (float64, error) {
	p := b.problem
	target, score := p.target[p.rows:], b.score[p.rows:]
	losses := make([]float64, blocks(len(target)))
	err := models.Parallel(ctx, b.config.Workers, len(losses), func(t int) error {
		for k, y := range block(target, t) {
			i := t*blockRows + k
			loss, _, _ := b.objective.at(score[i], y)
			losses[t] += float64(p.weightOf(p.rows+i) * loss)
		}
		return nil
	})
	var sum float64
	for _, l := range losses {
		sum += l
	}
	return sum / p.validWeight, err
}

// stop reports whether the validation loss has not fallen for too long.
func (b *booster) stop() bool {
	if b.config.Patience == 0 || b.report.ValidLoss == nil { // a single row leaves none to validate on
		return false
	}
	b.report.EarlyStopped = len(b.trees)-best(b.report.ValidLoss) >= b.config.Patience
	return b.report.EarlyStopped
}

// best returns the first index of the least loss.
func best(losses []float64) int {
	return slices.Index(losses, slices.Min(losses))
}

// keepBest drops the trees that made the validation loss worse, if asked to, and
// completes the report.
func (b *booster) keepBest(noGain bool) {
	r := &b.report
	if b.config.Patience > 0 && r.ValidLoss != nil {
		b.trees = b.trees[:best(r.ValidLoss)]
	}
	r.Trees = len(b.trees)
	r.BestIteration = r.Trees
	if r.ValidLoss != nil {
		r.BestIteration = best(r.ValidLoss)
	}
	r.Converged = r.EarlyStopped || noGain
	r.warnAboutEnd(b.config, noGain)
}

// round grows one tree and adds its values to the scores.
func (b *booster) round(ctx context.Context, round int) (tree, error) {
	if err := b.drawRows(ctx, b.problem, round); err != nil {
		return nil, err
	}
	if err := b.grow(ctx); err != nil {
		return nil, err
	}
	if len(b.leaves) > 1 {
		if err := b.settle(ctx); err != nil {
			return nil, err
		}
	}
	return slices.Clone(b.nodes), nil
}

// settle sets the values of the leaves and adds them to the scores of their rows.
func (b *booster) settle(ctx context.Context) error {
	return models.Parallel(ctx, len(b.summers), len(b.leaves), func(t int) error {
		l := b.leaves[t]
		rows := b.rows[l.in.from:l.in.to]
		value := b.valueOf(l)
		if b.objective.loss == Quantile {
			value = b.problem.renewed(rows, b.score, b.objective.alpha)
		}
		value *= b.config.LearningRate
		b.nodes[l.node].value = value
		addTo(b.score, rows, value)
		addTo(b.score, b.others[l.others.from:l.others.to], value)
		return nil
	})
}

func addTo(score []float64, rows []uint32, value float64) {
	for _, r := range rows {
		score[r] += value
	}
}
