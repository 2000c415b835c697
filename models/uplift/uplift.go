// Package uplift learns how much a treatment adds to the outcome of each row.
// The question is not "who will respond?" but "who will respond because of the
// treatment?"
//
// The data is a randomised trial, and the learners are ways to build a model of
// the effect from ordinary models of the outcome, given by the caller as a
// [Fit]. A response model, fitted to the treated alone, is no uplift model: its
// first ranks are customers who would have bought anyway.
//
// Package metric measures how good a ranking by uplift is. Measure only on rows
// unseen by the models: see [CrossFit].
package uplift

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Predictor is a fitted model of one number per row.
type Predictor interface {
	// PredictTo sets dst[i] to the prediction for row i of x, and neither keeps
	// nor changes x.
	PredictTo(dst []float64, x models.Matrix) error
}

// Fit learns to predict y from the rows of x. Fit must not change or keep the
// rows.
type Fit func(ctx context.Context, x models.Matrix, y []float64) (Predictor, error)

// Data is a randomised trial: the columns known of each row before the trial,
// the arm of the row, and its outcome.
type Data struct {
	X       models.Matrix // without the treatment
	Outcome []float64     // finite; 0 or 1 for responses
	Treated []bool
}

// validate refuses parts that do not fit and a trial with an empty arm. Values
// of X are checked by the models, as some admit missing values.
func (d Data) validate() error {
	if err := d.X.Validate(); err != nil {
		return err
	}
	n, _ := d.X.Dims()
	if n == 0 {
		return errors.New("uplift: got no rows or no columns, want at least one of each")
	}
	if len(d.Outcome) != n {
		return &models.ShapeError{What: "outcome", Got: len(d.Outcome), Want: n}
	}
	if len(d.Treated) != n {
		return &models.ShapeError{What: "treated", Got: len(d.Treated), Want: n}
	}
	for i, y := range d.Outcome {
		if y-y != 0 {
			return &models.ValueError{Row: i + 1, Name: "outcome", Got: y, Want: "a finite number"}
		}
	}
	if treated := d.rows(true); len(treated) == 0 || len(treated) == n {
		return fmt.Errorf("uplift: got %d treated of %d rows, want both arms; without controls no uplift can be learned", len(treated), n)
	}
	return nil
}

// binary refuses outcomes other than 0 and 1.
func (d Data) binary() error {
	for i, y := range d.Outcome {
		if y != 0 && y != 1 {
			return &models.ValueError{Row: i + 1, Name: "outcome", Got: y, Want: "0 or 1"}
		}
	}
	return nil
}

// rows returns the row numbers of one arm.
func (d Data) rows(treated bool) []int {
	var rows []int
	for i, t := range d.Treated {
		if t == treated {
			rows = append(rows, i)
		}
	}
	return rows
}

// share returns the treated share of the rows, the propensity e of a trial.
func (d Data) share() float64 {
	return float64(len(d.rows(true))) / float64(len(d.Treated))
}

// take returns the given rows.
func (d Data) take(rows []int) Data {
	out := Data{X: takeRows(d.X, rows), Outcome: make([]float64, len(rows)), Treated: make([]bool, len(rows))}
	for k, i := range rows {
		out.Outcome[k], out.Treated[k] = d.Outcome[i], d.Treated[i]
	}
	return out
}

func takeRows(x models.Matrix, rows []int) models.Matrix {
	cols := make([][]float32, len(x.Cols))
	for j, col := range x.Cols {
		cols[j] = make([]float32, len(rows))
		for k, i := range rows {
			cols[j][k] = col[i]
		}
	}
	return models.Matrix{Names: x.Names, Cols: cols}
}

// fitRows learns y from some rows of x, y has one entry for each of these rows.
// A faulty value is reported by its row in x.
func fitRows(ctx context.Context, fit Fit, x models.Matrix, rows []int, y []float64) (Predictor, error) {
	p, err := fit(ctx, takeRows(x, rows), y)
	return p, inRows(err, rows)
}

// inRows renames the row of a faulty value from its place in rows.
func inRows(err error, rows []int) error {
	var value *models.ValueError
	if errors.As(err, &value) && value.Row >= 1 && value.Row <= len(rows) {
		named := *value
		named.Row = rows[value.Row-1] + 1
		return &named
	}
	return err
}

// Learner learns a model of uplift from a trial.
type Learner func(ctx context.Context, d Data) (*Model, error)

// CrossFit returns for each row the uplift predicted by a model fitted without
// the row: the model for fold f learns from all other folds.
//
// Shape: fold has one number in [0,folds) per row; folds ≥ 2. Draw the fold by
// a hash of the customer, so that folds do not depend on the order of the rows.
//
// Errors: the errors of the learner, also where all rows of an arm are in one
// fold; *models.ShapeError, *models.ConfigError, *models.ValueError; ctx.Err().
//
// Cost: folds times the cost of the learner on (folds−1)/folds of the rows.
func CrossFit(ctx context.Context, learn Learner, d Data, fold []int, folds int) ([]float64, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	if folds < 2 {
		return nil, &models.ConfigError{Field: "folds", Got: folds, Want: "an integer ≥ 2"}
	}
	if len(fold) != len(d.Treated) {
		return nil, &models.ShapeError{What: "fold", Got: len(fold), Want: len(d.Treated)}
	}
	for i, f := range fold {
		if f < 0 || f >= folds {
			return nil, &models.ValueError{Row: i + 1, Name: "fold", Got: float64(f), Want: "a number from 0 to below folds"}
		}
	}
	out := make([]float64, len(fold))
	for f := range folds {
		var within, beyond []int
		for i, g := range fold {
			if g == f {
				within = append(within, i)
			} else {
				beyond = append(beyond, i)
			}
		}
		if len(within) == 0 {
			continue
		}
		m, err := learn(ctx, d.take(beyond))
		if err != nil {
			return nil, fmt.Errorf("fold %d of %d: %w", f+1, folds, inRows(err, beyond))
		}
		predicted := make([]float64, len(within))
		if err := m.PredictTo(predicted, takeRows(d.X, within)); err != nil {
			return nil, inRows(err, within)
		}
		for k, i := range within {
			out[i] = predicted[k]
		}
	}
	return out, nil
}

// withTreatment returns x with one more column: 1 for a treated row, 0
// otherwise.
func withTreatment(x models.Matrix, treatment []float32) models.Matrix {
	out := models.Matrix{Cols: append(slices.Clone(x.Cols), treatment)}
	if x.Names != nil {
		out.Names = append(slices.Clone(x.Names), "treated")
	}
	return out
}

// Balanced reports whether the treated share lies within 0.45 and 0.55, where
// the class transformation holds.
func Balanced(treatedShare float64) bool { return math.Abs(treatedShare-0.5) <= 0.05 }
