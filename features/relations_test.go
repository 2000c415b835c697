package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// TestFeatureRelations changes histories in ways whose effect on every feature
// is known.
func TestFeatureRelations(t *testing.T) {
	const seed = 21
	rng := rand.New(rand.NewPCG(seed, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	used := NewCalculator(Catalogue()) // keeps its scratch memory from history to history
	run := func(c *Calculator, ev datasets.Events, asOf datasets.Day) []float64 {
		t.Helper()
		dst := make([]float64, len(c.Features()))
		if err := c.Compute(dst, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		return dst
	}
	for trial := range 500 {
		lines := randomHistory(rng, asOf)
		want := run(NewCalculator(Catalogue()), eventsOf(lines), asOf)
		check := func(what string, got []float64, change func(f Feature, v float64) float64) {
			t.Helper()
			for j, f := range Catalogue() {
				w := change(f, want[j])
				if exact := math.Float64bits(got[j]) == math.Float64bits(w); !exact && !closeTo(got[j], w) {
					t.Fatalf("%s, trial %d (seed %d): %s: got %v, want %v", what, trial, seed, f.Name, got[j], w)
				}
			}
		}
		exactly := func(what string, got []float64) {
			t.Helper()
			if !sameFloats(got, want) {
				check(what, got, func(_ Feature, v float64) float64 { return v })
				t.Fatalf("%s, trial %d (seed %d): other bits", what, trial, seed)
			}
		}
		exactly("after other customers", run(used, eventsOf(lines), asOf))

		var past []line
		for _, l := range lines {
			if l.at.Day() <= asOf {
				past = append(past, l)
			}
		}
		exactly("the future removed", run(used, eventsOf(past), asOf))

		sparse := eventsOf(lines)
		for i := range sparse.Order {
			sparse.Order[i] = sparse.Order[i]*1000 + 7
		}
		exactly("orders renumbered", run(used, sparse, asOf))

		// The calendar repeats after 28 years, weekdays and leap years alike.
		const years28 = 10_227
		moved := slices.Clone(lines)
		for i := range moved {
			moved[i].at += years28 * datasets.FullDay
		}
		exactly("28 years later", run(used, eventsOf(moved), asOf+years28))

		dear := slices.Clone(lines)
		for i := range dear {
			l := &dear[i]
			l.amount *= 100
			if l.cost != datasets.NoMoney {
				l.cost *= 100
			}
			if l.discount != datasets.NoMoney {
				l.discount *= 100
			}
		}
		check("currency ×100", run(used, eventsOf(dear), asOf), func(f Feature, v float64) float64 {
			if f.Kind == Money {
				return 100 * v
			}
			return v
		})

		check("lines doubled", run(used, eventsOf(append(slices.Clone(lines), lines...)), asOf), func(f Feature, v float64) float64 {
			switch {
			case f.Name == "unit_price_mean", f.Name == "line_value_max", f.Name == "line_items_mean":
				return v
			case f.Name == "single_line_share" && !math.IsNaN(v):
				return 0
			case f.Kind == Money, f.Kind == Quantity, f.Name == "lines", f.Name == "return_lines", strings.HasPrefix(f.Name, "basket_lines"):
				return 2 * v
			}
			return v
		})
	}
}

// TestSelectionDoesNotChangeAFeature computes features alone and together.
func TestSelectionDoesNotChangeAFeature(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	all := NewCalculator(Catalogue())
	want := make([]float64, len(Catalogue()))
	one := make([]float64, 1)
	for range 20 {
		ev := eventsOf(randomHistory(rng, asOf))
		if err := all.Compute(want, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		for j, f := range Catalogue() {
			if err := NewCalculator([]Feature{f}).Compute(one, &ev, asOf); err != nil {
				t.Fatal(err)
			}
			if !sameFloats(one, want[j:j+1]) {
				t.Errorf("%s alone: got %v, want %v", f.Name, one[0], want[j])
			}
		}
	}
}

// TestUnmappedColumnsAreSafe: a nil column, though its features are selected,
// counts as missing throughout.
func TestUnmappedColumnsAreSafe(t *testing.T) {
	ev := eventsOf(handWorked())
	bare := datasets.Events{Time: ev.Time, Order: ev.Order, Quantity: ev.Quantity, Amount: ev.Amount, Return: ev.Return}
	c := NewCalculator(Catalogue())
	dst := make([]float64, len(c.Features()))
	if err := c.Compute(dst, &bare, datasets.DayOf(2011, 12, 10)); err != nil {
		t.Fatal(err)
	}
	for j, f := range c.Features() {
		if f.Needs&^(Clock|Amount|Units) == 0 {
			continue // made of what all line items hold
		}
		if v := dst[j]; !math.IsNaN(v) && v != 0 {
			t.Errorf("%s: got %v", f.Name, v)
		}
	}
}

func TestComputeAllocatesNothing(t *testing.T) {
	all, starts := retailer(200)
	c := NewCalculator(Catalogue())
	dst := make([]float64, len(c.Features()))
	asOf := datasets.DayOf(2011, 12, 10)
	scan := func() {
		for i := range len(starts) - 1 {
			if err := c.Compute(dst, new(all.Slice(starts[i], starts[i+1])), asOf); err != nil {
				t.Fatal(err)
			}
		}
	}
	scan()
	if n := testing.AllocsPerRun(5, scan); n > 0 {
		t.Errorf("got %v allocations for 200 customers", n)
	}
}

func TestATallyHoldsManyCodes(t *testing.T) {
	var tally tally
	rng := rand.New(rand.NewPCG(23, 0))
	for round := range 60 {
		n, unused := 1+rng.IntN(3000), rng.IntN(17) // bits of a code, so that some rounds have small codes only
		counts, total := map[uint32]int{}, 0
		codes, orders := make([]uint32, n), make([]int32, n)
		for i := range codes {
			codes[i] = rng.Uint32() >> (unused + rng.IntN(32-unused))
			switch rng.IntN(10) {
			case 0:
				codes[i] = datasets.NoCode
			case 1:
				orders[i] = -1
			default:
				counts[codes[i]]++
				total++
			}
		}
		if round == 30 {
			tally.first = math.MaxUint32 - 5000 // soon wraps around
		}
		tally.count(codes, orders)
		var m mix
		tally.mixTo(&m, newLogTable())
		if len(tally.counts) != len(counts) || m.total != total {
			t.Fatalf("got %d codes of %d lines, want %d of %d", len(tally.counts), m.total, len(counts), total)
		}
		for _, c := range tally.counts {
			if counts[c.Code] != int(c.N) {
				t.Fatalf("code %d: got %d, want %d", c.Code, c.N, counts[c.Code])
			}
		}
	}
}
