package itemset

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestGroceriesHasThePublishedNumberOfRules(t *testing.T) {
	b := groceries(t)
	numberOfRules(t, b.Baskets, 0.001, 0.8, 410)
	numberOfRules(t, b.Baskets, 0.001, 0.5, 5668)
	numberOfRules(t, b.Baskets, 0.006, 0.25, 463)
	numberOfRules(t, b.Baskets, 0.01, 0.5, 15)
}

func TestOnlineRetailHasThePublishedNumberOfRules(t *testing.T) {
	b := onlineRetail(t)
	numberOfRules(t, b.Baskets, 0.02, 0.5, 30)
	numberOfRules(t, b.Baskets, 0.01, 0.5, 313)
	numberOfRules(t, b.Baskets, 0.005, 0.8, 588)
	rules := numberOfRules(t, b.Baskets, 0.01, 0.8, 19)

	best := rules.At(rules.Ranked(ByLift)[0])
	if got, want := fmt.Sprint(b.of(best.Antecedent), b.of(best.Consequent)), "[23172] [23171]"; got != want {
		t.Errorf("best rule by lift: got %s, want %s", got, want)
	}
	if best.Both != 202 || !near(best.Support, 0.01090006, 1e-6) || !near(best.Confidence, 0.9017857, 1e-7) || !near(best.Lift, 61.89590, 1e-7) {
		t.Errorf("best rule by lift: got %+v, want count 202, support 0.01090006, confidence 0.9017857, lift 61.89590", best)
	}
}

func numberOfRules(t *testing.T, b Baskets, support, confidence float64, want int) *Rules {
	t.Helper()
	c := DefaultConfig()
	c.MinSupport, c.MaxLength = support, 10
	rc := DefaultRuleConfig()
	rc.MinConfidence = confidence
	rules, r := derive(t, mine(t, c, b), rc)
	if rules.Len() != want || r.Partial || r.Rules != want {
		t.Errorf("support %g, confidence %g: got %d rules (%+v), want %d", support, confidence, rules.Len(), r, want)
	}
	return rules
}

func derive(t *testing.T, s *Sets, c RuleConfig) (*Rules, RuleReport) {
	t.Helper()
	rules, report, err := s.Rules(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return rules, report
}

// counter counts baskets by definition.
type counter struct {
	Baskets
	known map[string]int
}

func (c *counter) count(items []uint32) int {
	key := fmt.Sprint(items)
	if n, ok := c.known[key]; ok {
		return n
	}
	n := 0
	for i := range c.Len() {
		all := true
		for _, item := range items {
			all = all && slices.Contains(c.Basket(i), item)
		}
		if all {
			n++
		}
	}
	c.known[key] = n
	return n
}

// expected lists the rules by definition, in the promised order, with their
// improvements.
func expected(b Baskets, sets *Sets, c RuleConfig) []Rule {
	count := (&counter{b, map[string]int{}}).count
	var rules []Rule
	for _, s := range sets.All() {
		l := len(s.Items)
		for size := 1; size <= min(c.MaxConsequent, l-1); size++ {
			for right := 1; right < 1<<l; right++ {
				x, y := split(s.Items, right)
				if len(y) != size || l < c.MinLength {
					continue
				}
				n := Counts{Both: count(s.Items), WithAntecedent: count(x), WithConsequent: count(y), Baskets: b.Len()}
				if m := n.Measures(); m.Confidence < c.MinConfidence || m.Lift < c.MinLift {
					continue
				}
				rule := Rule{Antecedent: x, Consequent: y, Counts: n, Measures: n.Measures(), PValue: FisherP(n)}
				simpler := 0.0
				for sub := range 1<<len(x) - 1 {
					_, z := split(x, sub)
					both := slices.Sorted(slices.Values(slices.Concat(y, z)))
					simpler = max(simpler, float64(count(both))/float64(count(z)))
				}
				rule.Improvement = rule.Confidence - simpler
				rule.Redundant = rule.Improvement <= 0
				rules = append(rules, rule)
			}
		}
	}
	p := make([]float64, len(rules))
	for i := range rules {
		p[i] = rules[i].PValue
	}
	for i, q := range BenjaminiHochberg(p) {
		rules[i].AdjustedP = q
	}
	return rules
}

func split(items []uint32, right int) (x, y []uint32) {
	for k, item := range items {
		if right>>k&1 == 1 {
			y = append(y, item)
		} else {
			x = append(x, item)
		}
	}
	return x, y
}

func TestRulesAgreeWithTheirDefinition(t *testing.T) {
	for seed := range 80 {
		rng := rand.New(rand.NewPCG(uint64(seed), 6))
		b := randomBaskets(rng, 30+rng.IntN(100), 3+rng.IntN(4))
		c := plain(1 + rng.IntN(6))
		c.MaxLength = 5
		rc := DefaultRuleConfig()
		rc.MinConfidence = float64(rng.IntN(9)) / 10
		rc.MinLift = float64(rng.IntN(3)) / 2
		rc.MaxConsequent = 1 + rng.IntN(3)
		rc.MinLength = 2 + rng.IntN(2)
		sets := mine(t, c, b)
		want := expected(b, sets, rc)
		for _, rc.Workers = range []int{1, 2, 8} {
			rules, report := derive(t, sets, rc)
			if rules.Len() != len(want) || report.Tested != len(want) {
				t.Fatalf("seed %d, %+v: got %d rules, want %d", seed, rc, rules.Len(), len(want))
			}
			for i, r := range rules.All() {
				if !reflect.DeepEqual(r, want[i]) {
					t.Fatalf("seed %d, %+v: rule %d: got %+v, want %+v", seed, rc, i, r, want[i])
				}
			}
		}
	}
}

func TestFiltersKeepTheRulesTheyName(t *testing.T) {
	b := groceries(t)
	c := DefaultConfig()
	c.MinSupport = 0.002
	sets := mine(t, c, b.Baskets)
	rc := DefaultRuleConfig()
	rc.MinConfidence = 0.1
	all, _ := derive(t, sets, rc)

	check := func(name string, change func(*RuleConfig), wanted func(Rule) bool) {
		t.Helper()
		rc := rc
		change(&rc)
		got, _ := derive(t, sets, rc)
		i := 0
		for _, r := range all.All() {
			if !wanted(r) {
				continue
			}
			if i >= got.Len() || !reflect.DeepEqual(got.At(i), r) {
				t.Fatalf("%s: rule %d is not %+v", name, i, r)
			}
			i++
		}
		if i != got.Len() || i == 0 || i == all.Len() {
			t.Errorf("%s: got %d rules of %d, want %d, some and not all", name, got.Len(), all.Len(), i)
		}
	}
	check("significant", func(c *RuleConfig) { c.MaxAdjustedP = 1e-6 }, func(r Rule) bool { return r.AdjustedP <= 1e-6 })
	check("not redundant", func(c *RuleConfig) { c.DropRedundant = true }, func(r Rule) bool { return !r.Redundant })
	for by := ByLift; by <= BySignificance; by++ {
		best := map[uint32]int{}
		top := map[string]bool{}
		for _, i := range all.Ranked(by) {
			r := all.At(i)
			if best[r.Consequent[0]] < 3 {
				top[fmt.Sprint(r.Antecedent, r.Consequent)] = true
			}
			best[r.Consequent[0]]++
		}
		check("top by "+by.String(), func(c *RuleConfig) { c.TopPerConsequent, c.RankBy = 3, by },
			func(r Rule) bool { return top[fmt.Sprint(r.Antecedent, r.Consequent)] })
	}
}

func TestRankedPutsTheBestFirst(t *testing.T) {
	b := groceries(t)
	c := DefaultConfig()
	c.MinSupport = 0.005
	rules, _ := derive(t, mine(t, c, b.Baskets), DefaultRuleConfig())
	key := map[RankBy]func(Rule) float64{
		ByLift:         func(r Rule) float64 { return r.Lift },
		ByConfidence:   func(r Rule) float64 { return r.Confidence },
		ByLeverage:     func(r Rule) float64 { return r.Leverage },
		BySupport:      func(r Rule) float64 { return r.Support },
		BySignificance: func(r Rule) float64 { return -r.PValue },
	}
	for by, key := range key {
		order := rules.Ranked(by)
		for i := 1; i < len(order); i++ {
			if before, after := key(rules.At(order[i-1])), key(rules.At(order[i])); after > before*(1+1e-15) && after-before > 1e-15 {
				t.Fatalf("%v: %v stands before %v", by, before, after)
			}
		}
	}
}

func TestTooManyRulesRaiseTheConfidence(t *testing.T) {
	b := groceries(t)
	c := DefaultConfig()
	c.MinSupport = 0.002
	sets := mine(t, c, b.Baskets)
	rc := DefaultRuleConfig()
	rc.MinConfidence, rc.MaxRules = 0.1, 500
	some, report := derive(t, sets, rc)
	if !report.Partial || report.MinConfidence <= 0.1 || some.Len() > 500 || some.Len() < 400 || len(report.Warnings) != 1 {
		t.Fatalf("got %d rules, %+v", some.Len(), report)
	}
	rc.MinConfidence, rc.MaxRules = report.MinConfidence, 1000
	whole, report := derive(t, sets, rc)
	if report.Partial || !reflect.DeepEqual(some, whole) {
		t.Errorf("got %d rules within the budget and %d at the confidence it led to", some.Len(), whole.Len())
	}

	// Where all rules are certain there is nothing to raise: the first are kept.
	var build Builder
	for range 5 {
		build.Add([]uint32{0, 1, 2})
	}
	rc.MinConfidence, rc.MaxRules = 0, 4
	few, report := derive(t, mine(t, plain(1), build.Baskets()), rc)
	if few.Len() != 4 || !report.Partial || report.MinConfidence != 1 || !slices.Equal(few.At(3).Consequent, []uint32{2}) {
		t.Errorf("got %d rules, %+v", few.Len(), report)
	}
}

func TestRulesWantFrequentSets(t *testing.T) {
	b := randomBaskets(rand.New(rand.NewPCG(1, 1)), 50, 6)
	for _, change := range []func(*Config){
		func(c *Config) { c.Kind = Closed }, func(c *Config) { c.Kind = Maximal }, func(c *Config) { c.MinLength = 2 },
	} {
		c := plain(2)
		c.MaxLength = AnyLength
		change(&c)
		if _, _, err := mine(t, c, b).Rules(context.Background(), DefaultRuleConfig()); err == nil {
			t.Errorf("%+v: got no error", c)
		}
	}
}

func TestAnEmptyResultIsAResult(t *testing.T) {
	for _, b := range []Baskets{{}, {Offsets: []int64{0}}, {Offsets: []int64{0, 0, 0}, ItemCount: 3}, {Offsets: []int64{0, 1, 2}, Items: []uint32{0, 1}, ItemCount: 2}} {
		for kind := range Maximal + 1 {
			c := plain(2)
			c.Kind = kind
			sets, r, err := c.Mine(context.Background(), b)
			if err != nil || sets.Len() != 0 || r.Baskets != b.Len() || r.Sets != 0 {
				t.Fatalf("%+v: got %d sets, %+v, %v", b, sets.Len(), r, err)
			}
			rules, _ := derive(t, sets, DefaultRuleConfig())
			if rules.Len() != 0 {
				t.Errorf("got %d rules", rules.Len())
			}
		}
	}
}
