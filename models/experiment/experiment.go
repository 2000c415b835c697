// Package experiment evaluates a randomised trial: rates and their differences,
// money per head, whether the arms have the planned sizes, and how large a
// trial has to be.
//
// Every function here is a closed formula over counts and moments. An arm of
// any size is therefore a few numbers, gathered customer by customer in one
// pass. Three rules hold throughout:
//
//   - Every arm counts all customers drawn into the arm. The mean over buyers
//     alone is left out, because the treatment itself selects the buyers.
//   - A figure that the data does not define, such as the rate of an empty arm,
//     is NaN and not an error; an impossible count or setting is a
//     *models.ConfigError.
//   - Intervals and tests are two-sided.
package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/quintile-dev/quintile/models"
)

// Interval is an estimate with bounds for the truth at the requested level. All
// three values are NaN where the data does not define the estimate.
type Interval struct{ Estimate, Low, High float64 }

// undefined is the interval of no data.
func undefined() Interval { return Interval{math.NaN(), math.NaN(), math.NaN()} }

// Holds reports whether v lies between the bounds, both included.
func (i Interval) Holds(v float64) bool { return i.Low <= v && v <= i.High }

// openShare refuses a value outside the open interval from 0 to 1.
func openShare(field string, v float64) error {
	if v > 0 && v < 1 {
		return nil
	}
	return &models.ConfigError{Field: field, Got: v, Want: "a share in (0,1)"}
}

// normalQuantile returns the quantile z of the normal distribution for the
// share p.
func normalQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// bothTails returns the chance of a normal value at least as far from 0 as z.
func bothTails(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }
