package boost

import (
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// Report says how a fit went.
type Report struct {
	Trees         int       // in the ensemble
	BestIteration int       // the number of trees with the least validation loss; Trees where none was asked for
	TrainLoss     []float64 // mean loss of the rows learned from, after 0, 1, … trees
	ValidLoss     []float64 // the same of the validation rows; nil without them
	EarlyStopped  bool      // no better validation loss for Patience rounds
	// Converged reports that more rounds are not useful: early stopping ended
	// the fit, or no split with a gain was left.
	Converged bool
	Rows      int // learned from; rows of weight 0 are not counted
	ValidRows int
	Warnings  []models.Warning
}

func (r *Report) warn(code string, count int, format string, args ...any) {
	r.Warnings = append(r.Warnings, models.Warning{Code: code, Message: fmt.Sprintf(format, args...), Count: count})
}

// warnAboutData adds what the data alone gives reason for.
func (r *Report) warnAboutData(c Config, p *problem, b *binned) {
	_, d := p.train.x.Dims()
	if n := d - len(b.columns); n > 0 {
		r.warn("constant_column", n, "%d of %d columns hold a single value or none, and were not used", n, d)
	}
	for j, n := range p.pooled {
		if n > 0 {
			r.warn("categories_pooled", n, "column %q has %d categories: the %d least frequent count as missing",
				p.train.x.Name(j), len(p.categories[j])+n, n)
		}
	}
	if p.constantTarget() {
		r.warn("constant_target", 1, "all %d rows have the target %g: the ensemble predicts nothing else", p.rows, p.target[0])
	} else if p.rows < 2*c.MinRows {
		r.warn("too_few_rows", p.rows, "%d rows cannot make two leaves of min_rows %d", p.rows, c.MinRows)
	}
}

// warnAboutEnd adds the warnings that only a finished fit can give. noGain
// reports that the last tree found no split.
func (r *Report) warnAboutEnd(c Config, noGain bool) {
	switch {
	case r.Trees == 0 && len(r.Warnings) == 0:
		r.warn("no_split", 1, "no split of the %d rows gains anything", r.Rows)
	case noGain && r.Trees > 0:
		r.warn("no_more_gain", 1, "after %d of %d trees no split was left that gains anything", r.Trees, c.Trees)
	case c.Patience > 0 && !r.Converged:
		r.warn("not_converged", 1, "the validation loss still fell within the last %d of %d trees; raise trees", c.Patience, c.Trees)
	}
}
