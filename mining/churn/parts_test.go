package churn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models"
)

func TestMoneyBecomesALogarithmAndShiftsOfBothSignsDoNot(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 0))
	money, trend := make([]float64, 5000), make([]float64, 5000)
	for i := range money {
		money[i], trend[i] = math.Exp(2*rng.NormFloat64()), rng.NormFloat64()
	}
	for _, c := range []struct {
		name   string
		values []float64
		want   features.Transform
	}{{"money", money, features.Log}, {"trend", trend, features.NoTransform}, {"constant", []float64{2, 2, 2}, features.NoTransform}} {
		got, err := lessSkewed(c.name, c.values)
		if err != nil || got.Transform != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.name, got.Transform, err, c.want)
		}
	}
}

func TestDesignByHand(t *testing.T) {
	nan := float32(math.NaN())
	// Of mean 2 and deviation 1; the first two are missing in the same row.
	x := models.Matrix{Names: []string{"a", "b", "c"}, Cols: [][]float32{{1, 3, 1, 3, nan}, {3, 1, 3, 1, nan}, {1, 1, 1, 1, 1}}}
	columns, err := learnColumns(context.Background(), x, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !columns[0].Indicator || columns[1].Indicator || columns[2].Indicator {
		t.Errorf("got indicators %v, %v, %v; want one for both features missing in the same row, none for the constant",
			columns[0].Indicator, columns[1].Indicator, columns[2].Indicator)
	}
	for j := range columns {
		columns[j].Scale.Transform, columns[j].Scale.Center, columns[j].Scale.Spread = features.NoTransform, 2, 1
	}
	far := models.Matrix{Names: x.Names, Cols: [][]float32{{1, nan, 100}, {1, 2, -100}, {1, 7, nan}}}
	got, err := design(context.Background(), columns, far, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float32{{-1, 0, farthest}, {-1, 0, -farthest}, {0, 0, 0}, {0, 1, 0}}
	for k := range want {
		if !slices.Equal(got.Cols[k], want[k]) {
			t.Errorf("%s: got %v, want %v", got.Names[k], got.Cols[k], want[k])
		}
	}
	if wantNames := []string{"a", "b", "c", "a missing"}; !slices.Equal(got.Names, wantNames) {
		t.Errorf("got names %q, want %q", got.Names, wantNames)
	}
}

func TestBalancedRowsStandForAllRows(t *testing.T) {
	target := make([]float64, 20_000)
	for i := 0; i < len(target); i += 100 {
		target[i] = 1
	}
	rows, weight := balanced(target, 2000, 1)
	var sum, rare float64
	for i, r := range rows {
		sum += weight[i]
		rare += target[r]
	}
	if rare != 200 || math.Abs(sum-20_000) > 1e-6 || len(rows) > 1400 || len(rows) < 1000 {
		t.Errorf("got %d rows, %v of the rarer class, standing for %v; want all 200, some 1,000 of the others, 20,000", len(rows), rare, sum)
	}
	if rows, weight := balanced(target, 20_000, 1); len(rows) != 20_000 || weight != nil {
		t.Errorf("got %d rows with weights %v where all may be had, want all without", len(rows), weight != nil)
	}
}

func TestSplitsDealEachRowOnce(t *testing.T) {
	first, second := split(10_000, 0.8, 3, streamSplit)
	all := slices.Concat(first, second)
	slices.Sort(all)
	for i, r := range all {
		if int(r) != i {
			t.Fatalf("got row %d in place %d of all, want each once", r, i)
		}
	}
	if len(all) != 10_000 || len(first) < 7900 || len(first) > 8100 {
		t.Errorf("got %d and %d rows, want about 8,000 and 2,000", len(first), len(second))
	}
	other, _ := split(10_000, 0.8, 4, streamSplit)
	if slices.Equal(first, other) {
		t.Error("another seed deals alike")
	}
}

// scored draws scores and labels of 1 with the chance that curve gives.
func scored(n int, curve func(s float64) float64, seed uint64) (score, target []float64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	for range n {
		s := rng.NormFloat64() * 2
		score = append(score, s)
		target = append(target, number(rng.Float64() < curve(s)))
	}
	return score, target
}

func sigmoid(s float64) float64 { return 1 / (1 + math.Exp(-s)) }

func TestCalibrationFindsTheCurve(t *testing.T) {
	curve := func(s float64) float64 { return sigmoid(0.5*s - 1) }
	for n, want := range map[int]string{3000: "platt", 60_000: "isotonic"} {
		score, target := scored(n, curve, 22)
		c, converged, err := calibrate(context.Background(), score, target, 2)
		if err != nil || !converged || c.name() != want {
			t.Fatalf("%d rows: got %s, converged %v, %v; want %s", n, c.name(), converged, err, want)
		}
		for _, s := range []float64{-2, 0, 2} {
			prob := make([]float64, 1)
			if err := c.apply(prob, []float64{s}); err != nil || math.Abs(prob[0]-curve(s)) > 0.05 {
				t.Errorf("%s at %v: got %v, %v; want about %.3f", want, s, prob[0], err, curve(s))
			}
		}
	}
}

func TestNobodyAtTheEndOfACurveIsCertain(t *testing.T) {
	// 10,000 of each class, told apart perfectly: (0+1)/(n+2) by Laplace's rule.
	var score, target []float64
	for i := range 20_000 {
		score, target = append(score, float64(i)), append(target, number(i >= 10_000))
	}
	c, _, err := calibrate(context.Background(), score, target, 1)
	if err != nil {
		t.Fatal(err)
	}
	prob := make([]float64, 2)
	if err := c.apply(prob, []float64{-5, 30_000}); err != nil {
		t.Fatal(err)
	}
	if c.name() != "isotonic" || prob[0] != 1.0/10_002 || prob[1] != 10_001.0/10_002 {
		t.Errorf("got %s, %v; want isotonic, 1/10002 and 10001/10002", c.name(), prob)
	}
}

func TestLevellingSetsTheMeanToTheShareThatLeft(t *testing.T) {
	for _, n := range []int{3000, 60_000} {
		score, target := scored(n, sigmoid, 23)
		c, _, err := calibrate(context.Background(), score, target, 2)
		if err != nil {
			t.Fatal(err)
		}
		later, left := scored(5000, func(s float64) float64 { return sigmoid(s - 1) }, 24)
		if c, err = c.levelled(later, average(left)); err != nil {
			t.Fatal(err)
		}
		prob := make([]float64, len(later))
		if err := c.apply(prob, later); err != nil {
			t.Fatal(err)
		}
		var got, want float64
		for i, p := range prob {
			got += p
			want += left[i]
		}
		if math.Abs(got-want) > 0.01*want || math.Abs(c.Shift+1) > 0.15 {
			t.Errorf("%s: got %v leaving, shift %v; want %v, about −1", c.name(), got, c.Shift, want)
		}
	}
}

func TestAFlatCurveIsLevelledToTheShareItself(t *testing.T) {
	score, target := make([]float64, 100), make([]float64, 100)
	target[0] = 1
	c, _, err := calibrate(context.Background(), score, target, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.levelled(score, 0.02)
	if err != nil || got.name() != flat || *got.Flat != 0.02 || got.Shift != 0 {
		t.Errorf("got %+v, %v; want flat at 0.02", got, err)
	}
	if *c.Flat != 0.01 {
		t.Errorf("levelling a copy changed the curve to %v", *c.Flat)
	}
}

func TestNoCurveFalls(t *testing.T) {
	falling := func(s float64) float64 { return sigmoid(-0.5*s - 1) }
	for _, n := range []int{3000, 60_000} {
		score, target := scored(n, falling, 25)
		c, converged, err := calibrate(context.Background(), score, target, 2)
		if err != nil || !converged {
			t.Fatalf("%d rows: converged %v, %v", n, converged, err)
		}
		prob := make([]float64, 2)
		if err := c.apply(prob, []float64{-3, 3}); err != nil || prob[0] > prob[1] {
			t.Errorf("%d rows: got %v, %v; want no fall", n, prob, err)
		}
		if n == 3000 && (!c.flat() || prob[0] != average(target)) {
			t.Errorf("got %s at %v, want flat at the share that left, %v", c.name(), prob[0], average(target))
		}
	}
}

func TestStillTellsALossThatHardlyFalls(t *testing.T) {
	falling, flat := make([]float64, 101), make([]float64, 101)
	for i := range falling {
		falling[i] = 1 - 0.005*float64(i)
		flat[i] = 0.5 + math.Exp(-float64(i))
	}
	if still(falling) {
		t.Error("a loss that falls by an eighth in the last rounds counts as still")
	}
	if !still(flat) {
		t.Error("a loss that falls no more counts as falling")
	}
}
