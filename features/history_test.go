package features

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// line is one line item as the tests write it.
type line struct {
	at       datasets.Moment
	order    uint32
	product  uint32
	quantity datasets.Quantity
	amount   datasets.Money
	back     bool // a return

	category, channel, store, region, salesperson, campaign uint32
	cost, discount                                          datasets.Money
}

// everything is the set of all columns.
const everything = firstFurther - 1

// eventsOf sorts the lines as a history does and numbers the orders in the
// order of their first occurrence.
func eventsOf(lines []line) datasets.Events {
	lines = slices.Clone(lines)
	first := map[uint32]datasets.Moment{}
	for _, l := range lines {
		if at, ok := first[l.order]; !ok || l.at < at {
			first[l.order] = l.at
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(first[a.order], first[b.order]), cmp.Compare(a.order, b.order), cmp.Compare(a.product, b.product),
			cmp.Compare(a.quantity, b.quantity), cmp.Compare(a.amount, b.amount))
	})
	var ev datasets.Events
	codes := map[uint32]uint32{}
	for _, l := range lines {
		code, ok := codes[l.order]
		if !ok {
			code = uint32(10 + 3*len(codes))
			codes[l.order] = code
		}
		ev.Time = append(ev.Time, l.at)
		ev.Order = append(ev.Order, code)
		ev.Product = append(ev.Product, l.product)
		ev.Quantity = append(ev.Quantity, l.quantity)
		ev.Amount = append(ev.Amount, l.amount)
		ev.Return = append(ev.Return, l.back)
		ev.Category = append(ev.Category, l.category)
		ev.Channel = append(ev.Channel, l.channel)
		ev.Store = append(ev.Store, l.store)
		ev.Region = append(ev.Region, l.region)
		ev.Salesperson = append(ev.Salesperson, l.salesperson)
		ev.Campaign = append(ev.Campaign, l.campaign)
		ev.Cost = append(ev.Cost, l.cost)
		ev.Discount = append(ev.Discount, l.discount)
	}
	return ev
}

// compute returns all features of one customer by name.
func compute(t testing.TB, lines []line, asOf datasets.Day) map[string]float64 {
	t.Helper()
	c := NewCalculator(Catalogue())
	dst := make([]float64, len(c.Features()))
	if err := c.Compute(dst, new(eventsOf(lines)), asOf); err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for j, f := range c.Features() {
		out[f.Name] = dst[j]
	}
	return out
}

// randomHistory makes a history with all that is awkward: returns, orders that
// interleave, missing codes and prices, several orders at one instant.
func randomHistory(rng *rand.Rand, asOf datasets.Day) []line {
	n := rng.IntN(60)
	if rng.IntN(4) == 0 {
		n = rng.IntN(4)
	}
	span := 1 + rng.IntN(900)
	code := func(of int) uint32 {
		if rng.IntN(10) == 0 {
			return datasets.NoCode
		}
		return uint32(rng.IntN(of))
	}
	orders := 1 + rng.IntN(15)
	times := make([]datasets.Moment, orders)
	for i := range times {
		day := asOf - datasets.Day(rng.IntN(span)) + datasets.Day(rng.IntN(30))
		times[i] = datasets.Moment(day)*datasets.FullDay + datasets.Moment(rng.IntN(24))*datasets.Hour
	}
	var lines []line
	for range n {
		o := rng.IntN(orders)
		l := line{
			at: times[o], order: uint32(o), product: code(12),
			quantity: datasets.One * datasets.Quantity(1+rng.IntN(9)), amount: datasets.Money(rng.IntN(90_000_000)),
			category: code(4), channel: code(3), store: code(5), region: code(2), salesperson: code(4), campaign: code(3),
			cost: datasets.Money(rng.IntN(50_000_000)), discount: datasets.Money(max(0, rng.IntN(9_000_000)-4_000_000)),
		}
		if rng.IntN(12) == 0 {
			l.at += datasets.Moment(rng.IntN(3)) * datasets.FullDay // the order goes on later
		}
		if rng.IntN(6) == 0 {
			l.cost = datasets.NoMoney
		}
		if rng.IntN(6) == 0 {
			l.discount = datasets.NoMoney
		}
		if rng.IntN(7) == 0 {
			l.back, l.quantity, l.amount = true, -l.quantity, -l.amount
			if l.cost != datasets.NoMoney {
				l.cost = -l.cost
			}
			l.discount = datasets.NoMoney
		}
		lines = append(lines, l)
	}
	return lines
}

// closeTo reports whether got and want agree to 12 digits; NaN equals NaN. The
// calculator sums integers where the reference sums floats.
func closeTo(got, want float64) bool {
	if math.IsNaN(got) || math.IsNaN(want) {
		return math.IsNaN(got) && math.IsNaN(want)
	}
	return math.Abs(got-want) <= 1e-11*max(1, math.Abs(want))
}
