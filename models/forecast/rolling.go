package forecast

import (
	"context"
	"math"
)

// trials are the forecasts of every candidate from every origin, measured.
type trials struct {
	methods  []Method
	origins  int
	accuracy []Accuracy
	errors   [][]float64 // |e| in standard deviations of the forecast, per candidate
	sizes    [][]float64 // scaled error per origin, per candidate; absolute where there is no scale
}

// origins returns the lengths of the parts of a series of n values to learn
// from, ascending: every half horizon back from half a horizon before the end.
func (c Config) origins(n, season int) []int {
	step := (c.Horizon + 1) / 2
	first := max(fewest, 2*season)
	if n >= 3*season+step {
		first = max(fewest, 3*season)
	}
	count := 0
	for count < c.Origins && n-(count+1)*step >= first {
		count++
	}
	all := make([]int, count)
	for i := range all {
		all[i] = n - (count-i)*step
	}
	return all
}

// try fits every candidate at every origin.
func (c Config) try(ctx context.Context, s Series, f *fitter) (*trials, error) {
	n := len(s.Values)
	t := c.newTrials()
	y := s.divided()
	for _, o := range c.origins(n, s.Season) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.measure(s, o, min(c.Horizon, n-o), f.fit(y[:o], n, c.Methods))
	}
	return t, nil
}

func (c Config) newTrials() *trials {
	n := len(c.Methods)
	return &trials{methods: c.Methods, accuracy: make([]Accuracy, n), errors: make([][]float64, n), sizes: make([][]float64, n)}
}

// measure measures what the candidates, fitted to the first o values, forecast of the next h.
func (t *trials) measure(s Series, o, h int, fits []fitted) {
	point, spread, actual := make([]float64, h), make([]float64, h), make([]float64, h)
	for i, one := range fits {
		one.forecastTo(point, spread)
		s.multiply(o, point, spread)
		s.actualTo(actual, o)
		t.add(i, s, o, actual, point, spread)
	}
	t.origins++
}

// multiply multiplies forecasts of the periods from o on by their divisors.
func (s Series) multiply(o int, point, spread []float64) {
	if s.Divisor == nil {
		return
	}
	for k := range point {
		point[k] *= s.Divisor[o+k]
		spread[k] *= s.Divisor[o+k]
	}
}

// actualTo sets the values of the periods from o on, NaN for closed ones.
func (s Series) actualTo(dst []float64, o int) {
	copy(dst, s.Values[o:])
	for k := range dst {
		if s.Divisor != nil && s.Divisor[o+k] == 0 {
			dst[k] = math.NaN()
		}
	}
}

// add measures the forecast of candidate i from origin o.
func (t *trials) add(i int, s Series, o int, actual, point, spread []float64) {
	for k, y := range actual {
		if spread[k] > 0 && !math.IsNaN(y) {
			t.errors[i] = append(t.errors[i], math.Abs(y-point[k])/spread[k])
		}
	}
	a := &t.accuracy[i]
	before := *a
	a.Add(s.Values[:o], s.Season, actual, point)
	size := a.mase - before.mase
	if a.scaled == before.scaled {
		size = a.absolute - before.absolute
	}
	t.sizes[i] = append(t.sizes[i], size)
}

func (t *trials) scores() []Score {
	if t.origins == 0 {
		return nil
	}
	all := make([]Score, len(t.methods))
	for i, m := range t.methods {
		all[i] = Score{m, t.accuracy[i].Measures()}
	}
	return all
}

// A candidate replaces the first candidate if its mean scaled error is lower by
// more than so many standard errors of the paired difference, over at least so
// many origins. Choosing simply the least of a few noisy means forecasts worse
// than always keeping the first candidate.
const (
	winningErrors  = 2
	winningOrigins = 4
)

// best returns the number of the winning candidate.
func (t *trials) best() int {
	best, least := 0, 0.0
	if t.origins < winningOrigins {
		return 0
	}
	n := float64(t.origins)
	for i := range t.methods {
		mean, squares := 0.0, 0.0
		for k, size := range t.sizes[i] {
			mean += (size - t.sizes[0][k]) / n
		}
		for k, size := range t.sizes[i] {
			d := size - t.sizes[0][k] - mean
			squares += float64(d * d)
		}
		if mean < least && mean+winningErrors*math.Sqrt(squares/(n-1)/n) < 0 {
			best, least = i, mean
		}
	}
	return best
}
