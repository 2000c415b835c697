package mining

import (
	"math"
	"slices"
)

// Quantile returns the quantile p, in [0,1], of values in rising order, interpolated
// linearly between neighbours (type 7 of Hyndman and Fan, the default of NumPy and R); NaN
// where there are none.
func Quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + float64((at-float64(i))*(sorted[i+1]-sorted[i]))
}

// Present returns the values that are not missing, in rising order.
func Present(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}
