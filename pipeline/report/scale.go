package report

import (
	"math"
	"strconv"

	"github.com/quintile-dev/quintile/mining/page"
)

// scale maps values to pixels.
type scale struct {
	low, high float64 // values
	from, to  float64 // pixels
	log       bool
}

// at returns the pixel of a value.
func (s scale) at(v float64) float64 {
	low, high := s.low, s.high
	if s.log {
		v, low, high = math.Log10(v), math.Log10(low), math.Log10(high)
	}
	if !(high > low) {
		return (s.from + s.to) / 2
	}
	return s.from + (v-low)/(high-low)*(s.to-s.from)
}

// reach widens low and high to finite values.
func reach(low, high float64, values []float64) (float64, float64) {
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// ticks returns round values within the scale, about n of them.
func (s scale) ticks(n int) []float64 {
	var out []float64
	if s.log {
		for e := math.Ceil(math.Log10(s.low) - 1e-9); e <= math.Log10(s.high)+1e-9; e++ {
			out = append(out, math.Pow(10, e))
		}
		return out
	}
	width := s.high - s.low
	if !(width > 0) || math.IsInf(width, 0) {
		return []float64{s.low}
	}
	step := math.Pow(10, math.Floor(math.Log10(width/float64(n))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if width/(step*factor) <= float64(n) {
			step *= factor
			break
		}
	}
	first, last := math.Ceil(s.low/step-1e-9), math.Floor(s.high/step+1e-9)
	for k := first; k <= last; k++ {
		out = append(out, rounded(k*step))
	}
	return out
}

// rounded drops the digits that only rounding made, and the sign of zero.
func rounded(v float64) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil || out == 0 {
		return 0
	}
	return out
}

// number writes a value of an axis or a cell.
func number(v float64, percent bool) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return page.None
	case percent:
		return strconv.FormatFloat(100*v, 'f', digits(100*v), 64) + " %"
	case size >= 1e9:
		return strconv.FormatFloat(v/1e9, 'g', 3, 64) + " bn"
	case size >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " M"
	case size >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 3, 64) + " k"
	case v == math.Trunc(v):
		return page.Whole(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// digits returns the digits after the point of a percentage.
func digits(v float64) int {
	if v == math.Trunc(v) || math.Abs(v) >= 10 {
		return 0
	}
	return 1
}
