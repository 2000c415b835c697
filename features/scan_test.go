package features

import (
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// TestStretchesEndWhereTimeOrderOrKindChanges finds the ends of stretches line
// by line, in histories whose times, codes and kinds differ by very little.
func TestStretchesEndWhereTimeOrderOrKindChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 0))
	c := NewCalculator(nil)
	for range 2000 {
		var ev datasets.Events
		n := 1 + rng.IntN(12)
		for range n {
			ev.Time = append(ev.Time, datasets.Moment(rng.IntN(2)))
			ev.Order = append(ev.Order, rng.Uint32N(4))
			ev.Return = append(ev.Return, rng.IntN(3) == 0)
			ev.Amount = append(ev.Amount, datasets.Money(rng.IntN(100)-50))
			ev.Quantity = append(ev.Quantity, datasets.Quantity(rng.IntN(9)))
		}
		c.sumLines(&ev)
		c.cutStretches(&ev)
		at, money, items := 0, datasets.Money(0), datasets.Quantity(0)
		for i := range n {
			money += ev.Amount[i]
			items += ev.Quantity[i]
			if i+1 < n && ev.Time[i] == ev.Time[i+1] && ev.Order[i] == ev.Order[i+1] && ev.Return[i] == ev.Return[i+1] {
				continue
			}
			if end := int(c.stretches[at].end); end != i+1 || c.sums[i] != (sums{money, items}) {
				t.Fatalf("stretch %d of %v: got lines up to %d, %+v, want up to %d of %d and %d", at, ev, end, c.sums[i], i+1, money, items)
			}
			at++
		}
		if len(c.stretches) != at {
			t.Fatalf("got %d stretches, want %d", len(c.stretches), at)
		}
	}
}
