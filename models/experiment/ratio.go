package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/quintile-dev/quintile/models"
)

// BelievableRatio is the p of [SampleRatio] below which the draw of the arms is
// broken and no effect is believable.
const BelievableRatio = 0.001

// SampleRatio tests whether the arms have the planned sizes, by Pearson's χ²
// with (number of arms − 1) degrees of freedom. The results are χ² ≥ 0 and its
// p in [0,1]; compare p with [BelievableRatio].
//
// Shape: sizes has one count ≥ 0 per arm, planned one weight > 0 per arm, where
// only the ratios count. At least two arms.
//
// Missing: NaN where all arms are empty.
//
// Errors: *models.ConfigError, *models.ShapeError.
func SampleRatio(sizes []int, planned []float64) (chi2, p float64, err error) {
	nan := math.NaN()
	if len(planned) != len(sizes) {
		return nan, nan, &models.ShapeError{What: "planned", Got: len(planned), Want: len(sizes)}
	}
	if len(sizes) < 2 {
		return nan, nan, &models.ConfigError{Field: "sizes", Got: len(sizes), Want: "at least 2 arms"}
	}
	var n, total float64
	for i, size := range sizes {
		if size < 0 {
			return nan, nan, &models.ConfigError{Field: "sizes", Got: size, Want: "a number of customers ≥ 0"}
		}
		if !(planned[i] > 0) || math.IsInf(planned[i], 1) {
			return nan, nan, &models.ConfigError{Field: "planned", Got: planned[i], Want: "a finite weight > 0"}
		}
		n += float64(size)
		total += planned[i]
	}
	for i, size := range sizes {
		expected := n * (planned[i] / total)
		off := float64(size) - expected
		chi2 += off * off / expected
	}
	return chi2, distuv.ChiSquared{K: float64(len(sizes) - 1)}.Survival(chi2), nil
}
