package linear

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

func TestIsotonicByHand(t *testing.T) {
	f := func(score, y, w, scores, want []float64) {
		t.Helper()
		m, _, err := DefaultIsotonic().Fit(ctx, score, y, w)
		if err != nil {
			t.Fatal(err)
		}
		s, v := m.Knots()
		if !slices.Equal(s, scores) || !slices.Equal(v, want) {
			t.Errorf("got %v at %v, want %v at %v", v, s, want, scores)
		}
	}
	f([]float64{1, 2, 3}, []float64{0, 1, 2}, nil, []float64{1, 2, 3}, []float64{0, 1, 2})                 // in order already
	f([]float64{3, 1, 2}, []float64{0, 2, 1}, nil, []float64{1, 3}, []float64{1, 1})                       // all pooled
	f([]float64{1, 2, 3, 4}, []float64{1, 3, 2, 4}, nil, []float64{1, 2, 3, 4}, []float64{1, 2.5, 2.5, 4}) // the middle pooled
	f([]float64{1, 1, 2}, []float64{0, 1, 1}, nil, []float64{1, 2}, []float64{0.5, 1})                     // equal scores
	f([]float64{1, 2}, []float64{4, 1}, []float64{1, 2}, []float64{1, 2}, []float64{2, 2})                 // (4 + 2·1)/3
	f([]float64{1, 2, 3}, []float64{9, 1, 2}, []float64{0, 1, 1}, []float64{2, 3}, []float64{1, 2})        // weight 0: no knot
	f([]float64{5}, []float64{0.3}, nil, []float64{5}, []float64{0.3})
}

func TestIsotonicPredictsBetweenAndBeyondKnots(t *testing.T) {
	m, _, err := DefaultIsotonic().Fit(ctx, []float64{1, 3}, []float64{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 5)
	if err := m.PredictTo(got, []float64{-9, 1, 1.5, 3, 9}); err != nil {
		t.Fatal(err)
	}
	agree(t, "predictions", got, []float64{0, 0, 0.25, 1, 1}, 1e-15)
}

// No non-decreasing function may fit better; random ones are tried.
func TestIsotonicIsTheBestMonotoneFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for range 100 {
		n := 1 + rng.IntN(20)
		score, y, w := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			score[i], y[i], w[i] = float64(i), rng.NormFloat64(), 0.1+rng.Float64()
		}
		m, _, err := DefaultIsotonic().Fit(ctx, score, y, w)
		if err != nil {
			t.Fatal(err)
		}
		fit := make([]float64, n)
		if err := m.PredictTo(fit, score); err != nil || !slices.IsSorted(fit) {
			t.Fatalf("got %v, %v; want ascending values", fit, err)
		}
		best := squares(fit, y, w)
		for range 20 {
			other := make([]float64, n)
			for i := range other {
				other[i] = fit[i] + 0.1*rng.NormFloat64()
			}
			sort.Float64s(other)
			if squares(other, y, w) < best-1e-12 {
				t.Fatalf("%v fits %v better than %v", other, y, fit)
			}
		}
	}
}

func squares(fit, y, w []float64) float64 {
	s := 0.0
	for i := range fit {
		s += w[i] * (fit[i] - y[i]) * (fit[i] - y[i])
	}
	return s
}

func TestSortByScoreIsStableForAnyWorkers(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for _, n := range []int{1, run, run + 1, 5*run + 17} {
		points := make([]point, n)
		for i := range points {
			points[i] = point{float64(rng.IntN(n/3 + 1)), float64(i), 1}
		}
		want := slices.Clone(points)
		sort.SliceStable(want, func(a, b int) bool { return want[a].score < want[b].score })
		for _, workers := range []int{1, 2, 8} {
			got, err := sortByScore(ctx, slices.Clone(points), workers)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("n=%d, %d workers: the order differs from a stable sort (%v)", n, workers, err)
			}
		}
	}
}

func TestPlattOfEqualScoresIsTheSmoothedRate(t *testing.T) {
	m, r, err := DefaultPlatt().Fit(ctx, []float64{2, 2, 2, 2}, []float64{1, 0, 0, 0}, nil)
	if err != nil || !r.Converged {
		t.Fatal(r, err)
	}
	if slope, _ := m.Curve(); slope != 0 {
		t.Errorf("got slope %v, want 0", slope)
	}
	got := []float64{2}
	if err := m.PredictTo(got, got); err != nil {
		t.Fatal(err)
	}
	want := (2./3 + 3./5) / 4 // targets (1+1)/(1+2) and three times 1/(3+2)
	if math.Abs(got[0]-want) > 1e-12 {
		t.Errorf("got %v, want %v", got[0], want)
	}
}

func TestPlattOfAPerfectScoreStaysFinite(t *testing.T) {
	m, r, err := DefaultPlatt().Fit(ctx, []float64{1, 2, 3, 4}, []float64{0, 0, 1, 1}, nil)
	if err != nil || !r.Converged {
		t.Fatalf("got %+v, %v; want convergence", r, err)
	}
	got := []float64{1, 2, 3, 4}
	if err := m.PredictTo(got, got); err != nil || got[0] <= 0.01 || got[3] >= 0.99 || !slices.IsSorted(got) {
		t.Errorf("got %v, %v; want rising probabilities away from 0 and 1", got, err)
	}
}

// The likelihood is concave in slope and intercept: where its maximum has a
// slope below 0, the maximum of all slopes ≥ 0 has the slope 0.
func TestARisingCurveNeverFalls(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	for range 50 {
		score, label := make([]float64, 60), make([]float64, 60)
		ones := 0.0
		for i := range score {
			score[i], label[i] = rng.NormFloat64(), float64(rng.IntN(2))
			ones += label[i]
		}
		free, _, err := DefaultPlatt().Fit(ctx, score, label, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := DefaultPlatt()
		c.Rising = true
		m, report, err := c.Fit(ctx, score, label, nil)
		if err != nil || !report.Converged {
			t.Fatalf("got converged %v, %v", report.Converged, err)
		}
		slope, intercept := m.Curve()
		wantSlope, wantIntercept := free.Curve()
		if wantSlope < 0 {
			zeros := 60 - ones
			targets := ones*(ones+1)/(ones+2) + zeros/(zeros+2)
			wantSlope, wantIntercept = 0, math.Log(targets/(60-targets))
		}
		if slope != wantSlope || math.Abs(intercept-wantIntercept) > 1e-12 {
			t.Fatalf("got %v and %v, want %v and %v", slope, intercept, wantSlope, wantIntercept)
		}
	}
}
