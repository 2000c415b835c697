package itemset

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestRememberedPValuesAreThoseOfFisher(t *testing.T) {
	for _, n := range []int{0, 10, 31, 100, 1_000_000} {
		for _, baskets := range []int{60, mostFactorial, mostFactorial + 1} {
			rng := rand.New(rand.NewPCG(5, 9))
			m := newMemory(n, newFactorials(baskets, min(n, baskets)))
			for range 20_000 {
				c := Counts{Baskets: baskets, WithAntecedent: 1 + rng.IntN(30), WithConsequent: 1 + rng.IntN(30)}
				c.Both = 1 + rng.IntN(min(c.WithAntecedent, c.WithConsequent))
				if got, want := m.fisherP(uint32(c.Both), uint32(c.WithAntecedent), uint32(c.WithConsequent)), FisherP(c); got != want {
					t.Fatalf("memory for %d, %+v: got %v, want %v", n, c, got, want)
				}
			}
		}
	}
}

// Codes far apart are looked up in another way than dense ones.
func TestRulesDoNotDependOnWhatItemsAreCalled(t *testing.T) {
	const far = 10_007
	b := randomBaskets(rand.New(rand.NewPCG(6, 9)), 300, 9)
	var build Builder
	for i := range b.Len() {
		var items []uint32
		for _, item := range b.Basket(i) {
			items = append(items, item*far)
		}
		build.Add(items)
	}
	rc := DefaultRuleConfig()
	rc.MinConfidence, rc.MaxConsequent = 0.1, 3
	dense, _ := derive(t, mine(t, plain(3), b), rc)
	sparse, _ := derive(t, mine(t, plain(3), build.Baskets()), rc)
	if dense.Len() == 0 || sparse.Len() != dense.Len() {
		t.Fatalf("got %d rules, and %d of items with other names", dense.Len(), sparse.Len())
	}
	for i, r := range sparse.All() {
		want := dense.At(i)
		for _, side := range []*[]uint32{&want.Antecedent, &want.Consequent} {
			*side = slices.Clone(*side)
			for k := range *side {
				(*side)[k] *= far
			}
		}
		if !reflect.DeepEqual(r, want) {
			t.Fatalf("rule %d: got %+v, want %+v", i, r, want)
		}
	}
}

func TestTooManyRulesAreTheFirstForAnyWorkers(t *testing.T) {
	var build Builder
	for range 5 {
		build.Add([]uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	}
	c := plain(1)
	c.MaxLength = AnyLength
	sets := mine(t, c, build.Baskets())
	rc := DefaultRuleConfig()
	rc.MaxConsequent = 12
	all, _ := derive(t, sets, rc) // 3¹² − 2·2¹² + 1, all certain
	if all.Len() != 523_250 {
		t.Fatalf("got %d rules, want 523,250", all.Len())
	}
	rc.MaxRules = 70_000
	for _, rc.Workers = range []int{1, 2, 8} {
		first, report := derive(t, sets, rc)
		if first.Len() != rc.MaxRules || !report.Partial || report.MinConfidence != 1 {
			t.Fatalf("got %d rules, %+v", first.Len(), report)
		}
		for i := 0; i < first.Len(); i += 997 {
			got, want := first.At(i), all.At(i)
			want.AdjustedP = got.AdjustedP // among fewer
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%d workers: rule %d: got %+v, want %+v", rc.Workers, i, got, want)
			}
		}
	}
}

func TestPValuesAscendThatDifferInTheirLastBitsOnly(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 9))
	for range 200 {
		values := make([]float64, rng.IntN(300))
		for i := range values {
			switch rng.IntN(4) {
			case 0:
				values[i] = rng.Float64()
			case 1:
				values[i] = 1 - float64(rng.IntN(50))*0x1p-53
			case 2:
				values[i] = math.Exp(-700 * rng.Float64())
			}
		}
		order := ascending(values, make([]float64, len(values)))
		var got []float64
		seen := make([]bool, len(values))
		for _, word := range order {
			got = append(got, values[uint32(word)])
			seen[uint32(word)] = true
		}
		if !slices.IsSorted(got) || slices.Contains(seen, false) {
			t.Fatalf("got %v", got)
		}
	}
}
