package rules

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/itemset"
)

// The products of the worked example.
const (
	bread uint32 = iota
	butter
	jam
	milk
)

// breakfast returns the worked example, n times 100 baskets:
//
//	40 bread, butter    20 bread    10 butter, jam    30 milk
func breakfast(n int) itemset.Baskets {
	var b itemset.Builder
	add := func(times int, items ...uint32) {
		for range times {
			b.Add(items)
		}
	}
	for range n {
		add(40, bread, butter, bread) // a product twice counts once
		add(20, bread)
		add(10, jam, butter)
		add(30, milk)
	}
	return b.Baskets()
}

func config() Config {
	return Config{MinSupport: 0.05, MinConfidence: 0.5, MaxLength: 4, MaxConsequent: 1, MaxItemsets: 1000, Memory: 1 << 20, Workers: 2}
}

func mine(t testing.TB, c Config, baskets itemset.Baskets) *Findings {
	t.Helper()
	f, err := Mine(context.Background(), c, baskets)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBreakfastByHand(t *testing.T) {
	f := mine(t, config(), breakfast(1))
	// Frequent: four items; bread with butter (40), butter with jam (10).
	if f.State != mining.OK || f.Baskets != 100 || f.MinCount != 5 || f.Itemsets != 6 || f.Tested != 3 || !slices.Equal(f.ByLength, []int{0, 4, 2}) {
		t.Errorf("got %+v", f)
	}
	type rule struct {
		from, to                  uint32
		both                      int
		support, confidence, lift float64
	}
	want := []rule{
		{jam, butter, 10, 0.10, 1, 2},                           // 1 over 50 of 100
		{butter, bread, 40, 0.40, 0.8, 0.8 / 0.6},               // 40 of 50
		{bread, butter, 40, 0.40, 40.0 / 60, (40.0 / 60) / 0.5}, // 40 of 60, the same lift
	}
	if len(f.Rules) != len(want) {
		t.Fatalf("got %d rules, want %d", len(f.Rules), len(want))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	for i, w := range want {
		r := f.Rules[i]
		if !slices.Equal(r.Antecedent, []uint32{w.from}) || !slices.Equal(r.Consequent, []uint32{w.to}) ||
			r.Both != w.both || !near(r.Support, w.support) || !near(r.Confidence, w.confidence) || !near(r.Lift, w.lift) {
			t.Errorf("rule %d: got %+v, want %+v", i, r, w)
		}
	}
}

func TestThresholdsOnlyTakeAway(t *testing.T) {
	baskets := breakfast(1)
	f := func(change func(*Config), want int) {
		t.Helper()
		c := config()
		change(&c)
		if got := mine(t, c, baskets); len(got.Rules) != want || got.State != mining.OK {
			t.Errorf("got %d rules, %s; want %d", len(got.Rules), got.State, want)
		}
	}
	f(func(c *Config) { c.MinSupport = 0.11 }, 2) // jam is gone
	f(func(c *Config) { c.MinSupport = 0.10 }, 3) // a set at the threshold is frequent
	f(func(c *Config) { c.MinConfidence = 0.75 }, 2)
	f(func(c *Config) { c.MinConfidence = 0.1 }, 4) // butter ⇒ jam, 10 of 50
	f(func(c *Config) { c.MinLift = 1.5 }, 1)
	f(func(c *Config) { c.MinSupport = 0.5 }, 0)
}

func TestRepetitionsChangeCountsOnly(t *testing.T) {
	once, thrice := mine(t, config(), breakfast(1)), mine(t, config(), breakfast(3))
	for i := range once.Rules {
		a, b := once.Rules[i], thrice.Rules[i]
		if !slices.Equal(a.Antecedent, b.Antecedent) || a.Both*3 != b.Both || math.Abs(a.Lift-b.Lift) > 1e-12 {
			t.Errorf("rule %d: got %+v, want three times %+v", i, b, a)
		}
	}
}

func TestTooFewBasketsAreInsufficient(t *testing.T) {
	all := breakfast(1)
	few := itemset.Baskets{Offsets: all.Offsets[:MinBaskets], Items: all.Items[:all.Offsets[MinBaskets-1]], ItemCount: all.ItemCount}
	for n, b := range map[int]itemset.Baskets{MinBaskets - 1: few, 0: {}} {
		f := mine(t, config(), b)
		if f.State != mining.Insufficient || f.Rules != nil || len(f.Warnings) != 1 || f.Warnings[0].Count != n || f.Warnings[0].Code != "too_few_baskets" {
			t.Errorf("%d baskets: got %+v", n, f)
		}
	}
}

// random returns baskets in which some products go together.
func random(n int) itemset.Baskets {
	rng := rand.New(rand.NewPCG(12, 0))
	var b itemset.Builder
	for range n {
		var items []uint32
		for range 1 + rng.IntN(4) {
			at := uint32(rng.IntN(20))
			items = append(items, at)
			if rng.IntN(2) == 0 {
				items = append(items, at^1)
			}
		}
		b.Add(items)
	}
	return b.Baskets()
}

func TestABudgetOfItemSetsMakesThePartialAnswerRight(t *testing.T) {
	baskets := random(2000)
	c := config()
	c.MinSupport, c.MinConfidence, c.MaxItemsets = 0.005, 0.3, 100_000
	all := mine(t, c, baskets)
	if all.State != mining.OK {
		t.Fatalf("got %s: %v", all.State, all.Warnings)
	}
	c.MaxItemsets = all.Itemsets / 2
	part := mine(t, c, baskets)
	if part.State != mining.Partial || part.Itemsets > c.MaxItemsets || part.MinCount <= all.MinCount || len(part.Rules) == 0 {
		t.Fatalf("got %s, %d sets of at least %d, %d rules", part.State, part.Itemsets, part.MinCount, len(part.Rules))
	}
	if len(part.Warnings) == 0 {
		t.Error("got no warning of the budget")
	}
	counts := map[string]int{}
	for _, r := range all.Rules {
		counts[fmt.Sprint(r.Antecedent, r.Consequent)] = r.Both
	}
	for _, r := range part.Rules {
		if counts[fmt.Sprint(r.Antecedent, r.Consequent)] != r.Both {
			t.Errorf("got %v ⇒ %v in %d baskets, which the whole search does not have", r.Antecedent, r.Consequent, r.Both)
		}
	}
}

func TestStopGivesAPartialAnswer(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 0))
	var b itemset.Builder
	for range 300 { // wholesale orders, with enough sets in them to be asked in between
		var items []uint32
		for _, at := range rng.Perm(60)[:30] {
			items = append(items, uint32(at))
		}
		b.Add(items)
	}
	c := config()
	c.MinConfidence, c.MinSupport, c.MaxLength, c.MaxItemsets, c.Memory = 0.95, 0.02, 5, 1_000_000, 256<<20
	c.Stop = func() bool { return true }
	f := mine(t, c, b.Baskets())
	if f.State != mining.Partial || len(f.Warnings) == 0 {
		t.Errorf("got %s, %v; want partial, and a warning that says so", f.State, f.Warnings)
	}
}

func TestRulesStandByFallingStrength(t *testing.T) {
	c := config()
	c.MinSupport, c.MinConfidence, c.MaxItemsets, c.Memory = 0.005, 0.1, 100_000, 64<<20
	var first *Findings
	for _, workers := range []int{1, 2, 5} {
		c.Workers = workers
		f := mine(t, c, random(2000))
		for i := range len(f.Rules) - 1 {
			a, b := &f.Rules[i], &f.Rules[i+1]
			if stronger(a, b) >= 0 || a.Lift < b.Lift || a.Lift == b.Lift && a.Confidence < b.Confidence {
				t.Fatalf("rule %d: got lift %g, confidence %g before %g, %g", i, a.Lift, a.Confidence, b.Lift, b.Confidence)
			}
		}
		if first == nil {
			first = f
		}
		if !reflect.DeepEqual(f, first) || len(f.Rules) < 50 {
			t.Errorf("%d workers: got %d rules, want the same %d", workers, len(f.Rules), len(first.Rules))
		}
	}
}

func TestRedundantRulesAreTestedAndDropped(t *testing.T) {
	c := config()
	c.MinSupport, c.MinConfidence, c.MaxItemsets, c.Memory = 0.005, 0.1, 100_000, 64<<20
	all := mine(t, c, random(2000))
	c.DropRedundant = true
	kept := mine(t, c, random(2000))
	redundant := 0
	for _, r := range all.Rules {
		if r.Redundant {
			redundant++
		}
	}
	if redundant == 0 || len(kept.Rules) != len(all.Rules)-redundant || kept.Tested != all.Tested || all.Tested != len(all.Rules) {
		t.Errorf("got %d rules of %d tested, want %d less %d of %d", len(kept.Rules), kept.Tested, len(all.Rules), redundant, all.Tested)
	}
}

func TestSettingsOutOfRangeAreNamed(t *testing.T) {
	c := config()
	c.MinSupport = 2
	_, err := Mine(context.Background(), c, breakfast(1))
	var bad *models.ConfigError
	if !errors.As(err, &bad) || bad.Field != "min_support" {
		t.Errorf("got %v, want min_support named", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Mine(ctx, config(), breakfast(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

func ExampleMine() {
	products := []string{"bread", "butter", "jam", "milk"}
	f, err := Mine(context.Background(), config(), breakfast(1))
	if err != nil {
		panic(err)
	}
	for _, r := range f.Rules {
		fmt.Printf("%s ⇒ %s in %d baskets: confidence %.2f, lift %.2f\n", products[r.Antecedent[0]], products[r.Consequent[0]], r.Both, r.Confidence, r.Lift)
	}
	// Output:
	// jam ⇒ butter in 10 baskets: confidence 1.00, lift 2.00
	// butter ⇒ bread in 40 baskets: confidence 0.80, lift 1.33
	// bread ⇒ butter in 40 baskets: confidence 0.67, lift 1.33
}
