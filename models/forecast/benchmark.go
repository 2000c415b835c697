package forecast

import "math"

// seasonalNaive repeats the last season; with a season of one period, the last
// value. Sigma is the root mean square of the differences a season apart.
type seasonalNaive struct {
	Last  []float64 `json:"last"` // oldest first
	Sigma float64   `json:"sigma"`
}

func fitSeasonalNaive(y []float64, m int) *seasonalNaive {
	if len(y) < m {
		m = 1
	}
	f := &seasonalNaive{Last: append([]float64(nil), y[len(y)-m:]...)}
	if n := len(y) - m; n > 0 {
		f.Sigma = math.Sqrt(squaredDifferences(y, m))
	}
	return f
}

func (f *seasonalNaive) forecastTo(point, spread []float64) {
	m := len(f.Last)
	for i := range point {
		point[i] = f.Last[i%m]
		spread[i] = f.Sigma * math.Sqrt(float64(i/m+1))
	}
}

// lastMean forecasts the mean of the last periods. Sigma is the root mean square
// of the errors of the mean one period ahead.
type lastMean struct {
	Level float64 `json:"level"`
	Sigma float64 `json:"sigma"`
}

func fitLastMean(y []float64, window int) *lastMean {
	w := min(window, len(y))
	f := &lastMean{Level: meanOf(y[len(y)-w:])}
	sum := 0.0
	for t := w; t < len(y); t++ {
		e := y[t] - meanOf(y[t-w:t])
		sum += float64(e * e)
	}
	if n := len(y) - w; n > 0 {
		f.Sigma = math.Sqrt(sum / float64(n))
	}
	return f
}

func (f *lastMean) forecastTo(point, spread []float64) {
	for i := range point {
		point[i], spread[i] = f.Level, f.Sigma
	}
}

// absoluteDifferences returns the mean |y_t − y_{t−m}|, NaN without any.
func absoluteDifferences(y []float64, m int) float64 {
	sum := 0.0
	for t := m; t < len(y); t++ {
		sum += math.Abs(y[t] - y[t-m])
	}
	return sum / float64(max(len(y)-m, 0))
}

// squaredDifferences returns the mean (y_t − y_{t−m})², NaN without any.
func squaredDifferences(y []float64, m int) float64 {
	sum := 0.0
	for t := m; t < len(y); t++ {
		d := y[t] - y[t-m]
		sum += float64(d * d)
	}
	return sum / float64(max(len(y)-m, 0))
}
