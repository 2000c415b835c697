package tree

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func categorical(c Config) Config {
	c.Kinds = []Kind{Categorical}
	return c
}

func TestCategoriesWorkedOutByHand(t *testing.T) {
	f := func(name string, col []float32, y []int32, classes int, want ...string) {
		t.Helper()
		tr := fitClasses(t, categorical(plain()), matrix(col), y, classes, nil)
		var got []string
		for _, r := range tr.Rules([]string{"region"}, nil, [][]string{{"north", "east", "south", "west"}}) {
			got = append(got, r.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	f("no order in the codes", []float32{0, 1, 2, 3}, []int32{0, 1, 0, 1}, 2,
		"region in {north, south} ⇒ class 0", "region in {east, west} ⇒ class 1")
	f("one against the rest", []float32{0, 1, 2, 3}, []int32{0, 0, 1, 0}, 2,
		"region is not south ⇒ class 0", "region is south ⇒ class 1")
	f("missing is a category", []float32{0, 1, nan, nan}, []int32{0, 0, 1, 1}, 2,
		"region present ⇒ class 0", "region missing ⇒ class 1")
	f("missing goes with its like", []float32{0, 1, 2, nan}, []int32{1, 0, 0, 1}, 2,
		"region in {east, south} ⇒ class 0", "(region is north or missing) ⇒ class 1")
}

// For two classes and for regression the sweep in the order of means finds the
// best of all divisions; for more classes it does up to eight categories.
func TestCategoriesAreDividedInTheBestWay(t *testing.T) {
	const seed = 4
	rng := rand.New(rand.NewPCG(seed, 0))
	for round := range 60 {
		classes := 2 + round%3
		categories := 4 + round%5
		const n = 300
		col, y, v := make([]float32, n), make([]int32, n), make([]float64, n)
		for i := range n {
			col[i] = float32(rng.IntN(categories))
			y[i] = int32(rng.IntN(classes))
			v[i] = rng.NormFloat64() + math.Mod(3*float64(col[i]), 5)
		}
		c := categorical(plain())
		c.MaxDepth = 1
		if c.Criterion = Gini; round%2 == 1 {
			c.Criterion = Entropy
		}
		tr := fitClasses(t, c, matrix(col), y, classes, nil)
		got := tr.PruningPath()[0].Impurity
		want := bestDivision(categories, func(left func(i int) bool) float64 {
			return classImpurity(c.Criterion, classes, y, left) + classImpurity(c.Criterion, classes, y, func(i int) bool { return !left(i) })
		}, col) / n
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("seed %d, round %d, %d classes: impurity %v, the best is %v", seed, round, classes, got, want)
		}
		reg, _, err := c.FitValues(context.Background(), matrix(col), v, nil)
		if err != nil {
			t.Fatal(err)
		}
		got = reg.PruningPath()[0].Impurity
		want = bestDivision(categories, func(left func(i int) bool) float64 {
			return squares(v, left) + squares(v, func(i int) bool { return !left(i) })
		}, col) / n
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("seed %d, round %d, regression: impurity %v, the best is %v", seed, round, got, want)
		}
	}
}

// bestDivision returns the least cost of all two-way divisions of categories.
func bestDivision(categories int, cost func(left func(i int) bool) float64, col []float32) float64 {
	best := math.Inf(1)
	for mask := 1; mask < 1<<(categories-1); mask++ {
		best = min(best, cost(func(i int) bool { return mask>>int(col[i])&1 != 0 }))
	}
	return best
}

func classImpurity(criterion Criterion, classes int, y []int32, in func(i int) bool) float64 {
	count, n := make([]float64, classes), 0.0
	for i, k := range y {
		if in(i) {
			count[k]++
			n++
		}
	}
	sum := 0.0
	for _, c := range count {
		switch p := c / n; {
		case c == 0:
		case criterion == Gini:
			sum += n * p * (1 - p)
		default:
			sum -= n * p * math.Log2(p)
		}
	}
	return sum
}

func squares(v []float64, in func(i int) bool) float64 {
	var n, sum, rest float64
	for i, x := range v {
		if in(i) {
			n++
			sum += x
		}
	}
	for i, x := range v {
		if in(i) {
			rest += (x - sum/n) * (x - sum/n)
		}
	}
	return rest
}

func TestRareCategoriesAreTreatedAsOne(t *testing.T) {
	var col []float32
	var y []int32
	for code := range 300 {
		for range 1 + code%2 { // odd codes are twice as frequent
			col = append(col, float32(code))
			y = append(y, int32(code%2))
		}
	}
	tr, rep, err := categorical(plain()).FitClasses(context.Background(), matrix(col), y, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Warnings) != 1 || rep.Warnings[0].Code != "categories_pooled" || rep.Warnings[0].Count != 46 {
		t.Errorf("got warnings %+v, want 46 categories pooled", rep.Warnings)
	}
	// The 150 odd codes and the first 104 even ones have bins of their own.
	got := make([]int32, 4)
	if err := tr.PredictClassTo(got, matrix([]float32{206, 299, 298, 777})); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []int32{0, 1, 0, 0}) {
		t.Errorf("codes 206, 299, 298 and an unseen one: got %v", got)
	}
}

func TestUnseenCategoriesGoToTheHeavierChild(t *testing.T) {
	tr := fitClasses(t, categorical(plain()), matrix([]float32{0, 0, 0, 5}), []int32{1, 1, 1, 0}, 2, nil)
	got := make([]int32, 3)
	if err := tr.PredictClassTo(got, matrix([]float32{5, 3, nan})); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []int32{0, 1, 1}) {
		t.Errorf("got %v, want the class of the three rows for what was not seen", got)
	}
}

func TestRenamingCategoriesChangesNothing(t *testing.T) {
	const n, seed = 2000, 9
	rng := rand.New(rand.NewPCG(seed, 0))
	name := rng.Perm(30)
	col, other, y := make([]float32, n), make([]float32, n), make([]int32, n)
	for i := range n {
		code := rng.IntN(30)
		col[i], other[i] = float32(code), float32(name[code])
		y[i] = int32((code*code + rng.IntN(5)) % 4 % 3)
	}
	c := categorical(plain())
	c.MaxDepth = 4
	a, b := make([]int32, n), make([]int32, n)
	if err := fitClasses(t, c, matrix(col), y, 3, nil).PredictClassTo(a, matrix(col)); err != nil {
		t.Fatal(err)
	}
	if err := fitClasses(t, c, matrix(other), y, 3, nil).PredictClassTo(b, matrix(other)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) {
		t.Errorf("seed %d: renamed categories are predicted otherwise", seed)
	}
}

func ExampleConfig_FitClasses_categories() {
	c := DefaultSurrogate()
	c.MinLeafRows = 1
	c.Kinds = []Kind{Categorical, Numeric}
	x := matrix([]float32{0, 1, 2, 0, 1, 2}, []float32{9, 1, 1, 8, 3, 2})
	t, _, err := c.FitClasses(context.Background(), x, []int32{1, 0, 0, 1, 0, 0}, 2, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range t.Rules([]string{"channel", "orders"}, []string{"lost", "loyal"}, [][]string{{"shop", "web", "phone"}}) {
		fmt.Println(r.Text)
	}
	// Output:
	// channel is not shop ⇒ lost
	// channel is shop ⇒ loyal
}
