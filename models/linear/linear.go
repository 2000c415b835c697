// Package linear holds the regressions whose answer is a sum over columns:
// logistic for yes or no, Poisson for counts, each plain or penalised; and two
// calibrations that turn a score into a probability, Platt scaling and isotonic
// regression.
//
// These models are made to be explained: every column has one coefficient with
// a standard error, and every prediction is a sum of the columns'
// contributions.
package linear

import (
	"errors"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

// Loss is the kind of target to predict.
type Loss int

const (
	// Logistic predicts the probability of 1 for a target of 0 and 1:
	// P = 1/(1 + e^−η).
	Logistic Loss = iota
	// Poisson predicts the mean of a target ≥ 0: μ = e^η.
	Poisson
)

// String names the loss as the JSON of a model does.
func (l Loss) String() string {
	switch l {
	case Logistic:
		return "logistic"
	case Poisson:
		return "poisson"
	}
	return "unknown"
}

// Config holds the settings of a regression. Start from [DefaultLogistic] or
// [DefaultPoisson]; no value of a field means "default".
type Config struct {
	Loss Loss

	// L2 is the ridge penalty ½·L2·Σβⱼ², ≥ 0. The penalty is added to the sum
	// of the losses, not to the mean: with twice the rows, the same L2 is half
	// as strong. L2 is 1/C of scikit-learn. 0 is no penalty.
	L2 float64
	// L1 is the lasso penalty L1·Σ|βⱼ|, ≥ 0, which sets weak coefficients to
	// exactly 0. Together with L2 it is the elastic net. 0 is no penalty.
	L1 float64
	// Standardized penalises the coefficients of columns scaled to a standard
	// deviation of 1, so that the penalty does not depend on units. Without a
	// penalty the field has no effect. Coefficients are always reported in the
	// columns' own units.
	Standardized bool

	// MaxIter bounds the Newton steps, ≥ 1.
	MaxIter int
	// Tolerance ends the fit once no standardised coefficient moves by more
	// than Tolerance times the largest coefficient (or 1), > 0.
	Tolerance float64
	// Workers share the rows, ≥ 1. The number never changes a result.
	Workers int
}

// DefaultLogistic returns a logistic regression with a mild ridge penalty on
// standardised columns: L2 1, at most 100 steps, tolerance 1e-9.
func DefaultLogistic() Config {
	return Config{
		Loss: Logistic, L2: 1, Standardized: true,
		MaxIter: 100, Tolerance: 1e-9, Workers: runtime.GOMAXPROCS(0),
	}
}

// DefaultPoisson returns a Poisson regression with the other settings of
// [DefaultLogistic].
func DefaultPoisson() Config {
	c := DefaultLogistic()
	c.Loss = Poisson
	return c
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c Config) Validate() error {
	var faults []error
	wrong := func(bad bool, field string, got any, want string) {
		if bad {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	penalty := func(v float64) bool { return !(v >= 0) || math.IsInf(v, 1) }
	wrong(c.Loss != Logistic && c.Loss != Poisson, "loss", int(c.Loss), "Logistic or Poisson")
	wrong(penalty(c.L2), "l2", c.L2, "a finite number ≥ 0")
	wrong(penalty(c.L1), "l1", c.L1, "a finite number ≥ 0")
	wrong(c.MaxIter < 1, "max_iter", c.MaxIter, "an integer ≥ 1")
	wrong(!(c.Tolerance > 0) || math.IsInf(c.Tolerance, 1), "tolerance", c.Tolerance, "a finite number > 0")
	wrong(c.Workers < 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(faults...)
}

// Report says how a fit went.
type Report struct {
	Converged      bool             // the coefficients stopped moving within MaxIter
	Iterations     int              // Newton steps taken
	Rows           int              // with a weight > 0
	Weight         float64          // their sum
	LogLikelihood  float64          // at the coefficients, without the penalty; NaN for calibrations
	NullLikelihood float64          // of the intercept alone; NaN for calibrations
	Warnings       []models.Warning // "not_converged", "separation", "constant_column", "collinear_column"
}
