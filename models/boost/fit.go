package boost

import (
	"context"
	"errors"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Fit grows an ensemble of trees by gradient boosting.
//
//	F₀ = the best constant
//	Fₖ(x) = Fₖ₋₁(x) + rate · tree(x),  leaf value = −Σg / (Σh + L2)
//
// where g and h are the first and second derivative of the loss at Fₖ₋₁. Every tree
// is grown leaf by leaf [1]: the next split is the leaf and the cut between two
// bins with the greatest gain,
//
//	gain = Gₗ²/(Hₗ+L2) + Gᵣ²/(Hᵣ+L2) − (Gₗ+Gᵣ)²/(Hₗ+Hᵣ+L2)
//
// Shape: x is n×d, n ≥ 1 and d ≥ 1; target has n values and weights n or is nil
// for all 1. Nothing is modified.
//
// Units: any, of the columns: only their order matters. See [Loss] for the target.
//
// Categories: a column of c.Categorical is split into a set of categories and the
// others, as in LightGBM: ordered by Σg/(Σh + 10), up to 32 categories from either
// end are the set, with 10 added to L2. Of at most 4 categories all sets are tried,
// and nothing is added.
//
// Missing: a NaN in x is a missing value; a split sends missing values to the side
// with the greater gain, and to the heavier side where the fit saw no missing
// value. Columns with a single value are not used, with a warning. A row of weight
// 0 counts as absent.
//
// Determinism: the result depends on the data, c and c.Seed only, never on
// c.Workers: gradients are rounded to fixed-point integers, of which any order of
// summing gives the same sum. With no sampling and at most 200,000 rows not even
// the order of the rows matters to the trees.
//
// Errors: *models.ConfigError, joined, for bad settings; *models.ValueError for an
// infinity in x, a target outside the range of the loss, and a weight that is
// negative or not finite; *models.ShapeError; ctx.Err() if cancelled. Too few rows
// or a constant target is no error: see Report.Warnings.
//
// Cost: O(n·d) time for each level of each tree, less than half of that by
// subtracting sibling histograms. About n·(2d+28) bytes beyond x.
//
// [1] G. Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision
// Tree", NIPS 2017, pp. 3146–3154.
func (c Config) Fit(ctx context.Context, x models.Matrix, target, weights []float64) (*Ensemble, Report, error) {
	return c.fit(ctx, Set{x, target, weights}, nil)
}

// FitValidated is [Config.Fit] with a validation set of the caller's: its loss
// is reported in Report.ValidLoss and, with c.Patience, ends the fit early.
// c.ValidShare must be 0.
func (c Config) FitValidated(ctx context.Context, train, valid Set) (*Ensemble, Report, error) {
	if c.ValidShare != 0 {
		return nil, Report{}, &models.ConfigError{Field: "valid_share", Got: c.ValidShare, Want: "0 where a validation set is given"}
	}
	return c.fit(ctx, train, &valid)
}

func (c Config) fit(ctx context.Context, train Set, valid *Set) (*Ensemble, Report, error) {
	err := c.Validate()
	if c.Patience > 0 && valid == nil && c.ValidShare == 0 {
		err = errors.Join(err, &models.ConfigError{Field: "patience", Got: c.Patience, Want: "0, or a validation set or valid_share to stop by"})
	}
	if err != nil {
		return nil, Report{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Report{}, err
	}
	p, err := c.pose(ctx, train, valid)
	if err != nil {
		return nil, Report{}, err
	}
	data, err := c.bin(ctx, p.train, p.valid, p.categories)
	if err != nil {
		return nil, Report{}, err
	}
	b := newBooster(c, p, data)
	if err := b.run(ctx); err != nil {
		return nil, Report{}, err
	}
	m, err := newEnsemble(c.Loss, c.lossParameter(), columnNames(train.X), b.base, p.categories, b.trees)
	if err != nil {
		panic("boost: BUG: " + err.Error())
	}
	return m, b.report, nil
}

// lossParameter is what the loss needs to be understood: the quantile, or 0.
func (c Config) lossParameter() float64 {
	if c.Loss == Quantile {
		return c.QuantileProb
	}
	return 0
}

func columnNames(x models.Matrix) []string {
	_, d := x.Dims()
	names := make([]string, d)
	for j := range names {
		names[j] = x.Name(j)
	}
	return names
}

// base returns the best constant score.
func (p *problem) base(o objective) float64 {
	if o.loss == Quantile {
		rows := make([]residual, p.rows)
		for i := range rows {
			rows[i] = residual{p.target[i], p.weightOf(i)}
		}
		return weightedQuantile(rows, o.alpha)
	}
	var sum, total float64
	for i, y := range p.target[:p.rows] {
		w := p.weightOf(i)
		sum += float64(w * y)
		total += w
	}
	switch o.loss {
	case Logistic:
		if sum == 0 || sum == total { // half a row against certainty
			sum = (float64(sum/total*float64(p.rows)) + 0.5) / (float64(p.rows) + 1)
			total = 1
		}
		return math.Log(sum / (total - sum))
	case Poisson:
		if sum == 0 {
			sum, total = 0.5, float64(p.rows)
		}
		return math.Log(sum / total)
	}
	return sum / total
}
