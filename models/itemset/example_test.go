package itemset_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models/itemset"
)

// Five baskets of bread (0), butter (1), milk (2) and beer (3).
func fiveBaskets() itemset.Baskets {
	var build itemset.Builder
	for _, basket := range [][]uint32{{0, 1, 2}, {0, 1}, {0, 1, 3}, {2, 3}, {0, 2}} {
		build.Add(basket)
	}
	return build.Baskets()
}

func ExampleConfig_Mine() {
	c := itemset.DefaultConfig()
	c.MinSupport = 0.4
	sets, report, err := c.Mine(context.Background(), fiveBaskets())
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, s := range sets.All() {
		fmt.Println(s.Items, s.Count, sets.Support(i))
	}
	fmt.Println(report.ByLength, report.Partial)
	// Output:
	// [0] 4 0.8
	// [1] 3 0.6
	// [2] 3 0.6
	// [3] 2 0.4
	// [0 1] 3 0.6
	// [0 2] 2 0.4
	// [0 4 2] false
}

func ExampleSets_Rules() {
	c := itemset.DefaultConfig()
	c.MinSupport = 0.4
	sets, _, err := c.Mine(context.Background(), fiveBaskets())
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, _, err := sets.Rules(context.Background(), itemset.DefaultRuleConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range rules.Ranked(itemset.ByLift) {
		r := rules.At(i)
		fmt.Printf("%v ⇒ %v: confidence %.2f, lift %.2f, p %.2f, redundant %v\n",
			r.Antecedent, r.Consequent, r.Confidence, r.Lift, r.PValue, r.Redundant)
	}
	// Output:
	// [1] ⇒ [0]: confidence 1.00, lift 1.25, p 0.40, redundant false
	// [0] ⇒ [1]: confidence 0.75, lift 1.25, p 0.40, redundant false
	// [2] ⇒ [0]: confidence 0.67, lift 0.83, p 1.00, redundant true
	// [0] ⇒ [2]: confidence 0.50, lift 0.83, p 1.00, redundant true
}

func ExampleFisherP() {
	// 202 of 18,532 baskets hold both; by chance it would be 3.2.
	p := itemset.FisherP(itemset.Counts{Both: 202, WithAntecedent: 224, WithConsequent: 270, Baskets: 18532})
	fmt.Printf("below 1e-200: %v\n", p < 1e-200)
	// Output: below 1e-200: true
}
