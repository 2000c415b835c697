package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
)

// byHand computes Theta from its definition, sharing no code: the best α by a
// search over the exact sum of squares, the first level by the normal equation.
func byHand(y []float64, h int) []float64 {
	n := len(y)
	first := func(alpha float64) float64 {
		// e_t = a_t − (1−α)^t·first, where a_t is y_t less the weighted past.
		var num, den float64
		for t := range y {
			level := 0.0
			for s := range t {
				level += alpha * math.Pow(1-alpha, float64(t-1-s)) * y[s]
			}
			c := math.Pow(1-alpha, float64(t))
			num += (y[t] - level) * c
			den += c * c
		}
		return num / den
	}
	sse := func(alpha float64) float64 {
		level, sum := first(alpha), 0.0
		for _, v := range y {
			sum += (v - level) * (v - level)
			level += alpha * (v - level)
		}
		return sum
	}
	best := leastAlpha
	for a := 0.005; a < 1; a += 0.005 {
		if sse(a) < sse(best) {
			best = a
		}
	}
	low, high := math.Max(best-0.005, leastAlpha), math.Min(best+0.005, mostAlpha)
	for range 200 {
		a, b := low+(high-low)/3, high-(high-low)/3
		if sse(a) < sse(b) {
			high = b
		} else {
			low = a
		}
	}
	alpha := (low + high) / 2
	level := first(alpha)
	for _, v := range y {
		level += alpha * (v - level)
	}
	var st, sy, stt, sty float64
	for t, v := range y {
		st += float64(t)
		sy += v
		stt += float64(t) * float64(t)
		sty += float64(t) * v
	}
	b := (float64(n)*sty - st*sy) / (float64(n)*stt - st*st)
	out := make([]float64, h)
	for i := range out {
		out[i] = level + b/2*(float64(i)+(1-math.Pow(1-alpha, float64(n)))/alpha)
	}
	return out
}

func TestThetaIsTheFormulaByHand(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for trial := range 40 {
		y := make([]float64, 20+rng.IntN(60))
		level := 100.0
		for i := range y {
			level += rng.NormFloat64() * 3
			y[i] = level + rng.NormFloat64()*5 + float64(trial%5)*float64(i)/4
		}
		f := fitTheta(y, 1, fitSmoothing(y))
		point, spread := make([]float64, 6), make([]float64, 6)
		f.forecastTo(point, spread)
		for h, want := range byHand(y, 6) {
			// A search by values finds α to the root of the precision only.
			within(t, "forecast", point[h], want, 1e-5*math.Abs(want))
		}
		// With the same α and first level, the formula holds to the last digits.
		l, n, alpha := f.Smoothing.First, float64(len(y)), f.Smoothing.Alpha
		for _, v := range y {
			l = alpha*v + (1-alpha)*l
		}
		for h := range point {
			want := l + f.Slope/2*(float64(h)+(1-math.Pow(1-alpha, n))/alpha)
			within(t, "forecast of the formula", point[h], want, 1e-9*math.Abs(want))
			sd := math.Sqrt(f.Smoothing.sse / (n - 2) * (1 + float64(h)*alpha*alpha))
			within(t, "deviation of the formula", spread[h], sd, 1e-9*sd)
		}
	}
}

func TestSeasonIsFoundInDifferencesUnderATrend(t *testing.T) {
	y := make([]float64, 36)
	for i := range y {
		y[i] = 100 + 10*float64(i) + 40*float64(i%12/11)
	}
	if !hasSeason(y, 12) {
		t.Error("found no season under the trend")
	}
	if hasSeason(y[:23], 12) {
		t.Error("found a season in less than two years")
	}
	for i := range y {
		y[i] = 100 + 10*float64(i)
	}
	if hasSeason(y, 12) {
		t.Error("found a season in a straight line")
	}
}

func TestClassicalAdjustmentByHand(t *testing.T) {
	// A level of 10 with the factors 0.8, 1, 1.2 and, added, −2, 0, 2.
	s := classical([]float64{8, 10, 12, 8, 10, 12, 8, 10, 12}, 3)
	if !s.Multiplicative {
		t.Fatal("got an additive season of positive values")
	}
	for j, want := range []float64{0.8, 1, 1.2} {
		within(t, "factor", s.Index[j], want, 1e-12)
	}
	s = classical([]float64{-2, 0, 2, -2, 0, 2}, 3)
	if s.Multiplicative {
		t.Fatal("got a multiplicative season of values that are not positive")
	}
	for j, want := range []float64{-2, 0, 2} {
		within(t, "difference", s.Index[j], want, 1e-12)
	}
}
