package forecast

import (
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// Reconcile scales the forecasts of parts to the forecast of the total, period
// by period, in proportion to the parts:
//
//	partᵢ ← total · partᵢ / Σ parts
//
// The sum of separate forecasts is not the forecast of the sum; the latter is
// the steadier, so that the parts give way.
//
// Shape: parts has one row per part, each as long as total; parts is modified.
// Intervals of a part are scaled by the returned factors, one per period.
//
// Missing: a period in which the parts add up to 0, or to the opposite sign of
// the total, has no shares: the period is left unchanged, with the factor 1.
//
// Errors: *models.ShapeError; an error for a value that is not finite. parts is
// then unchanged.
func Reconcile(parts [][]float64, total []float64) (factors []float64, err error) {
	sums := make([]float64, len(total))
	for i, part := range parts {
		if len(part) != len(total) {
			return nil, &models.ShapeError{What: fmt.Sprintf("part %d", i+1), Got: len(part), Want: len(total)}
		}
		for h, v := range part {
			sums[h] += v
		}
	}
	factors = make([]float64, len(total))
	for h, sum := range sums {
		if sum-sum != 0 || total[h]-total[h] != 0 {
			return nil, fmt.Errorf("forecast: period %d: got parts that add up to %v and a total of %v, want finite numbers; leave the series out", h+1, sum, total[h])
		}
		factors[h] = 1
		if f := total[h] / sum; sum != 0 && f >= 0 {
			factors[h] = f
		}
	}
	for _, part := range parts {
		for h := range part {
			part[h] *= factors[h]
		}
	}
	return factors, nil
}
