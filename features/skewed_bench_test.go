package features

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// skewed makes customers as a retailer has them, most with few orders and some
// with many: 6 orders in the median and 11 on average, of 2.8 lines each, two
// in a hundred of them returns, from 1,200 products.
func skewed(customers int) (datasets.Events, []int) {
	rng := rand.New(rand.NewPCG(5, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	starts := []int{0}
	var all datasets.Events
	for range customers {
		orders := max(1, int(math.Exp(math.Log(6)+float64(1.1*rng.NormFloat64()))))
		at := datasets.Moment(asOf-700)*datasets.FullDay + datasets.Moment(rng.IntN(86400))*datasets.Second
		for o := range orders {
			at += datasets.Moment(rng.ExpFloat64() * float64(700*datasets.FullDay) / float64(orders+1))
			for again := true; again; again = rng.IntN(14) < 9 {
				sign := 1
				if rng.IntN(50) == 0 {
					sign = -1
				}
				all.Time = append(all.Time, at)
				all.Order = append(all.Order, uint32(o))
				all.Product = append(all.Product, uint32(1200*math.Pow(rng.Float64(), 3)))
				all.Quantity = append(all.Quantity, datasets.One*datasets.Quantity(sign*(1+rng.IntN(4))))
				all.Amount = append(all.Amount, datasets.Money(sign*(10_000+rng.IntN(90_000_000))))
				all.Return = append(all.Return, sign < 0)
			}
		}
		starts = append(starts, all.Len())
	}
	return all, starts
}

// BenchmarkComputeSkewed measures the features of a job that maps products and
// times of day, over customers of very different sizes.
func BenchmarkComputeSkewed(b *testing.B) {
	const customers = 20_000
	all, starts := skewed(customers)
	asOf := datasets.DayOf(2011, 12, 10)
	selected := Available(Product | Clock | Amount | Units)
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
}
