package outlier

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

var ctx = context.Background()

func matrix(cols ...[]float32) models.Matrix { return models.Matrix{Cols: cols} }

func normal(n, d int) models.Matrix {
	rng := rand.New(rand.NewPCG(5, 0))
	x := models.Matrix{Cols: make([][]float32, d)}
	for j := range x.Cols {
		for range n {
			x.Cols[j] = append(x.Cols[j], float32(rng.NormFloat64()))
		}
	}
	return x
}

func scores(t *testing.T, m *Forest, x models.Matrix) []float64 {
	t.Helper()
	n, _ := x.Dims()
	dst := make([]float64, n)
	if err := m.ScoreTo(dst, x); err != nil {
		t.Fatal(err)
	}
	return dst
}

// Of three rows on a line the cut isolates an end at once; which, is a matter
// of the gaps. All depths can be written down.
func TestForestByHand(t *testing.T) {
	x := matrix([]float32{0, 1, 10})
	c := DefaultForest()
	c.Trees, c.Seed = 10_000, 3
	m, _, err := c.Fit(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	got := scores(t, m, x)
	// A first cut in (0,1], chance 1/10, isolates the first row, else the last;
	// the other two are isolated by the second. c(3) = 2(ln 2 + γ) − 4/3.
	usual := 2*(math.Ln2+eulerGamma) - 4./3
	for i, path := range []float64{0.1*1 + 0.9*2, 2, 0.1*2 + 0.9*1} {
		if want := math.Exp2(-path / usual); math.Abs(got[i]-want) > 0.005 {
			t.Errorf("row %d: got %v, want about %v", i+1, got[i], want)
		}
	}
}

func TestTwoRowsTakeOneCut(t *testing.T) {
	m, r, err := DefaultForest().Fit(ctx, matrix([]float32{1, 2}))
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0].Code != "few_rows" {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := scores(t, m, matrix([]float32{1, 2, -9, 9})); !slices.Equal(got, []float64{0.5, 0.5, 0.5, 0.5}) { // 2^(−1/1)
		t.Errorf("got %v, want ½ for all", got)
	}
}

func TestFarRowsScoreHighest(t *testing.T) {
	x := normal(1000, 3)
	for j := range x.Cols {
		x.Cols[j][17] = 8
	}
	m, r, err := DefaultForest().Fit(ctx, x)
	if err != nil || !r.Converged || len(r.Warnings) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := scores(t, m, x)
	for i, s := range got {
		if s <= 0 || s > 1 {
			t.Fatalf("row %d scores %v, want a number in (0,1]", i+1, s)
		}
		if i != 17 && s >= got[17] {
			t.Errorf("row %d scores %v, no less than the far row's %v", i+1, s, got[17])
		}
	}
	if got[17] < 0.75 {
		t.Errorf("the far row scores %v, want at least 0.75", got[17])
	}
}

func TestUnitsDoNotMatterToAForest(t *testing.T) {
	x := normal(500, 3)
	scaled := models.Matrix{Cols: make([][]float32, 3)}
	for j, col := range x.Cols {
		for _, v := range col {
			scaled.Cols[j] = append(scaled.Cols[j], v*1024) // exact
		}
	}
	a, _, err1 := DefaultForest().Fit(ctx, x)
	b, _, err2 := DefaultForest().Fit(ctx, scaled)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if !slices.Equal(scores(t, a, x), scores(t, b, scaled)) {
		t.Error("scores change with the units of the columns")
	}
}

func TestSeedsGiveOtherForests(t *testing.T) {
	x := normal(500, 2)
	c := DefaultForest()
	a, _, err1 := c.Fit(ctx, x)
	c.Seed++
	b, _, err2 := c.Fit(ctx, x)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if slices.Equal(scores(t, a, x), scores(t, b, x)) {
		t.Error("two seeds give the same scores")
	}
}

// Values a hair apart, and values whose range overflows a float32, must still
// be cut so that neither side is empty.
func TestExtremeRangesAreCut(t *testing.T) {
	f := func(values ...float32) {
		t.Helper()
		m, _, err := DefaultForest().Fit(ctx, matrix(values))
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.trees {
			for k, n := range m.trees[i].nodes {
				if n.size < 1 || m.trees[i].isLeaf(k) && n.size > 1 {
					t.Fatalf("%v: tree %d, node %d: %d rows in a leaf", values, i, k, n.size)
				}
			}
		}
	}
	f(1, math.Nextafter32(1, 2))
	f(-math.MaxFloat32, math.MaxFloat32)
	f(0, math.SmallestNonzeroFloat32)
}

func TestSamplesAreDrawnWithoutReplacementAndEvenly(t *testing.T) {
	const n, size, draws = 20, 5, 8000
	count := make([]int, n)
	for seed := range draws {
		g := grower{rng: rand.New(rand.NewPCG(uint64(seed), 0))}
		rows := g.draw(n, size)
		slices.Sort(rows)
		if len(slices.Compact(rows)) != size {
			t.Fatalf("seed %d: got %v, want %d different rows", seed, rows, size)
		}
		for _, i := range rows {
			count[i]++
		}
	}
	// Binomial(8000, ¼): mean 2000, sd 38.7.
	for i, c := range count {
		if math.Abs(float64(c)-2000) > 5*38.7 {
			t.Errorf("row %d was drawn %d times, want about 2000", i, c)
		}
	}
}

func TestForestJSONThatIsNoTreeIsRefused(t *testing.T) {
	f := func(body string, want string) {
		t.Helper()
		err := new(Forest).UnmarshalJSON([]byte(`{"model":"isolation_forest","version":1,"columns":["a"],"sample":2,"trees":[` + body + `]}`))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
	f(`{"column":[0,-1,-1],"split":[0.5,0,0],"left":[1,0,0],"size":[2,1,1]}`, "")
	f(`{"column":[0,-1],"split":[0.5,0],"left":[1,0],"size":[2,1]}`, "tree 1")                   // a child is missing
	f(`{"column":[0,-1,-1,-1],"split":[0.5,0,0,0],"left":[1,0,0,0],"size":[2,1,1,1]}`, "tree 1") // one too many
	f(`{"column":[3,-1,-1],"split":[0.5,0,0],"left":[1,0,0],"size":[2,1,1]}`, "tree 1")          // no such column
	f(`{"column":[0,-1,-1],"split":[0.5,0,0],"left":[1,0,0],"size":[2,2,1]}`, "tree 1")          // rows do not add up
	f(`{"column":[0,-1,-1],"split":[0.5,0],"left":[1,0,0],"size":[2,1,1]}`, "tree 1")            // a split is missing
	f(`{"column":[0,-1,-1],"split":[0.5,0,0],"left":[0,0,0],"size":[2,1,1]}`, "tree 1")          // a cut that leads to itself
	f(`{"column":[0,-1,-1],"split":[0.5,0,0],"left":[1,1,0],"size":[2,1,1]}`, "tree 1")          // a leaf that leads on
	f(`{"column":[0,0,-1,-1],"split":[1,1,0,0],"left":[1,2,0,0],"size":[2,2,1,1]}`, "tree 1")    // two parents
	f(``, "0 trees")
}

func TestRobustZByHand(t *testing.T) {
	nan := float32(math.NaN())
	x := models.Matrix{
		Names: []string{"plain", "mostly 0", "fixed", "unknown"},
		Cols: [][]float32{
			{1, 2, 3, 4, 100}, // median 3, deviations 2 1 0 1 97: MAD 1
			{0, 0, 0, 0, 10},  // MAD 0: mean absolute deviation 2
			{7, 7, nan, 7, 7},
			{nan, nan, nan, nan, nan},
		},
	}
	m, r, err := DefaultRobust().Fit(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, w := range r.Warnings {
		codes = append(codes, w.Code)
	}
	if !slices.Equal(codes, []string{"constant_column", "empty_column", "mad_zero"}) {
		t.Errorf("got the warnings %v", codes)
	}
	x.Cols[2][0] = 9 // a new value in a column that never varied
	z := make([]float64, 20)
	if err := m.ScoreTo(z, x); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][4]float64{
		{-2 / madToSD, 0, 0, 0}, {-1 / madToSD, 0, 0, 0}, {0, 0, 0, 0}, {1 / madToSD, 0, 0, 0},
		{97 / madToSD, 10 / (2 * meanToSD), 0, 0},
	} {
		for j, v := range want {
			if math.Abs(z[i*4+j]-v) > 1e-12 {
				t.Errorf("row %d, column %d: got %v, want %v", i+1, j+1, z[i*4+j], v)
			}
		}
	}
}

func TestMedianIsThatOfSortedValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	for n := 1; n < 200; n += 1 + n/10 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32((rng.NormFloat64() * math.Pow(10, float64(rng.IntN(60)-30))))
			if rng.IntN(3) == 0 {
				values[i] = float32(rng.IntN(5) - 2)
			}
		}
		sorted := make([]float64, n)
		for i, v := range values {
			sorted[i] = float64(v)
		}
		sort.Float64s(sorted)
		want := sorted[(n-1)/2] + (sorted[n/2]-sorted[(n-1)/2])/2
		got, err := (&sample{values: values}).median(ctx)
		if err != nil || got != want {
			t.Errorf("n=%d: got %v, %v; want %v", n, got, err, want)
		}
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	err := ForestConfig{Trees: 0, Sample: 1, Workers: 0}.Validate()
	for _, field := range []string{"trees", "sample", "workers"} {
		if err == nil || !strings.Contains(err.Error(), "models: "+field+":") {
			t.Errorf("got %v, want a fault of %s", err, field)
		}
	}
	if (RobustConfig{}).Validate() == nil {
		t.Error("no workers: got no error")
	}
	if DefaultForest().Validate() != nil || DefaultRobust().Validate() != nil {
		t.Error("a default is at fault")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"model":"isolation_forest","version":1,"columns":["a"],"sample":2,"trees":[{"column":[0,-1,-1],"split":[0.5,0,0],"left":[1,0,0],"size":[2,1,1]}]}`))
	f.Add([]byte(`{"model":"robust_z","version":1,"columns":[{"name":"a","median":1,"scale":2}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Forest
		if m.UnmarshalJSON(b) == nil {
			x := models.Matrix{Cols: make([][]float32, len(m.names))}
			for j := range x.Cols {
				x.Cols[j] = []float32{0, 1}
			}
			scores(t, &m, x)
			roundTrip(t, &m, new(Forest))
		}
		var z RobustZ
		if z.UnmarshalJSON(b) == nil {
			roundTrip(t, &z, new(RobustZ))
		}
	})
}

type model interface {
	json.Marshaler
	json.Unmarshaler
}

func roundTrip(t *testing.T, m, again model) {
	t.Helper()
	first, err := m.MarshalJSON()
	if err != nil {
		t.Fatalf("an accepted model cannot be written: %v", err)
	}
	if err := again.UnmarshalJSON(first); err != nil {
		t.Fatalf("a written model cannot be read: %v", err)
	}
	if second, err := again.MarshalJSON(); err != nil || string(first) != string(second) {
		t.Fatalf("%s became %s, %v", first, second, err)
	}
}
