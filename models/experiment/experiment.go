// Package experiment says what a randomised trial shows: rates and their
// differences, money per head, whether the arms have the sizes that were
// planned, and how large a trial has to be.
//
// Everything here is a closed formula over counts and moments, so that an arm
// of any size is a few numbers, gathered customer by customer in one pass.
// Three rules hold throughout:
//
//   - Every arm counts all customers that were drawn into it. The mean over
//     buyers alone is selected by the treatment and has no place here.
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

// Interval is an estimate with the bounds between which the truth lies at the
// level that was asked for. All three are NaN where the data does not define
// them.
type Interval struct{ Estimate, Low, High float64 }

// undefined is the interval of no data.
func undefined() Interval { return Interval{math.NaN(), math.NaN(), math.NaN()} }

// Holds reports whether v lies between the bounds, both included.
func (i Interval) Holds(v float64) bool { return i.Low <= v && v <= i.High }

// openShare refuses what is not strictly between 0 and 1.
func openShare(field string, v float64) error {
	if v > 0 && v < 1 {
		return nil
	}
	return &models.ConfigError{Field: field, Got: v, Want: "a share in (0,1)"}
}

// normalQuantile returns the z below which a share p of the normal
// distribution lies.
func normalQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// bothTails returns the chance of a normal value at least as far from 0 as z.
func bothTails(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }
