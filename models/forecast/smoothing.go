package forecast

import "math"

// The smoothing parameter of simple exponential smoothing is kept off 0 and 1,
// where the level never or wholly follows the series.
const leastAlpha, mostAlpha = 1e-5, 0.9999

// smoothing is simple exponential smoothing, the level of a series that follows
// each error by a share of it:
//
//	e_t = y_t − l_{t−1},  l_t = l_{t−1} + α e_t
type smoothing struct {
	Alpha float64 `json:"alpha"`
	First float64 `json:"first_level"`
	Level float64 `json:"level"` // after the last value
	sse   float64
}

// fitSmoothing chooses α and the first level by least squares. For a given α the
// errors are linear in the first level, which leaves one unknown: the least of a
// grid of α is refined to the zero of the derivative.
func fitSmoothing(y []float64) smoothing {
	mean := meanOf(y)
	best, least := 0, math.Inf(1)
	grid := [...]float64{leastAlpha, .01, .03, .06, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95, mostAlpha}
	for i, alpha := range grid {
		if _, sse, _ := profile(y, mean, alpha); sse < least {
			best, least = i, sse
		}
	}
	low, high := grid[max(best-1, 0)], grid[min(best+1, len(grid)-1)]
	s := smoothing{Alpha: stationary(y, mean, low, high, grid[best])}
	first, _, _ := profile(y, mean, s.Alpha)
	s.First = mean + first
	s.Level = s.First
	for _, v := range y {
		e := v - s.Level
		s.sse += float64(e * e)
		s.Level += float64(s.Alpha * e)
	}
	return s
}

// stationary returns the α in [low, high] at which the derivative of the sum of
// squares changes from negative to positive, and middle where it does not.
func stationary(y []float64, mean, low, high, middle float64) float64 {
	_, _, atLow := profile(y, mean, low)
	_, _, atHigh := profile(y, mean, high)
	if !(atLow < 0 && atHigh > 0) {
		return middle
	}
	// Illinois: regula falsi that halves the ordinate of an end that stays.
	side := 0
	for range 80 {
		next := high - float64(atHigh*(high-low))/(atHigh-atLow)
		if !(next > low && next < high) {
			break
		}
		_, _, at := profile(y, mean, next)
		switch {
		case at == 0:
			return next
		case at < 0:
			if side < 0 {
				atHigh /= 2
			}
			low, atLow, side = next, at, -1
		default:
			if side > 0 {
				atLow /= 2
			}
			high, atHigh, side = next, at, 1
		}
		if high-low < 1e-13 {
			break
		}
	}
	return (low + high) / 2
}

// profile returns the best first level for α, as a difference from mean, the sum
// of squared errors with it, and half the derivative of that sum by α.
//
// The level after t values is a + c·first, where a is the level from 0 and
// c = (1−α)^t; da and dc are their derivatives.
func profile(y []float64, mean, alpha float64) (first, sse, slope float64) {
	a, da, c, dc := 0.0, 0.0, 1.0, 0.0
	var ee, ec, cc, eda, edc, cda, cdc float64
	for _, v := range y {
		e := v - mean - a
		ee += float64(e * e)
		ec += float64(e * c)
		cc += float64(c * c)
		eda += float64(e * da)
		edc += float64(e * dc)
		cda += float64(c * da)
		cdc += float64(c * dc)
		da += e - float64(alpha*da)
		a += float64(alpha * e)
		dc -= c + float64(alpha*dc)
		c -= float64(alpha * c)
	}
	first = ec / cc
	sse = ee - float64(first*ec)
	slope = -(eda + float64(first*(edc-cda)) - float64(first*first*cdc))
	return first, sse, slope
}

// meanOf returns the mean of at least one value, exactly for equal values.
func meanOf(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v - y[0]
	}
	return y[0] + sum/float64(len(y))
}
