package churn

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// typicalRows is the number of customers whose median is taken as typical, evenly spread
// over the order of ids: enough for a figure that people read in two or three digits.
const typicalRows = 10_000

// typicalOf returns the median of each feature, NaN where nobody has a value.
func typicalOf(x models.Matrix) []float64 {
	n, d := x.Dims()
	step := max(1, n/typicalRows)
	out, values := make([]float64, d), make([]float64, 0, n/step+1)
	for j := range out {
		values = values[:0]
		for i := 0; i < n; i += step {
			if v := float64(x.Cols[j][i]); !math.IsNaN(v) {
				values = append(values, v)
			}
		}
		slices.Sort(values)
		out[j] = mining.Quantile(values, 0.5)
	}
	return out
}

// nullable returns numbers as JSON can hold them: NaN is null.
func nullable(values []float64) []*float64 {
	if values == nil {
		return nil
	}
	out := make([]*float64, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			out[i] = new(v)
		}
	}
	return out
}

// notNumbers returns what nullable was given.
func notNumbers(values []*float64) []float64 {
	if values == nil {
		return nil
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out
}
