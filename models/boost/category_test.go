package boost

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// shops draws rows of a category whose effects have no order, a number, and a
// second category of which a tenth is missing; the target is 0 or 1.
func shops(n int, seed uint64) (models.Matrix, []float64) {
	effects := rand.New(rand.NewPCG(77, 0))
	first, second := make([]float64, 60), make([]float64, 7)
	for k := range first {
		first[k] = 1.5 * effects.NormFloat64()
	}
	for k := range second {
		second[k] = effects.NormFloat64()
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	x := models.Matrix{Names: []string{"shop", "age", "plan"}, Cols: [][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}}
	y := make([]float64, n)
	for i := range n {
		a, b := rng.IntN(len(first)), rng.IntN(len(second))
		x.Cols[0][i], x.Cols[1][i], x.Cols[2][i] = float32(1000+7*a), float32(rng.NormFloat64()), float32(b)
		z := first[a] + second[b] + 0.5*float64(x.Cols[1][i])
		if rng.IntN(10) == 0 {
			x.Cols[2][i] = nan32
		}
		if rng.Float64() < 1/(1+math.Exp(-z)) {
			y[i] = 1
		}
	}
	return x, y
}

// categorical returns settings for shops.
func categorical(trees, leaves int) Config {
	c := Default()
	c.Trees, c.MaxLeaves, c.Workers = trees, leaves, 2
	c.Categorical = []bool{true, false, true}
	return c
}

func meanLogLoss(score, y []float64) float64 {
	sum := 0.0
	for i, s := range score {
		sum += softplusOf(s) - y[i]*s
	}
	return sum / float64(len(y))
}

func softplusOf(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }

func TestCategoriesTellMoreThanTheirNumbers(t *testing.T) {
	x, y := shops(6000, 1)
	newX, newY := shops(6000, 2)
	c := categorical(60, 8)
	sets, _ := mustFit(t, c, x, y, nil)
	c.Categorical = nil
	numbers, _ := mustFit(t, c, x, y, nil)
	with, without := meanLogLoss(scores(t, sets, newX), newY), meanLogLoss(scores(t, numbers, newX), newY)
	t.Logf("log-loss on new rows: %.4f with categories, %.4f with codes as numbers", with, without)
	if !(with < without-0.01) {
		t.Errorf("got log-loss %.4f with categories, %.4f with their codes as numbers; want less by 0.01", with, without)
	}
}

func TestCodesAreNamesAndNoNumbers(t *testing.T) {
	x, y := shops(4000, 3)
	c := categorical(20, 16)
	want, _ := mustFit(t, c, x, y, nil)
	// Another code for each category: scores are the same but for ties.
	other := models.Matrix{Names: x.Names, Cols: slices.Clone(x.Cols)}
	other.Cols[0] = make([]float32, 4000)
	for i, v := range x.Cols[0] {
		other.Cols[0][i] = float32((int(v) * 7919) % 10007)
	}
	got, _ := mustFit(t, c, other, y, nil)
	if d := furthest(scores(t, got, other), scores(t, want, x)); d > 1e-12 {
		t.Errorf("scores differ by up to %g with other codes", d)
	}
}

func TestAllSetsOfFewCategoriesAreTried(t *testing.T) {
	// Of categories 0 … 3, 0 and 2 are alike, and so are 1 and 3.
	x := single(0, 1, 2, 3, 0, 1, 2, 3)
	y := []float64{1, 5, 1, 5, 1, 5, 1, 5}
	c := one(Squared)
	c.MaxLeaves, c.Categorical = 2, []bool{true}
	m, _ := mustFit(t, c, x, y, nil)
	if got := scores(t, m, x); furthest(got, y) > 1e-6 {
		t.Errorf("got %v from one question, want %v", got, y)
	}
	// A missing value, a code that nobody had: the heavier side, of equals the left.
	if got := scores(t, m, single(nan32, 9)); got[0] != got[1] || !(math.Abs(got[0]-1) < 1e-6 || math.Abs(got[0]-5) < 1e-6) {
		t.Errorf("got %v of a missing and an unknown category, want the same leaf", got)
	}
}

func TestMissingIsACategoryOfItsOwn(t *testing.T) {
	x := single(0, 1, nan32, 0, 1, nan32)
	y := []float64{1, 7, 1, 1, 7, 1}
	c := one(Squared)
	c.MaxLeaves, c.Categorical = 2, []bool{true}
	m, _ := mustFit(t, c, x, y, nil)
	if got := scores(t, m, x); furthest(got, y) > 1e-6 {
		t.Errorf("got %v, want %v", got, y)
	}
}

func TestCategoriesBeyondTheBinsCountAsMissing(t *testing.T) {
	n := 600
	col, y := make([]float32, n), make([]float64, n)
	for i := range n { // code k has k + 1 rows, and so on: 34 codes, of which 30 are told apart
		col[i] = float32(int(math.Sqrt(float64(2*i)+0.25) - 0.5))
		y[i] = float64(int(col[i]) % 2)
	}
	c := one(Squared)
	c.Bins, c.MaxLeaves, c.Categorical = 30, 8, []bool{true}
	m, r := mustFit(t, c, single(col...), y, nil)
	at := slices.IndexFunc(r.Warnings, func(w models.Warning) bool { return w.Code == "categories_pooled" })
	if at < 0 || r.Warnings[at].Count != len(slices.Compact(slices.Clone(col)))-30 {
		t.Fatalf("got warnings %v, want categories_pooled with the number of those over 30", r.Warnings)
	}
	got := scores(t, m, single(0, 1, nan32, 9999))
	if got[0] != got[2] || got[1] != got[2] || got[3] != got[2] {
		t.Errorf("got %v of two rare codes, a missing value and an unknown code, want one score", got)
	}
}

// Trees of few and many leaves are scored by different code, and explained by a
// table or leaf by leaf.
func TestCategoricalTreesAreScoredAndExplainedAsTheyAreWalked(t *testing.T) {
	x, y := shops(5000, 4)
	for _, leaves := range []int{4, 9, 31, 60, 200} {
		c := categorical(5, leaves)
		c.MinRows = 5
		m, _ := mustFit(t, c, x, y, nil)
		got := scores(t, m, x)
		inner := placed(x, m.categories)
		d := len(x.Cols)
		phi := make([]float64, len(got)*d)
		if err := m.ShapTo(context.Background(), phi, x, 2); err != nil {
			t.Fatal(err)
		}
		sets := 0
		for _, tr := range m.trees {
			for i := range tr {
				if tr[i].set != nil {
					sets++
				}
			}
		}
		if sets == 0 {
			t.Fatalf("%d leaves: no question about categories: the test shows nothing", leaves)
		}
		for i := range got {
			want := m.base
			for _, tr := range m.trees {
				n := &tr[0]
				for !n.isLeaf() {
					n = &tr[n.next(inner.Cols[n.column][i])]
				}
				want += n.value
			}
			sum := m.ExpectedScore()
			for _, v := range phi[i*d : (i+1)*d] {
				sum += v
			}
			if got[i] != want || math.Abs(sum-want) > 1e-9 {
				t.Fatalf("%d leaves, row %d: got score %v, reasons that add up to %v; want %v", leaves, i+1, got[i], sum, want)
			}
		}
	}
}

func TestCategoricalFitsDependOnNoWorkersAndSurviveJSON(t *testing.T) {
	x, y := shops(20_000, 5)
	var want []byte
	for _, workers := range []int{1, 2, 8} {
		c := categorical(8, 31)
		c.Workers = workers
		m, _ := mustFit(t, c, x, y, nil)
		text := marshal(t, m)
		if want == nil {
			want = text
		}
		if !bytes.Equal(text, want) {
			t.Fatalf("%d workers: another ensemble than with one", workers)
		}
		var read Ensemble
		if err := read.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(marshal(t, &read), text) || !slices.Equal(scores(t, &read, x), scores(t, m, x)) {
			t.Fatal("the ensemble read is another")
		}
	}
	refused := func(old, changed, fault string) {
		t.Helper()
		if !bytes.Contains(want, []byte(old)) {
			t.Fatalf("the ensemble holds no %s", old)
		}
		err := new(Ensemble).UnmarshalJSON(bytes.Replace(want, []byte(old), []byte(changed), 1))
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("with %s for %s: got %v, want an error with %q", changed, old, err, fault)
		}
	}
	refused(`"categories":[[1000,`, `"categories":[[1000.5,`, "categories[0]: got code 1000.5")
	refused(`"categories":[[1000,1007`, `"categories":[[1007,1000`, "rising whole numbers")
	refused(`,null,[0,`, `,[0,`, "categories: got 2 lists")
	refused(`[[1000,`, `[null,[1000,`, "categories: got 4 lists")
	refused(`"set":[[`, `"set":[[60,`, "got category 60 in a set, want one of 60")
	refused(`"set":[[`, `"set":[[999,`, "set[0]: got category 999")
	refused(`"set":[[`, `"set":[null,[`, "set: got")
	refused(`"threshold":[0`, `"threshold":[1`, "beside a set")
}

func TestWhatIsNoCategoryIsRefused(t *testing.T) {
	y := []float64{0, 1, 0, 1}
	c := Default()
	c.Categorical = []bool{true}
	for _, bad := range []float32{-1, 0.5, 1 << 24} {
		var fault *models.ValueError
		_, _, err := c.Fit(context.Background(), single(0, 1, bad, 2), y, nil)
		if !errors.As(err, &fault) || fault.Row != 3 || fault.Column != 1 {
			t.Errorf("%v: got %v, want a *models.ValueError of row 3", bad, err)
		}
	}
	var shape *models.ShapeError
	c.Categorical = []bool{true, false}
	if _, _, err := c.Fit(context.Background(), single(0, 1, 1, 2), y, nil); !errors.As(err, &shape) {
		t.Errorf("two kinds of one column: got %v, want a *models.ShapeError", err)
	}
	c.Categorical, c.Monotone = []bool{true}, []int{1}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "monotone[0]: got 1, want 0 for categories") {
		t.Errorf("a monotone category: got %v", err)
	}
}

// A column of which no code is known is a constant one.
func TestAColumnWithoutCategoriesIsNotUsed(t *testing.T) {
	x := models.Matrix{Cols: [][]float32{{nan32, nan32, nan32, nan32}, {1, 2, 3, 4}}}
	c := one(Squared)
	c.Categorical = []bool{true, false}
	m, r := mustFit(t, c, x, []float64{1, 1, 5, 5}, nil)
	if len(r.Warnings) == 0 || r.Warnings[0].Code != "constant_column" {
		t.Errorf("got warnings %v, want constant_column", r.Warnings)
	}
	var read Ensemble
	if err := read.UnmarshalJSON(marshal(t, m)); err != nil {
		t.Error(err)
	}
}
