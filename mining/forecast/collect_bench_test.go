package forecast

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// purchases returns the line items of customers over two years, in orders of five lines.
func purchases(customers, lines, products int) []datasets.Events {
	rng := rand.New(rand.NewPCG(1, 0))
	all := make([]datasets.Events, customers)
	for c := range all {
		e := &all[c]
		for range lines / 5 {
			at := datasets.Moment(rng.IntN(730)+19_000) * datasets.FullDay
			e.Time = append(e.Time, at, at, at, at, at)
		}
		slices.Sort(e.Time)
		for i := range e.Time {
			e.Order = append(e.Order, uint32(i/5))
			e.Product = append(e.Product, uint32(rng.IntN(products)))
			e.Category = append(e.Category, e.Product[i]%20)
			e.Region = append(e.Region, uint32(c%30))
			e.Quantity, e.Amount, e.Return = append(e.Quantity, datasets.One), append(e.Amount, 2*datasets.Unit), append(e.Return, false)
		}
	}
	return all
}

func BenchmarkScan(b *testing.B) {
	const lines, products = 100, 100_000
	for _, f := range []struct {
		by      []dimension
		members []int
	}{
		{}, {[]dimension{{"category", datasets.Category}, {"region", datasets.Region}}, []int{20, 30}},
		{[]dimension{{"product", datasets.Product}}, []int{products}},
	} {
		b.Run(fmt.Sprintf("members=%v", f.members), func(b *testing.B) {
			all := purchases(1000, lines, products)
			space := spill.New(b.TempDir(), 1)
			c := newCalendar(week, 19_000, 19_740)
			t := &task{set: Default(), calendar: c, dimensions: f.by, members: f.members, priced: true}
			if err := t.Begin(&mining.Resources{Memory: 256 << 20, Workers: 1, Spill: space}); err != nil {
				b.Fatal(err)
			}
			w := t.Worker(0)
			for i := 0; b.Loop(); i++ {
				if err := w.Customer(&mining.Customer{Past: features.Cut(all[i%len(all)], 19_740)}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
			if err := t.Close(); err != nil {
				b.Fatal(err)
			}
			if err := space.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
