package outlier

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func TestMCDAgreesWithScikitLearn(t *testing.T) {
	b, err := os.ReadFile("testdata/reference/mcd.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Sets []struct {
			X                              [][]float32
			Location, Covariance, Distance []float64
		}
	}
	if err := json.Unmarshal(b, &reference); err != nil {
		t.Fatal(err)
	}
	for k, r := range reference.Sets {
		x := models.Matrix{Cols: r.X}
		m, report, err := DefaultMCD().Fit(ctx, x)
		if err != nil || len(report.Warnings) > 0 {
			t.Fatal(err, report.Warnings)
		}
		got := make([]float64, len(r.Distance))
		if err := m.ScoreTo(got, x); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, want := range r.Distance {
			worst = max(worst, math.Abs(got[i]-want)/(1+want))
		}
		for i, want := range r.Covariance {
			worst = max(worst, math.Abs(m.Covariance()[i]-want)/(1+math.Abs(want)))
		}
		for i, want := range r.Location {
			worst = max(worst, math.Abs(m.Location()[i]-want)/(1+math.Abs(want)))
		}
		t.Logf("set %d: %d rows, %d columns: worst relative difference %.2g", k, len(r.Distance), len(r.X), worst)
		// Theirs ends where a step changes the determinant by less than 1e-5.
		if worst > 1e-5 {
			t.Errorf("set %d: differs by %.2g", k, worst)
		}
	}
}

// determinantOf returns the logarithm of the determinant of the covariance of the
// rows that are chosen by a bit mask.
func determinantOf(x models.Matrix, mask uint) float64 {
	r := &rows{d: len(x.Cols)}
	for i := range x.Cols[0] {
		if mask>>i&1 == 1 {
			r.n++
			for _, col := range x.Cols {
				r.values = append(r.values, float64(col[i]))
			}
		}
	}
	return r.measure(nil).determinant
}

func TestCoreHasTheLeastDeterminantOfAllSubsets(t *testing.T) {
	const n = 14
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		x := models.Matrix{Cols: [][]float32{make([]float32, n), make([]float32, n)}}
		for i := range n {
			x.Cols[0][i], x.Cols[1][i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
			if i%3 == 0 {
				x.Cols[0][i] += 6
			}
		}
		r, err := standardise(ctx, x)
		if err != nil {
			t.Fatal(err)
		}
		s := search{rows: r, h: (n + 3 + 1) / 2, seed: seed, workers: 1}
		core, err := s.core(ctx)
		if err != nil {
			t.Fatal(err)
		}
		whole := models.Matrix{Cols: [][]float32{make([]float32, n), make([]float32, n)}}
		for i := range n {
			whole.Cols[0][i], whole.Cols[1][i] = float32(r.values[2*i]), float32(r.values[2*i+1])
		}
		best := math.Inf(1)
		for mask := range uint(1) << n {
			if popCount(mask) == s.h {
				best = min(best, determinantOf(whole, mask))
			}
		}
		if core.determinant > best+1e-5 {
			t.Errorf("seed %d: found the determinant %.6f, the best of all subsets has %.6f", seed, core.determinant, best)
		}
	}
}

func popCount(v uint) (n int) {
	for ; v > 0; v &= v - 1 {
		n++
	}
	return n
}

func TestMCDWithstandsAlmostHalfOfTheRows(t *testing.T) {
	for _, n := range []int{200, 3000} {
		x := normal(n, 3)
		for i := range n * 2 / 5 {
			for _, col := range x.Cols {
				col[i] = 50 + col[i]/10
			}
		}
		m, _, err := DefaultMCD().Fit(ctx, x)
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range m.Location() {
			if math.Abs(v) > 0.5 {
				t.Errorf("%d rows: centre of column %d: got %v, want about 0", n, j+1, v)
			}
		}
		dst := make([]float64, n)
		if err := m.ScoreTo(dst, x); err != nil {
			t.Fatal(err)
		}
		if wild, tame := slices.Min(dst[:n*2/5]), slices.Max(dst[n*2/5:]); wild < 3*tame {
			t.Errorf("%d rows: the nearest wild row is at %v, the farthest ordinary one at %v", n, wild, tame)
		}
	}
}

func TestMCDIsConsistentForNormalRows(t *testing.T) {
	const n = 20_000
	x := normal(n, 3)
	m, _, err := DefaultMCD().Fit(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	for j := range 3 {
		if v := m.Covariance()[j*3+j]; math.Abs(v-1) > 0.05 {
			t.Errorf("variance of column %d: got %v, want about 1", j+1, v)
		}
	}
	dst := make([]float64, n)
	if err := m.ScoreTo(dst, x); err != nil {
		t.Fatal(err)
	}
	below := 0.0
	for _, v := range dst {
		if m.PValue(v) < 0.05 {
			below++
		}
	}
	if share := below / n; math.Abs(share-0.05) > 0.01 {
		t.Errorf("got %.4f of the p-values below 0.05", share)
	}
}

func TestMCDDistanceIgnoresUnitsAndCombinations(t *testing.T) {
	x := normal(400, 2)
	y := models.Matrix{Cols: [][]float32{make([]float32, 400), make([]float32, 400)}}
	for i := range 400 {
		y.Cols[0][i] = 1000*x.Cols[0][i] + 5000
		y.Cols[1][i] = x.Cols[0][i]/8 + x.Cols[1][i]/4
	}
	score := func(x models.Matrix) []float64 {
		m, _, err := DefaultMCD().Fit(ctx, x)
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]float64, 400)
		if err := m.ScoreTo(dst, x); err != nil {
			t.Fatal(err)
		}
		return dst
	}
	a, b := score(x), score(y)
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-3*(1+a[i]) {
			t.Fatalf("row %d: got %v and %v", i+1, a[i], b[i])
		}
	}
}

func TestMCDOfALineSaysSo(t *testing.T) {
	x := normal(200, 2)
	for i := range 150 {
		x.Cols[1][i] = 2 * x.Cols[0][i]
	}
	m, r, err := DefaultMCD().Fit(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.Warnings, func(w models.Warning) bool { return w.Code == "exact_fit" }) {
		t.Errorf("got the warnings %v", r.Warnings)
	}
	dst := make([]float64, 200)
	if err := m.ScoreTo(dst, x); err != nil {
		t.Fatal(err)
	}
	if on, off := slices.Max(dst[:150]), slices.Min(dst[150:]); !(off > on) || math.IsInf(slices.Max(dst), 0) {
		t.Errorf("rows on the line reach %v, rows off it begin at %v", on, off)
	}
}

func TestMCDOfOneColumnIsTheShortestHalf(t *testing.T) {
	// The core is 1, 2, 3, 4 (h = ⌈(6+2)/2⌉ = 4): centre 2.5, variance 1.25.
	x := models.Matrix{Cols: [][]float32{{100, 2, 4, 1, 3, -80}}}
	r, err := standardise(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	s := search{rows: r, h: 4, workers: 1}
	core, err := s.core(ctx)
	if err != nil {
		t.Fatal(err)
	}
	centre := r.centres[0] + core.centre[0]*r.scales[0]
	variance := core.covariance[0] * r.scales[0] * r.scales[0]
	if math.Abs(centre-2.5) > 1e-9 || math.Abs(variance-1.25) > 1e-4 {
		t.Errorf("got the centre %v and the variance %v, want 2.5 and 1.25", centre, variance)
	}
}

func TestConsistencyFactors(t *testing.T) {
	// From R: qchisq(0.5, 2) = 1.386294, pchisq of it with 4 df = 0.1534264.
	if got := consistency(2, 0.5); math.Abs(got-0.5/0.1534264) > 1e-5 {
		t.Errorf("got %v", got)
	}
	if got := consistency(3, 1); got != 1 {
		t.Errorf("got %v, want 1 for all rows", got)
	}
}

func TestMCDSettingsAreChecked(t *testing.T) {
	for _, c := range []MCDConfig{{Support: 0.4, Workers: 1}, {Support: math.NaN(), Workers: 1}, {Support: 0.5}} {
		var e *models.ConfigError
		if _, _, err := c.Fit(ctx, normal(30, 2)); !errors.As(err, &e) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestSmallestIsTheRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		v := make([]float64, 1+rng.IntN(40))
		for i := range v {
			v[i] = float64(rng.IntN(20))
		}
		k := rng.IntN(len(v))
		sorted := slices.Sorted(slices.Values(v))
		if got := smallest(v, k); got != sorted[k] {
			t.Fatalf("rank %d of %v: got %v", k, sorted, got)
		}
	}
}
