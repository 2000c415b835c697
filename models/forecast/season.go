package forecast

import "math"

// seasonal is a classical adjustment: the index of each phase of a season, by
// which a series is divided (multiplicative) or which is subtracted from it.
// Without an index the series has no season.
type seasonal struct {
	Index          []float64 `json:"index,omitempty"`
	Multiplicative bool      `json:"multiplicative,omitempty"`
}

// smallestIndex is the least index of a multiplicative season. Adjusted values
// of a phase that nearly vanishes would be noise.
const smallestIndex = 0.01

// hasSeason tests the autocorrelation of the first differences at lag m:
//
//	|r_m| > 1.645·√((1 + 2 Σ_{k<m} r_k²)/n),  n differences
//
// The differences are tested because a trend hides the season of the series
// itself. Fewer than two whole seasons never have one.
func hasSeason(y []float64, m int) bool {
	if m < 2 || len(y) < 2*m {
		return false
	}
	n := len(y) - 1
	mean := (y[n] - y[0]) / float64(n)
	difference := make([]float64, n)
	variance := 0.0
	for i := range difference {
		difference[i] = y[i+1] - y[i] - mean
		variance += float64(difference[i] * difference[i])
	}
	if n <= m || !(variance > 0) {
		return false
	}
	squares, r := 0.0, 0.0
	for k := 1; k <= m; k++ {
		squares += float64(r * r)
		r = 0
		for i := k; i < n; i++ {
			r += float64(difference[i] * difference[i-k])
		}
		r /= variance
	}
	return math.Abs(r) > 1.645*math.Sqrt((1+float64(2*squares))/float64(n))
}

// classical returns the season of y, of at least two whole seasons, by ratios
// to (or differences from) a centred moving average, averaged by phase and
// normalised. The season is multiplicative where every value is positive. No
// season is returned where an index of a multiplicative one is too small.
func classical(y []float64, m int) seasonal {
	s := seasonal{Index: make([]float64, m), Multiplicative: true}
	for _, v := range y {
		s.Multiplicative = s.Multiplicative && v > 0
	}
	counts := make([]int, m)
	for t := m / 2; t+m/2 < len(y); t++ {
		level := centredMean(y, t, m)
		if s.Multiplicative {
			s.Index[t%m] += y[t] / level
		} else {
			s.Index[t%m] += y[t] - level
		}
		counts[t%m]++
	}
	mean := 0.0
	for j := range s.Index {
		s.Index[j] /= float64(counts[j])
		mean += s.Index[j] / float64(m)
	}
	for j := range s.Index {
		if !s.Multiplicative {
			s.Index[j] -= mean
		} else if s.Index[j] /= mean; s.Index[j] < smallestIndex {
			return seasonal{}
		}
	}
	return s
}

// centredMean returns the mean of the m values around t; for an even m the
// outer two of m + 1 count one half.
func centredMean(y []float64, t, m int) float64 {
	half, sum := m/2, 0.0
	for _, v := range y[t-half : t+half+1] {
		sum += v
	}
	if m%2 == 0 {
		sum -= (y[t-half] + y[t+half]) / 2
	}
	return sum / float64(m)
}

// adjusted returns y without the season; y itself where there is none.
func (s seasonal) adjusted(y []float64) []float64 {
	if len(s.Index) == 0 {
		return y
	}
	out := make([]float64, len(y))
	for t, v := range y {
		if s.Multiplicative {
			out[t] = v / s.Index[t%len(s.Index)]
		} else {
			out[t] = v - s.Index[t%len(s.Index)]
		}
	}
	return out
}

// restore puts the season back on the value of period t and its spread.
func (s seasonal) restore(t int, value, spread float64) (float64, float64) {
	if len(s.Index) == 0 {
		return value, spread
	}
	index := s.Index[t%len(s.Index)]
	if s.Multiplicative {
		return value * index, spread * index
	}
	return value + index, spread
}
