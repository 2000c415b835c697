package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
)

// recursion runs the equations of a shape as they are written, from given
// initial states, and returns the sum of squared errors.
func recursion(y []float64, p smoothers, level, slope float64, season []float64) float64 {
	m := len(season)
	s := append([]float64(nil), season...)
	sum := 0.0
	for t, v := range y {
		phase := 0.0
		if m > 0 {
			phase = s[t%m]
		}
		e := v - level - p.phi*slope - phase
		level += p.phi*slope + p.alpha*e
		slope = p.phi*slope + p.beta*e
		if m > 0 {
			s[t%m] += p.gamma * e
		}
		sum += e * e
	}
	return sum
}

func randomSeries(rng *rand.Rand, n, m int) []float64 {
	y := make([]float64, n)
	level, slope := 10.0, 0.1*rng.NormFloat64()
	for t := range y {
		level += slope + 0.5*rng.NormFloat64()
		y[t] = level + rng.NormFloat64()
		if m > 1 {
			y[t] += 3 * math.Sin(2*math.Pi*float64(t)/float64(m))
		}
	}
	return y
}

func TestInitialStatesAreTheBestForTheirParameters(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, m := range []int{0, 4, 12} {
		for _, tr := range []trend{noTrend, additiveTrend, dampedTrend} {
			s := shape{tr, m}
			y := randomSeries(rng, 60, m)
			w := newInnovations(len(y), m)
			w.on(y, s)
			u := []float64{0.2 + 0.5*rng.Float64(), 0.3, 0.4, 0.9}[:s.free()]
			if tr == dampedTrend {
				u[s.free()-1] = 0.9
			}
			sse := w.evaluate(u)
			first := append([]float64(nil), w.first[:s.states()]...)
			written := func(x []float64) float64 {
				level, slope, season := x[0], 0.0, []float64(nil)
				if m > 0 {
					level, season = 0, x[:m]
				}
				if tr != noTrend {
					slope = x[s.states()-1]
				}
				return recursion(y, s.smoothers(u), level, slope, season)
			}
			within(t, "sum of squares", sse, written(first), 1e-9*sse)
			for i := range first {
				for _, d := range []float64{-0.01, 0.01} {
					x := append([]float64(nil), first...)
					x[i] += d
					if written(x) < sse {
						t.Errorf("season %d, %s trend: another initial state %d is better", m, tr, i)
					}
				}
			}
		}
	}
}

func TestSearchFindsWhatManyRandomPlacesDoNotBeat(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	beaten, total := 0, 0
	for range 30 {
		for _, m := range []int{0, 4} {
			y := randomSeries(rng, 48, m)
			f := newETSFitter(len(y), max(m, 1))
			f.standardise(y)
			f.raw = fitSmoothing(y)
			var before point
			for _, tr := range []trend{noTrend, additiveTrend, dampedTrend} {
				c := candidate{shape{tr, m}, false}
				f.w.on(f.values, c.shape)
				at := f.search(c, before)
				before = at
				best := at.sse
				for range 1000 {
					var u [most]float64
					for k := range c.free() {
						low, high := c.bounds(k)
						r := rng.Float64()
						u[k] = low + (high-low)*r*r
					}
					best = min(best, f.w.evaluate(u[:c.free()]))
				}
				total++
				if best < at.sse*(1-1e-4) {
					beaten++
					t.Logf("season %d, %s trend: %.5f at %.4f", m, tr, at.sse/best-1, at.u[:c.free()])
				}
			}
		}
	}
	t.Logf("%d of %d searches were beaten", beaten, total)
	if beaten*15 > total {
		t.Errorf("%d of %d searches ended in a worse place than a random one", beaten, total)
	}
}

func TestETSForecastsContinueItsOwnRecursion(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	y := randomSeries(rng, 60, 4)
	f := newETSFitter(len(y), 4).fit(y, fitSmoothing(y))
	point, spread := make([]float64, 9), make([]float64, 9)
	f.forecastTo(point, spread)
	// The deviations are those of simulated futures.
	const futures = 20000
	m := len(f.States)
	sums, squares := make([]float64, 9), make([]float64, 9)
	for range futures {
		level, slope, states := f.Level, f.Slope, append([]float64(nil), f.States...)
		for h := range sums {
			e := f.Sigma * rng.NormFloat64()
			slope *= f.Phi
			v := level + slope + e
			if m > 0 {
				v += states[(f.N+h)%m]
				states[(f.N+h)%m] += f.Gamma * e
			}
			level += slope + f.Alpha*e
			slope += f.Beta * e
			sums[h] += v
			squares[h] += (v - point[h]) * (v - point[h])
		}
	}
	for h := range sums {
		within(t, "mean", sums[h]/futures, point[h], 5*spread[h]/math.Sqrt(futures))
		within(t, "deviation", math.Sqrt(squares[h]/futures), spread[h], 0.03*spread[h])
	}
}

func TestETSFindsTheShapeThatMadeTheSeries(t *testing.T) {
	n := 60
	line, season, flat := make([]float64, n), make([]float64, n), make([]float64, n)
	rng := rand.New(rand.NewPCG(11, 12))
	for i := range n {
		noise := 0.2 * rng.NormFloat64()
		line[i] = 5 + 2*float64(i) + noise
		season[i] = 50 + 10*math.Sin(2*math.Pi*float64(i)/12) + noise
		flat[i] = 7
	}
	fit := func(y []float64) *ets { return newETSFitter(n, 12).fit(y, fitSmoothing(y)) }
	if f := fit(line); f.Trend != additiveTrend {
		t.Errorf("a straight line: got the trend %s", f.Trend)
	}
	if f := fit(season); len(f.States) == 0 && len(f.Season.Index) == 0 || f.Trend != noTrend {
		t.Errorf("a season: got %+v", f)
	}
	if f := fit(flat); f.Level != 7 || f.Sigma != 0 {
		t.Errorf("a constant: got %+v", f)
	}
}
