package tree

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

var nan = float32(math.NaN())

// plain returns settings under which nothing but the data decides.
func plain() Config {
	c := Default()
	c.MaxDepth, c.MinLeafRows, c.Folds = NoLimit, 1, 0
	return c
}

func matrix(cols ...[]float32) models.Matrix { return models.Matrix{Cols: cols} }

func fitClasses(t *testing.T, c Config, x models.Matrix, y []int32, classes int, w []float64) *Tree {
	t.Helper()
	tr, _, err := c.FitClasses(context.Background(), x, y, classes, w)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// drawing returns the rules of a tree, one a line: enough to compare trees.
func drawing(tr *Tree) []string {
	var lines []string
	for _, r := range tr.Rules(nil, nil, nil) {
		lines = append(lines, r.Text)
	}
	return lines
}

func TestTreesWorkedOutByHand(t *testing.T) {
	f := func(name string, x models.Matrix, y []int32, want ...string) {
		t.Helper()
		for _, bins := range []int{0, 2, 255} {
			c := plain()
			c.MaxBins = bins
			if got := drawing(fitClasses(t, c, x, y, 2, nil)); !slices.Equal(got, want) {
				t.Errorf("%s, %d bins: got %q, want %q", name, bins, got, want)
			}
		}
	}
	f("one row", matrix([]float32{3}), []int32{1}, "always ⇒ class 1")
	f("one class", matrix([]float32{3, 4}), []int32{1, 1}, "always ⇒ class 1")
	f("a tie of classes", matrix([]float32{3, 3}), []int32{1, 0}, "always ⇒ class 0")
	f("the middle of two values", matrix([]float32{1, 4}), []int32{0, 1},
		"column 1 ≤ 2.5 ⇒ class 0", "column 1 > 2.5 ⇒ class 1")
	f("the lowest of equal columns", matrix([]float32{1, 4}, []float32{1, 4}, []float32{4, 1}), []int32{0, 1},
		"column 1 ≤ 2.5 ⇒ class 0", "column 1 > 2.5 ⇒ class 1")
	f("a constant column is passed over", matrix([]float32{7, 7}, []float32{0, 1}), []int32{1, 0},
		"column 2 ≤ 0.5 ⇒ class 1", "column 2 > 0.5 ⇒ class 0")
	f("missing values tell the classes apart", matrix([]float32{nan, 1, 1, nan}), []int32{1, 0, 0, 1},
		"column 1 present ⇒ class 0", "column 1 missing ⇒ class 1")
	f("missing values go with the small ones", matrix([]float32{nan, 1, 5, 5, 1}), []int32{1, 1, 0, 0, 1},
		"(column 1 ≤ 3 or missing) ⇒ class 1", "column 1 > 3 ⇒ class 0")
	f("missing values go with the large ones", matrix([]float32{nan, 1, 5, 5, 1}), []int32{0, 1, 0, 0, 1},
		"column 1 ≤ 3 ⇒ class 1", "(column 1 > 3 or missing) ⇒ class 0")
	// No question gains anything by itself, yet two of them settle it.
	f("exclusive or", matrix([]float32{0, 0, 1, 1}, []float32{0, 1, 0, 1}), []int32{0, 1, 1, 0},
		"column 1 ≤ 0.5 and column 2 ≤ 0.5 ⇒ class 0", "column 1 ≤ 0.5 and column 2 > 0.5 ⇒ class 1",
		"column 1 > 0.5 and column 2 ≤ 0.5 ⇒ class 1", "column 1 > 0.5 and column 2 > 0.5 ⇒ class 0")
}

func TestLowestOfEqualThresholdsWins(t *testing.T) {
	// Cuts at 1.5 and at 2.5 set one row of class 1 apart from two of class 0 and 1.
	c := plain()
	c.MaxDepth = 1
	got := drawing(fitClasses(t, c, matrix([]float32{1, 2, 3}), []int32{1, 0, 1}, 2, nil))
	want := []string{"column 1 ≤ 1.5 ⇒ class 1", "column 1 > 1.5 ⇒ class 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRegressionWorkedOutByHand(t *testing.T) {
	c := plain()
	c.MaxDepth = 1
	x := matrix([]float32{1, 2, 3, 10})
	tr, rep, err := c.FitValues(context.Background(), x, []float64{1, 2, 3, 100}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 4)
	if err := tr.PredictTo(got, x); err != nil {
		t.Fatal(err)
	}
	// Σ(y − 26.5)² = 7205 without a split; 2 with the means 2 and 100.
	if !slices.Equal(got, []float64{2, 2, 2, 100}) || math.Abs(rep.Score-(1-2.0/7205)) > 1e-15 {
		t.Errorf("got %v with R² %v", got, rep.Score)
	}
	rule := tr.Rules([]string{"age"}, nil, nil)[0]
	if rule.Text != "age ≤ 6.5 ⇒ 2" || rule.Rows != 3 || rule.Share != 0.75 || math.Abs(rule.StdDev-math.Sqrt(2.0/3)) > 1e-15 {
		t.Errorf("got %+v", rule)
	}
}

// TestOnlyColumnsThatAreAskedMatter writes anything into the others.
func TestOnlyColumnsThatAreAskedMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	const n = 500
	x, y := matrix(make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)), make([]int32, n)
	for i := range n {
		for j := range x.Cols {
			x.Cols[j][i] = float32(rng.IntN(10))
		}
		if x.Cols[3][i] > 4 && x.Cols[1][i] > 4 {
			y[i] = 1
		}
	}
	tr := fitClasses(t, plain(), x, y, 2, nil)
	if got := tr.Asked(); !slices.Equal(got, []int{1, 3}) {
		t.Fatalf("got the columns %v, want 1 and 3", got)
	}
	before, after := make([]int32, n), make([]int32, n)
	if err := tr.LeafTo(before, x); err != nil {
		t.Fatal(err)
	}
	clear(x.Cols[0])
	x.Cols[2] = slices.Repeat([]float32{nan}, n)
	if err := tr.LeafTo(after, x); err != nil || !slices.Equal(before, after) {
		t.Errorf("other leaves though nothing that is asked has changed: %v", err)
	}
	if got := fitClasses(t, plain(), x, make([]int32, n), 2, nil).Asked(); len(got) > 0 {
		t.Errorf("got the columns %v for a tree without a question", got)
	}
}

func TestLimitsHold(t *testing.T) {
	x, y := benchmarkTable(3000, 5)
	f := func(name string, change func(*Config), holds func(*Tree) bool) {
		t.Helper()
		for _, bins := range []int{0, 255} {
			c := plain()
			c.MaxBins = bins
			change(&c)
			if tr := fitClasses(t, c, x, y, 4, nil); !holds(tr) {
				t.Errorf("%s, %d bins: broken by a tree of depth %d with %d leaves", name, bins, tr.Depth(), tr.Leaves())
			}
		}
	}
	smallest := func(tr *Tree) int {
		least := math.MaxInt
		for _, r := range tr.Rules(nil, nil, nil) {
			least = min(least, r.Rows)
		}
		return least
	}
	f("max_depth 0", func(c *Config) { c.MaxDepth = 0 }, func(tr *Tree) bool { return tr.Leaves() == 1 })
	f("max_depth 3", func(c *Config) { c.MaxDepth = 3 }, func(tr *Tree) bool { return tr.Depth() == 3 && tr.Leaves() == 8 })
	f("max_leaves 7", func(c *Config) { c.MaxLeaves = 7 }, func(tr *Tree) bool { return tr.Leaves() == 7 })
	f("max_leaves 1", func(c *Config) { c.MaxLeaves = 1 }, func(tr *Tree) bool { return tr.Leaves() == 1 })
	f("min_leaf_rows", func(c *Config) { c.MinLeafRows = 50 }, func(tr *Tree) bool { return smallest(tr) >= 50 && tr.Leaves() > 10 })
	f("min_leaf_weight", func(c *Config) { c.MinLeafWeight = 50 }, func(tr *Tree) bool { return smallest(tr) >= 50 && tr.Leaves() > 10 })
	f("min_gain", func(c *Config) { c.MinGain = 2 }, func(tr *Tree) bool { return tr.Leaves() == 1 })
}

func TestReportWarns(t *testing.T) {
	f := func(x models.Matrix, y []int32, folds int, want ...string) {
		t.Helper()
		c := plain()
		c.Folds = folds
		_, rep, err := c.FitClasses(context.Background(), x, y, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range rep.Warnings {
			got = append(got, w.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(matrix([]float32{1, 2}), []int32{0, 1}, 0)
	f(matrix([]float32{1, 2}), []int32{0, 1}, 2, "too_few_rows")
	f(matrix([]float32{1, 2}), []int32{1, 1}, 0, "single_class")
	f(matrix([]float32{2, 2}), []int32{0, 1}, 0, "no_split", "constant_column")
	f(matrix([]float32{2, 2}, []float32{1, 2}), []int32{0, 1}, 0, "constant_column")

	_, rep, err := plain().FitValues(context.Background(), matrix([]float32{1, 2}), []float64{3, 3}, nil)
	if err != nil || len(rep.Warnings) != 1 || rep.Warnings[0].Code != "constant_target" || rep.Score != 1 {
		t.Errorf("constant target: got %+v, %v", rep, err)
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	c := Config{Criterion: 7, MaxDepth: -1, MaxBins: 1, Folds: 1, MinGain: math.NaN(), MinLeafWeight: -1, Alpha: math.Inf(1), Kinds: []Kind{9}}
	err := c.Validate()
	var count int
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var ce *models.ConfigError
		if errors.As(e, &ce) {
			count++
		}
	}
	if count != 11 {
		t.Errorf("got %d faults, want 11: %v", count, err)
	}
	if err := errors.Join(Default().Validate(), DefaultSurrogate().Validate()); err != nil {
		t.Error(err)
	}
}

func TestTargetsOutOfRangeAreRefused(t *testing.T) {
	x := matrix([]float32{1, 2, 3})
	var ve *models.ValueError
	for _, bad := range []int32{-1, 2} {
		_, _, err := plain().FitClasses(context.Background(), x, []int32{0, 1, bad}, 2, nil)
		if !errors.As(err, &ve) || ve.Row != 3 || ve.Column != 0 {
			t.Errorf("class %d: got %v", bad, err)
		}
	}
	if _, _, err := plain().FitValues(context.Background(), x, []float64{0, 1e300, -1e300}, nil); !errors.As(err, &ve) {
		t.Errorf("squares that overflow: got %v", err)
	}
	if _, _, err := plain().FitClasses(context.Background(), x, []int32{0, 0, 0}, 0, nil); err == nil {
		t.Error("no classes: got no error")
	}
	c := plain()
	c.Kinds = []Kind{Categorical}
	for _, bad := range []float32{-1, 0.5, maxCategory} {
		_, _, err := c.FitClasses(context.Background(), matrix([]float32{0, bad, 1}), []int32{0, 1, 0}, 2, nil)
		if !errors.As(err, &ve) || ve.Row != 2 || ve.Column != 1 {
			t.Errorf("category %v: got %v", bad, err)
		}
	}
}

func TestWrongTaskIsRefused(t *testing.T) {
	x := matrix([]float32{1, 2})
	tr := fitClasses(t, plain(), x, []int32{0, 1}, 2, nil)
	if tr.PredictTo(make([]float64, 2), x) == nil {
		t.Error("PredictTo of classes: got no error")
	}
	tr, _, _ = plain().FitValues(context.Background(), x, []float64{0, 1}, nil)
	if tr.PredictClassTo(make([]int32, 2), x) == nil || tr.PredictProbTo(make([]float64, 2), x) == nil {
		t.Error("PredictClassTo, PredictProbTo of values: got no error")
	}
	if tr.LeafTo(make([]int32, 1), x) == nil || tr.LeafTo(make([]int32, 2), matrix(x.Cols[0], x.Cols[0])) == nil {
		t.Error("wrong shapes: got no error")
	}
}

// Each relation changes the input in a way that must not change the tree.
func TestRelations(t *testing.T) {
	const n, seed = 4000, 11
	x, y := benchmarkTable(n, 6)
	rng := rand.New(rand.NewPCG(seed, 0))
	for j := range x.Cols {
		for i := range n {
			if rng.IntN(12) == 0 {
				x.Cols[j][i] = nan
			}
		}
	}
	for _, bins := range []int{0, 60, 255} {
		c := plain()
		c.MaxBins, c.MinLeafRows, c.MaxDepth = bins, 8, 9
		want := toJSON(t, fitClasses(t, c, x, y, 4, nil))
		check := func(name string, tr *Tree) {
			t.Helper()
			if got := toJSON(t, tr); got != want {
				t.Errorf("%s, %d bins (seed %d): got another tree", name, bins, seed)
			}
		}

		order := rng.Perm(n)
		px := models.Matrix{}
		for _, col := range x.Cols {
			px.Cols = append(px.Cols, permuted(col, order))
		}
		check("rows permuted", fitClasses(t, c, px, permuted(y, order), 4, nil))

		w := c
		w.Workers = 1
		check("one worker", fitClasses(t, w, x, y, 4, nil))
		best := c
		best.MaxLeaves = n - 1
		check("best first with leaves enough", fitClasses(t, best, x, y, 4, nil))

		// Weights of 2 are exact, so all of the tree but its masses is the same.
		double := c
		doubled := fitClasses(t, double, x, y, 4, filled(n, 2.0))
		if !slices.Equal(drawing(doubled), drawing(fitClasses(t, c, x, y, 4, nil))) {
			t.Errorf("weights of 2, %d bins: got another tree", bins)
		}
	}
}

func TestWeightTwoIsTheRowTwice(t *testing.T) {
	x, y := benchmarkTable(600, 5)
	w := filled(600, 1.0)
	twice := models.Matrix{}
	for _, col := range x.Cols {
		twice.Cols = append(twice.Cols, append(slices.Clone(col), col[:200]...))
	}
	for i := range 200 {
		w[i] = 2
	}
	for _, bins := range []int{0, 50} {
		c := plain()
		c.MaxBins, c.MaxDepth, c.MinLeafWeight = bins, 5, 10
		got := fitClasses(t, c, x, y, 4, w)
		want := fitClasses(t, c, twice, append(slices.Clone(y), y[:200]...), 4, nil)
		if !slices.Equal(drawing(got), drawing(want)) {
			t.Errorf("%d bins: got %q, want %q", bins, drawing(got), drawing(want))
		}
	}
}

// The two ways to find a split agree wherever bins lose nothing. The table is
// long enough for nodes that are shared, histograms by subtraction and subtrees
// handed out.
func TestBinsAndExactCutsAgree(t *testing.T) {
	const n = 100_000
	x, y := benchmarkTable(n, 5)
	for j, col := range x.Cols {
		for i := range col {
			col[i] = min(30, float32(math.Round(float64(col[i])*4))/4)
			if (i*7+j)%31 == 0 {
				col[i] = nan
			}
		}
	}
	values := make([]float64, n)
	for i, k := range y {
		values[i] = float64(8*k) + float64(i%16)/16 // sums of these are exact
	}
	for _, task := range []string{"gini", "entropy", "values"} {
		for _, leaves := range []int{NoLimit, 80} {
			c := plain()
			c.MaxDepth, c.MinLeafRows, c.MaxLeaves = 12, 5, leaves
			target := target{classes: 4, class: y}
			switch task {
			case "entropy":
				c.Criterion = Entropy
			case "values":
				target.classes, target.value = 0, values
			}
			binned := growFrom(t, &c, x, target, false)
			exact := growFrom(t, &c, x, target, true)
			if binned.Leaves() < 80 {
				t.Fatalf("only %d leaves: the test needs a large tree", binned.Leaves())
			}
			if !slices.Equal(drawing(binned), drawing(exact)) {
				t.Errorf("%s, at most %d leaves: the trees differ", task, leaves)
			}
		}
	}
}

// growFrom grows a tree, with the bins of all columns taken away or not.
func growFrom(t *testing.T, c *Config, x models.Matrix, y target, exact bool) *Tree {
	t.Helper()
	s, err := newSample(context.Background(), *c, x, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range y.value {
		s.centre = 8 // in place of the mean, which is no sum of powers of 2
		s.value[i] = v - s.centre
	}
	for j := range s.columns {
		if s.columns[j].codes == nil {
			t.Fatalf("column %d has too many values for this test", j+1)
		}
		if exact {
			s.columns[j].codes = nil
		}
	}
	root, err := grow(context.Background(), c, s, 2)
	if err != nil {
		t.Fatal(err)
	}
	return newTree(root, s, c, nil)
}

func permuted[T any](s []T, order []int) []T {
	out := make([]T, len(s))
	for k, i := range order {
		out[k] = s[i]
	}
	return out
}

func filled[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func toJSON(t *testing.T, tr *Tree) string {
	t.Helper()
	b, err := json.Marshal(tr)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The table is long enough for nodes that several workers share.
func TestWorkersNeverChangeALargeTree(t *testing.T) {
	const n = 80_000
	x, y := benchmarkTable(n, 5)
	values, w := make([]float64, n), make([]float64, n)
	for i := range n {
		values[i] = float64(y[i]) + math.Sin(float64(i))
		w[i] = 1 + 0.3*math.Cos(float64(i))
	}
	for _, leaves := range []int{NoLimit, 60} {
		want := ""
		for _, workers := range []int{1, 2, 8} {
			c := plain()
			c.MinLeafRows, c.MaxLeaves, c.Workers = 50, leaves, workers
			tr, rep, err := c.FitValues(context.Background(), x, values, w)
			if err != nil {
				t.Fatal(err)
			}
			if got := toJSON(t, tr); workers == 1 {
				want = got
			} else if got != want {
				t.Errorf("%d workers, at most %d leaves: another tree than with one", workers, leaves)
			}
			if leaves == 60 && tr.Leaves() != 60 || tr.Leaves() < 60 {
				t.Errorf("%d workers, at most %d leaves: got %d", workers, leaves, tr.Leaves())
			}
			if score := weightedR2(t, tr, x, values, w); math.Abs(score-rep.Score) > 1e-9 || score < 0.4 {
				t.Errorf("%d workers: got R² %v of the leaves' means, a report of %v; want at least 0.4, and the same", workers, score, rep.Score)
			}
		}
	}
}

// weightedR2 returns the share of the spread that the true weighted means of the
// leaves explain, by adding up.
func weightedR2(t *testing.T, tr *Tree, x models.Matrix, y, w []float64) float64 {
	t.Helper()
	leaf := make([]int32, len(y))
	if err := tr.LeafTo(leaf, x); err != nil {
		t.Fatal(err)
	}
	weight, sum := make([]float64, tr.Leaves()), make([]float64, tr.Leaves())
	var all, total float64
	for i, l := range leaf {
		weight[l] += w[i]
		sum[l] += w[i] * y[i]
		all += w[i]
		total += w[i] * y[i]
	}
	var left, spread float64
	for i, l := range leaf {
		d, e := y[i]-sum[l]/weight[l], y[i]-total/all
		left += w[i] * d * d
		spread += w[i] * e * e
	}
	return 1 - left/spread
}

// A column of few values is cut exactly, whether by a histogram or by sorting,
// and a weight of k is the row k times.
func TestWeightsCountInHistogramsAsInRows(t *testing.T) {
	const n = 6000 // more than are cut without a histogram
	rng := rand.New(rand.NewPCG(17, 0))
	cols := [][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}
	values, class, w := make([]float64, n), make([]int32, n), make([]float64, n)
	for i := range n {
		for j := range cols {
			cols[j][i] = float32(rng.IntN(40))
		}
		// The weight falls where the target steps, so that trees without it differ.
		w[i] = float64(1 + int(cols[0][i])%4*2)
		values[i] = float64(int(cols[0][i])/8+int(cols[1][i])%4) + float64(rng.IntN(3))
		class[i] = int32(values[i]) % 3
	}
	var often []int
	for i := range n {
		for range int(w[i]) {
			often = append(often, i)
		}
	}
	repeated := make([][]float32, len(cols))
	var moreValues []float64
	var moreClasses []int32
	for _, i := range often {
		for j := range cols {
			repeated[j] = append(repeated[j], cols[j][i])
		}
		moreValues, moreClasses = append(moreValues, values[i]), append(moreClasses, class[i])
	}
	for _, workers := range []int{1, 4} {
		c := plain()
		c.MaxLeaves, c.MinLeafRows, c.MinLeafWeight, c.Workers = 25, 1, 60, workers
		exact := c
		exact.MaxBins = 0
		for _, classes := range []int{0, 3} {
			fit := func(c Config, x models.Matrix, values []float64, class []int32, w []float64) *Tree {
				t.Helper()
				var tr *Tree
				var err error
				if classes == 0 {
					tr, _, err = c.FitValues(context.Background(), x, values, w)
				} else {
					tr, _, err = c.FitClasses(context.Background(), x, class, classes, w)
				}
				if err != nil {
					t.Fatal(err)
				}
				return tr
			}
			binned, sorted := fit(c, matrix(cols...), values, class, w), fit(exact, matrix(cols...), values, class, w)
			many := fit(c, matrix(repeated...), moreValues, moreClasses, nil)
			without := fit(c, matrix(cols...), values, class, nil)
			if binned.Leaves() != 25 || sameQuestions(binned, without) {
				t.Fatalf("%d classes: got %d leaves, or the tree without weights: the test shows nothing", classes, binned.Leaves())
			}
			if !sameQuestions(binned, sorted) || !sameQuestions(binned, many) {
				t.Errorf("%d classes, %d workers: got other questions from a histogram than by sorting, or than of repeated rows", classes, workers)
			}
			for i := range binned.nodes {
				if b, m := binned.nodes[i].weight, many.nodes[i].weight; math.Abs(b-m) > 1e-6 {
					t.Errorf("%d classes, node %d: got weight %v, want %v", classes, i, b, m)
				}
			}
		}
	}
}

// sameQuestions reports whether two trees ask the same.
func sameQuestions(a, b *Tree) bool {
	return slices.EqualFunc(a.nodes, b.nodes, func(p, q node) bool {
		return p.column == q.column && p.threshold == q.threshold && p.right == q.right
	})
}
