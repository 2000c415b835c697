package forecast

import "math"

// theta is the Theta method [1] in the form of its equivalent, simple
// exponential smoothing with half the slope of a straight line [2], on the
// seasonally adjusted series:
//
//	f_{n+h} = l_n + (b/2)·(h − 1 + (1 − (1−α)ⁿ)/α)
//	sd_{n+h} = σ·√(1 + (h−1)·α²),  σ² = SSE/(n−2)
//
// α and the first level are chosen by least squares, b is the slope of the
// regression on 0 … n−1. The series is adjusted where hasSeason finds a season.
//
// [1] V. Assimakopoulos, K. Nikolopoulos, "The theta model: a decomposition
// approach to forecasting", Int. J. Forecasting 16(4), 2000, pp. 521–530.
//
// [2] R. J. Hyndman, B. Billah, "Unmasking the Theta method", Int. J.
// Forecasting 19(2), 2003, pp. 287–290.
type theta struct {
	N         int       `json:"n"`
	Smoothing smoothing `json:"smoothing"`
	Slope     float64   `json:"slope"`
	Sigma     float64   `json:"sigma"`
	Season    seasonal  `json:"season"`
}

// fitTheta fits the method to y, of which raw is the smoothing.
func fitTheta(y []float64, m int, raw smoothing) *theta {
	f := &theta{N: len(y), Smoothing: raw}
	if hasSeason(y, m) {
		f.Season = classical(y, m)
	}
	z := f.Season.adjusted(y)
	if len(f.Season.Index) > 0 {
		f.Smoothing = fitSmoothing(z)
	}
	f.Slope = slopeOf(z)
	f.Sigma = math.Sqrt(f.Smoothing.sse / float64(max(len(y)-2, 1)))
	return f
}

// slopeOf returns the slope of the least squares line through y at 0 … n−1.
func slopeOf(y []float64) float64 {
	mean, middle := meanOf(y), float64(len(y)-1)/2
	xy, xx := 0.0, 0.0
	for t, v := range y {
		x := float64(t) - middle
		xy += float64(x * (v - mean))
		xx += float64(x * x)
	}
	if xx == 0 {
		return 0
	}
	return xy / xx
}

func (f *theta) forecastTo(point, spread []float64) {
	alpha := f.Smoothing.Alpha
	drift := -math.Expm1(float64(f.N)*math.Log1p(-alpha)) / alpha
	for i := range point {
		h := float64(i) // h − 1
		value := f.Smoothing.Level + float64(f.Slope/2*(h+drift))
		sd := f.Sigma * math.Sqrt(1+float64(h*alpha*alpha))
		point[i], spread[i] = f.Season.restore(f.N+i, value, sd)
	}
}
