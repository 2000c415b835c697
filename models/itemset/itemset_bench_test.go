package itemset

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkMine(b *testing.B) {
	online, retail := onlineRetail(b).Baskets, retail(b).Baskets
	for _, w := range []struct {
		name    string
		baskets Baskets
		count   int
	}{{"online", online, 93}, {"retail", retail, 20}, {"retail", retail, 10}} {
		for _, kind := range []Kind{Frequent, Closed, Maximal} {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("data=%s/count=%d/kind=%v/workers=%d", w.name, w.count, kind, workers), func(b *testing.B) {
					c := plain(w.count)
					c.MaxLength, c.Kind, c.Workers = AnyLength, kind, workers
					b.ReportAllocs()
					for b.Loop() {
						if _, _, err := c.Mine(context.Background(), w.baskets); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

func BenchmarkRules(b *testing.B) {
	c := plain(20)
	c.MaxLength = AnyLength
	sets, _, err := c.Mine(context.Background(), retail(b).Baskets)
	if err != nil {
		b.Fatal(err)
	}
	for _, right := range []int{1, 3} {
		b.Run(fmt.Sprintf("data=retail/count=20/consequent=%d", right), func(b *testing.B) {
			c := DefaultRuleConfig()
			c.MaxConsequent, c.Workers = right, 1
			b.ReportAllocs()
			for b.Loop() {
				rules, _, err := sets.Rules(context.Background(), c)
				if err != nil {
					b.Fatal(err)
				}
				sum := 0.0
				for _, r := range rules.All() {
					sum += r.Lift
				}
			}
		})
	}
}

func BenchmarkFisherP(b *testing.B) {
	for name, c := range map[string]Counts{
		"lift=60": {Both: 202, WithAntecedent: 224, WithConsequent: 265, Baskets: 18532},
		"lift=1":  {Both: 600, WithAntecedent: 1000, WithConsequent: 50000, Baskets: 88000},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				FisherP(c)
			}
		})
	}
}
