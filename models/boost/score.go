package boost

import (
	"context"
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// ScoreTo sets dst to the score of every row: log-odds for [Logistic], the
// logarithm of the mean for [Poisson], the prediction itself otherwise.
//
// Shape: x has the columns of the fit, in the same order; dst has one value per
// row. x is not modified. workers ≥ 1 goroutines share the rows.
//
// Missing: a NaN goes to the side learned in the fit, and so does the code of a
// category without a bin.
//
// Determinism: a row's score depends on that row only, to the bit.
//
// Errors: *models.ShapeError; *models.ValueError for an infinity; ctx.Err(). The
// contents of dst are then unspecified.
//
// Cost: O(rows · trees · columns per tree) for trees of at most 64 leaves; no
// allocation per row.
func (m *Ensemble) ScoreTo(ctx context.Context, dst []float64, x models.Matrix, workers int) error {
	return m.each(ctx, dst, x, workers, func([]float64) {})
}

// PredictTo is [Ensemble.ScoreTo] in the units of the target: the probability of
// a 1 for [Logistic], the mean for [Poisson] and [Squared], the quantile for
// [Quantile].
func (m *Ensemble) PredictTo(ctx context.Context, dst []float64, x models.Matrix, workers int) error {
	return m.each(ctx, dst, x, workers, func(scores []float64) {
		for i, f := range scores {
			scores[i] = m.response(f)
		}
	})
}

// ProbTo is [Ensemble.PredictTo] for an ensemble of the logistic loss, and an
// error for any other loss, as only the logistic loss has probabilities.
func (m *Ensemble) ProbTo(ctx context.Context, dst []float64, x models.Matrix, workers int) error {
	if m.loss != Logistic {
		return fmt.Errorf("boost: got an ensemble of the %s loss, want logistic for probabilities; use PredictTo", m.loss)
	}
	return m.PredictTo(ctx, dst, x, workers)
}

// each scores block by block and hands every block of scores to then.
func (m *Ensemble) each(ctx context.Context, dst []float64, x models.Matrix, workers int, then func([]float64)) error {
	if err := m.admit(ctx, x, workers); err != nil {
		return err
	}
	if n, _ := x.Dims(); len(dst) != n {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n}
	}
	x = placed(x, m.categories)
	tasks := (len(dst) + scoreRows - 1) / scoreRows
	return models.Parallel(ctx, workers, tasks, func(t int) error {
		b := m.scorer.batch(x)
		defer m.scorer.pool.Put(b)
		b.offset = t * scoreRows
		part := dst[b.offset:min(len(dst), b.offset+scoreRows)]
		m.scorer.score(part, b)
		then(part)
		return nil
	})
}

// admit refuses a matrix that the ensemble cannot read.
func (m *Ensemble) admit(ctx context.Context, x models.Matrix, workers int) error {
	if workers < 1 {
		return &models.ConfigError{Field: "workers", Got: workers, Want: "an integer ≥ 1"}
	}
	if err := x.Validate(); err != nil {
		return err
	}
	_, d := x.Dims()
	if d != len(m.names) {
		return &models.ShapeError{What: "columns", Got: d, Want: len(m.names)}
	}
	return refuseInfinities(ctx, x, workers)
}

// refuseInfinities returns a *models.ValueError for the first infinity of x, in
// column order.
func refuseInfinities(ctx context.Context, x models.Matrix, workers int) error {
	_, d := x.Dims()
	return models.Parallel(ctx, workers, d, func(j int) error {
		err := models.Matrix{Cols: x.Cols[j : j+1]}.CheckNotInfinite()
		var v *models.ValueError
		if errors.As(err, &v) {
			v.Column, v.Name = j+1, x.Name(j)
		}
		return err
	})
}

// batch returns a batch to score rows of x with.
func (s *scorer) batch(x models.Matrix) *batch {
	b, ok := s.pool.Get().(*batch)
	if !ok {
		b = &batch{bins: make([][scoreRows]uint8, max(1, len(s.columns)))}
	}
	b.cols = x.Cols
	return b
}

// score sets part to the scores of the block of b.
func (s *scorer) score(part []float64, b *batch) {
	for k, j := range s.columns {
		bins, l := &b.bins[k], s.lookups[k]
		for i, v := range b.cols[j][b.offset : b.offset+len(part)] {
			bins[i] = l.bin(v)
		}
	}
	for i := range part {
		part[i] = s.base
	}
	for _, t := range s.trees {
		t.addTo(part, b)
	}
	b.cols = nil
}
