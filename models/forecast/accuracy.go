package forecast

import "math"

// Accuracy gathers forecasts and the values that followed. The zero value holds
// none.
type Accuracy struct {
	pairs, scaled      int
	mase, rmsse, bias  float64 // sums over the scaled pairs
	absolute, actual   float64 // sums over all periods
	symmetric          float64
	periods, intervals int
	inside             int
}

// Measures are the measures of forecasts. A pair is one forecast of one series
// from one origin. Values that cannot be computed are NaN.
type Measures struct {
	Pairs    int     // forecasts measured
	Unscaled int     // pairs without a scale, which MASE, RMSSE and Bias leave out
	MASE     float64 // mean over pairs of mean|e| / mean|y_t − y_{t−m}| of the training part; ≥ 0
	RMSSE    float64 // mean over pairs of √(mean e² / mean (y_t − y_{t−m})²); ≥ 0
	Bias     float64 // mean over pairs of mean(f − y) / mean|y_t − y_{t−m}|; negative is too low
	WAPE     float64 // Σ|e| / Σ|y| over all periods; ≥ 0
	SMAPE    float64 // mean over all periods of 200·|e|/(|y|+|f|), 0/0 being 0; in [0,200]
	Coverage float64 // share of the periods inside their interval; in [0,1]
}

// Add measures one forecast: the known values, the season length m, and the
// actual values beside the forecast values.
//
// Shape: train has more than m values, or the pair has no scale; actual and
// forecast have the same length, ≥ 1. Nothing is modified.
//
// Missing: a NaN in actual is a period that is not measured, such as a closed
// one.
func (a *Accuracy) Add(train []float64, m int, actual, forecast []float64) {
	var sum, squares, signed float64
	n := 0
	for h, y := range actual {
		if math.IsNaN(y) {
			continue
		}
		f := forecast[h]
		e := math.Abs(f - y)
		sum += e
		squares += float64(e * e)
		signed += f - y
		a.actual += math.Abs(y)
		if size := math.Abs(y) + math.Abs(f); size > 0 {
			a.symmetric += 200 * e / size
		}
		n++
	}
	if n == 0 {
		return
	}
	a.pairs++
	a.periods += n
	a.absolute += sum
	scale := absoluteDifferences(train, m)
	if !(scale > 0) {
		return
	}
	a.scaled++
	a.mase += sum / float64(n) / scale
	a.bias += signed / float64(n) / scale
	a.rmsse += math.Sqrt(squares / float64(n) / squaredDifferences(train, m))
}

// AddInterval counts the actual values in [lower, upper]. A NaN in actual is not
// counted.
func (a *Accuracy) AddInterval(actual, lower, upper []float64) {
	for h, y := range actual {
		if math.IsNaN(y) {
			continue
		}
		a.intervals++
		if lower[h] <= y && y <= upper[h] {
			a.inside++
		}
	}
}

// Measures returns what was gathered so far.
func (a *Accuracy) Measures() Measures {
	scaled := float64(a.scaled)
	return Measures{
		Pairs: a.pairs, Unscaled: a.pairs - a.scaled,
		MASE: ratio(a.mase, scaled), RMSSE: ratio(a.rmsse, scaled), Bias: ratio(a.bias, scaled),
		WAPE: ratio(a.absolute, a.actual), SMAPE: ratio(a.symmetric, float64(a.periods)),
		Coverage: ratio(float64(a.inside), float64(a.intervals)),
	}
}

// ratio returns a/b, NaN for b = 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
