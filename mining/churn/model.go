package churn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/models"
)

// Model gives customers a probability to leave, and reasons. A Model is
// immutable and safe for use by several goroutines at once; only [Config.Fit]
// and reading its JSON make one.
type Model struct {
	kind        string // Logistic, Boost or Average
	horizonDays int
	reasons     int
	features    []string
	typical     []float64 // median of each feature in the newest cohort, NaN for none; nil: not known
	ranker      ranker
	calibration *calibrator
}

// Features returns the names of the features read by the model, in the expected
// order.
func (m *Model) Features() []string { return slices.Clone(m.features) }

// Reasons returns the most reasons given for a customer.
func (m *Model) Reasons() int { return m.reasons }

// HorizonDays returns the days without a purchase that the probability is of.
func (m *Model) HorizonDays() int { return m.horizonDays }

// Kind returns Logistic, Boost or Average.
func (m *Model) Kind() string { return m.kind }

// Typical returns the median of each feature among the customers of the newest cutoff, NaN where
// nobody has a value; nil for a model that does not know.
func (m *Model) Typical() []float64 { return slices.Clone(m.typical) }

// Reason is a feature that pushes a customer towards leaving, or keeps the customer.
type Reason struct {
	Feature int     // index into Features; −1 for no further reason
	Value   float64 // the customer's; NaN if missing
	Effect  float64 // on the log-odds before calibration: > 0 pushes, < 0 keeps
}

// ScoreTo sets prob to the probability of each customer to buy nothing in the
// horizon, and reasons to what speaks most for that or against it, strongest first.
//
// The effects of all features and a base, the same for every customer, add up
// to the log-odds before calibration: Shapley values, those of trees
// path-dependent (boost.Ensemble.ShapTo), those of the regression against the
// mean (linear.Model.ContributionsTo), of the average the mean of both. Where they
// add up to more than nothing, the customer is more likely to leave than the average
// one, and the reasons are what pushes; of all others the reasons are what keeps them.
// Effects of less than 0.1, a tenth of the odds, are no reasons; of equal ones the first
// feature comes first. A model without a signal (see NoSignal) gives none.
//
// Shape: x is n×len(Features); prob has n values; reasons n·Reasons, those of row
// i at reasons[i·Reasons : (i+1)·Reasons], or is nil for none. workers ≥ 1
// goroutines share the rows. x is not modified.
//
// Missing: NaN is a missing feature, as in the fit. The model has not learned from
// customers who have never bought; do not score them.
//
// Determinism: the result for a row depends on the row only, to the bit.
//
// Errors: *models.ConfigError, *models.ShapeError; an error for features of
// other names; *models.ValueError for an infinity; ctx.Err(). The contents of prob and
// reasons are then unspecified.
//
// Cost: dominated by the reasons; 8·len(Features) KiB a goroutine, twice that
// for the average.
func (m *Model) ScoreTo(ctx context.Context, prob []float64, reasons []Reason, x models.Matrix, workers int) error {
	if err := m.admit(prob, reasons, x, workers); err != nil {
		return err
	}
	k := m.reasons
	if reasons == nil {
		k = 0
	}
	if m.calibration.flat() { // nothing raises a probability that is everyone's
		k = 0
		for i := range reasons {
			reasons[i] = Reason{Feature: -1}
		}
	}
	d := len(m.features)
	var rooms sync.Pool
	return eachBlock(ctx, len(prob), workers, func(from, to int) error {
		part, rows := prob[from:to], x.Slice(from, to)
		var effects []float64
		if k > 0 {
			room, ok := rooms.Get().(*[]float64)
			if !ok {
				room = new(make([]float64, blockRows*d))
			}
			defer rooms.Put(room)
			effects = (*room)[:len(part)*d]
		}
		if err := m.ranker.scoreTo(ctx, part, effects, rows); err != nil {
			return shifted(err, from)
		}
		if err := m.calibration.apply(part, part); err != nil || k == 0 {
			return err
		}
		for i := range part {
			strongest(reasons[(from+i)*k:(from+i+1)*k], effects[i*d:(i+1)*d])
		}
		for i := from * k; i < to*k; i++ {
			if r := &reasons[i]; r.Feature >= 0 {
				r.Value = float64(x.Cols[r.Feature][i/k])
			}
		}
		return nil
	})
}

// admit refuses what cannot be scored.
func (m *Model) admit(prob []float64, reasons []Reason, x models.Matrix, workers int) error {
	if workers < 1 {
		return &models.ConfigError{Field: "workers", Got: workers, Want: "an integer ≥ 1"}
	}
	if err := x.Validate(); err != nil {
		return err
	}
	n, d := x.Dims()
	switch {
	case d != len(m.features):
		return &models.ShapeError{What: "features", Got: d, Want: len(m.features)}
	case len(prob) != n:
		return &models.ShapeError{What: "prob", Got: len(prob), Want: n}
	case reasons != nil && len(reasons) != n*m.reasons:
		return &models.ShapeError{What: "reasons", Got: len(reasons), Want: n * m.reasons}
	}
	for j, name := range x.Names {
		if name != m.features[j] {
			return fmt.Errorf("churn: feature %d: got %q, want %q as in the fit", j+1, name, m.features[j])
		}
	}
	return nil
}

// shifted counts the row of a *models.ValueError from the first row of all.
func shifted(err error, rows int) error {
	var v *models.ValueError
	if errors.As(err, &v) {
		v.Row += rows
	}
	return err
}

// noticeable is the least effect of a reason on the log-odds: it moves the odds by a tenth.
const noticeable = 0.1

// strongest sets dst to the greatest noticeable effects in the direction of their sum, in
// order.
func strongest(dst []Reason, effects []float64) {
	sum := 0.0
	for _, v := range effects {
		sum += v
	}
	sign := 1.0
	if sum < 0 {
		sign = -1
	}
	found := 0
	for j, effect := range effects {
		v := sign * effect
		if !(v >= noticeable) || found == len(dst) && v <= sign*dst[found-1].Effect {
			continue
		}
		if found < len(dst) {
			found++
		}
		at := found - 1
		for at > 0 && sign*dst[at-1].Effect < v {
			dst[at] = dst[at-1]
			at--
		}
		dst[at] = Reason{Feature: j, Effect: effect}
	}
	for i := found; i < len(dst); i++ {
		dst[i] = Reason{Feature: -1}
	}
}
