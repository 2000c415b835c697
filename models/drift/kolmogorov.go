package drift

import (
	"math"
	"slices"
)

// KS is the Kolmogorov-Smirnov distance of two distributions over the same bins:
// the widest gap between the shares at or below an edge. KS is at most the
// distance of the values themselves ([TwoSampleKS]), since only the edges are
// compared. Missing values, last in [Shares], count as above all numbers.
//
// Shape, errors and cost are those of [PSI].
func KS(p, q []float64) (float64, error) {
	if err := distributions(p, q); err != nil {
		return 0, err
	}
	widest, below := 0.0, [2]float64{}
	for i := range p {
		below[0] += p[i]
		below[1] += q[i]
		if i < len(p)-1 { // where both are 1, but for rounding
			widest = max(widest, math.Abs(below[0]-below[1]))
		}
	}
	return min(widest, 1), nil
}

// TwoSampleKS is the Kolmogorov-Smirnov distance of two samples: the widest gap
// between their empirical distributions, in [0,1].
//
//	KS = max over x of |share of a ≤ x − share of b ≤ x|
//
// Missing: NaN is left out; NaN where nothing is left of a sample.
//
// Cost: O(n log n) time, 8 bytes per value.
func TwoSampleKS[F ~float32 | ~float64](a, b []F) float64 {
	x, y := ascending(a), ascending(b)
	if len(x) == 0 || len(y) == 0 {
		return math.NaN()
	}
	widest := 0.0
	for i, j := 0, 0; i < len(x) && j < len(y); {
		v := min(x[i], y[j])
		for i < len(x) && x[i] == v {
			i++
		}
		for j < len(y) && y[j] == v {
			j++
		}
		widest = max(widest, math.Abs(float64(i)/float64(len(x))-float64(j)/float64(len(y))))
	}
	return widest
}

// ascending returns the values that are not missing, sorted.
func ascending[F ~float32 | ~float64](values []F) []float64 {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, float64(v))
		}
	}
	slices.Sort(sorted)
	return sorted
}
