package features

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// retailer makes customers of about 30 lines in 7 orders from 50,000 products,
// one after the other in one stretch of events, and where each begins.
func retailer(customers int) (datasets.Events, []int) {
	rng := rand.New(rand.NewPCG(3, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	starts := []int{0}
	var all datasets.Events
	for range customers {
		var lines []line
		for o := range 1 + rng.IntN(13) {
			at := datasets.Moment(asOf-datasets.Day(rng.IntN(700)))*datasets.FullDay + datasets.Moment(rng.IntN(86400))*datasets.Second
			back := rng.IntN(20) == 0
			for range 1 + rng.IntN(8) {
				product := uint32(rng.ExpFloat64() * 2000)
				l := line{at: at, order: uint32(o), product: product, quantity: datasets.One * datasets.Quantity(1+rng.IntN(9)),
					amount: datasets.Money(rng.IntN(90_000_000)), back: back, category: product % 40, channel: uint32(rng.IntN(4)),
					store: uint32(rng.IntN(200)), region: 3, salesperson: uint32(rng.IntN(50)), campaign: datasets.NoCode,
					cost: datasets.Money(rng.IntN(50_000_000)), discount: datasets.Money(max(0, rng.IntN(9_000_000)-4_000_000))}
				lines = append(lines, l)
			}
		}
		ev := eventsOf(lines)
		all.Time = append(all.Time, ev.Time...)
		all.Order = append(all.Order, ev.Order...)
		all.Product = append(all.Product, ev.Product...)
		all.Quantity = append(all.Quantity, ev.Quantity...)
		all.Amount = append(all.Amount, ev.Amount...)
		all.Return = append(all.Return, ev.Return...)
		all.Category = append(all.Category, ev.Category...)
		all.Channel = append(all.Channel, ev.Channel...)
		all.Store = append(all.Store, ev.Store...)
		all.Region = append(all.Region, ev.Region...)
		all.Salesperson = append(all.Salesperson, ev.Salesperson...)
		all.Campaign = append(all.Campaign, ev.Campaign...)
		all.Cost = append(all.Cost, ev.Cost...)
		all.Discount = append(all.Discount, ev.Discount...)
		starts = append(starts, all.Len())
	}
	return all, starts
}

// BenchmarkCompute measures the scan: ns per line item, with all features that
// the columns allow.
func BenchmarkCompute(b *testing.B) {
	const customers = 20_000
	all, starts := retailer(customers)
	asOf := datasets.DayOf(2011, 12, 10)
	for _, mapped := range []Columns{Amount | Units, Product | Region | Clock | Amount | Units, everything} {
		selected := Available(mapped)
		b.Run(fmt.Sprintf("features=%d", len(selected)), func(b *testing.B) {
			c := NewCalculator(selected)
			dst := make([]float64, len(selected))
			b.ReportAllocs()
			for b.Loop() {
				for i := range customers {
					if err := c.Compute(dst, new(all.Slice(starts[i], starts[i+1])), asOf); err != nil {
						b.Fatal(err)
					}
				}
			}
			ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(ns/float64(all.Len()), "ns/line")
			b.ReportMetric(ns/customers, "ns/customer")
		})
	}
}
