package features

import (
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// Of histories that are drawn at random, no other feature is ever below 0.
func TestSignedFeaturesAreThoseThatCanBeNegative(t *testing.T) {
	const seed = 31
	rng := rand.New(rand.NewPCG(seed, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	c := NewCalculator(Catalogue())
	row, negative := make([]float64, len(c.Features())), map[string]bool{}
	for range 3000 {
		lines := randomHistory(rng, asOf)
		for i := range lines {
			if lines[i].back && rng.IntN(3) == 0 { // a return by rule, such as a cancellation booked twice
				lines[i].quantity, lines[i].amount = -lines[i].quantity, -lines[i].amount
			}
		}
		ev := eventsOf(lines)
		if err := c.Compute(row, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		for j, f := range c.Features() {
			if row[j] < 0 {
				negative[f.Name] = true
			}
		}
	}
	for _, f := range Catalogue() {
		if negative[f.Name] && !f.Signed {
			t.Errorf("%s is negative and not signed (seed %d)", f.Name, seed)
		}
		if f.Signed && !negative[f.Name] {
			t.Errorf("%s is signed and was never negative (seed %d)", f.Name, seed)
		}
	}
}
