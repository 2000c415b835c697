package itemset

import (
	"context"
	"fmt"
	"testing"
)

// The numbers of sets and rules are from arules (R), which the answer keys of the
// data name as their source.

func TestGroceriesHasThePublishedNumberOfSets(t *testing.T) {
	b := groceries(t)
	if b.Len() != 9835 || len(b.names) != 169 {
		t.Fatalf("got %d baskets of %d items, want 9835 of 169", b.Len(), len(b.names))
	}
	for support, want := range map[float64]int{0.05: 31, 0.02: 122, 0.01: 333, 0.005: 1001, 0.001: 13492} {
		numberOfSets(t, b.Baskets, support, 1, want)
	}
}

func TestRetailHasThePublishedNumberOfSets(t *testing.T) {
	b := retail(t)
	for count, want := range map[int]int{882: 159, 441: 580, 176: 2715, 89: 7589, 44: 19836, 20: 57697, 10: 189400} {
		numberOfSets(t, b.Baskets, 0, count, want)
	}
}

func TestOnlineRetailHasThePublishedNumberOfSets(t *testing.T) {
	b := onlineRetail(t)
	if b.Len() != 18532 || len(b.names) != 3665 {
		t.Fatalf("got %d invoices of %d codes, want 18532 of 3665", b.Len(), len(b.names))
	}
	for support, want := range map[float64]int{0.03: 95, 0.02: 251, 0.01: 1031, 0.005: 4455} {
		numberOfSets(t, b.Baskets, support, 1, want)
	}
}

func numberOfSets(t *testing.T, b Baskets, support float64, count, want int) {
	t.Helper()
	c := DefaultConfig()
	c.MinSupport, c.MinCount, c.MaxLength = support, count, AnyLength
	sets, r, err := c.Mine(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	if sets.Len() != want || r.Partial {
		t.Errorf("support %g, count %d: got %d sets (partial: %v), want %d", support, count, sets.Len(), r.Partial, want)
	}
}

func TestSupportIsAShareOfDecimalDigits(t *testing.T) {
	for _, c := range []struct {
		share float64
		n     int
		want  int
	}{
		{0.01, 18532, 186}, {0.05, 100, 5}, {0.1, 30, 3}, {0.07, 100, 7}, {0.29, 100, 29}, {0.001, 9835, 10},
		{0, 10, 1}, {1, 10, 10}, {1e-300, 10, 1}, {0.5, 0, 1}, {1.0 / 3, 3, 1}, {0.0001, 100_030, 11},
	} {
		config := DefaultConfig()
		config.MinSupport = c.share
		if got := config.minCount(c.n); got != c.want {
			t.Errorf("%g of %d baskets: got %d, want %d", c.share, c.n, got, c.want)
		}
	}
}

// Closed and maximal sets of real data, against the definitions applied to the
// frequent ones, whose number the answer keys confirm.
func TestClosedAndMaximalFollowFromFrequent(t *testing.T) {
	for _, c := range []struct {
		b     Baskets
		count int
	}{{groceries(t).Baskets, 10}, {retail(t).Baskets, 20}, {onlineRetail(t).Baskets, 93}} {
		config := plain(c.count)
		config.MaxLength = AnyLength
		frequent := mine(t, config, c.b)
		closed, maximal := byDefinition(frequent)
		config.Kind = Closed
		sameSets(t, fmt.Sprintf("closed, count %d", c.count), mine(t, config, c.b), closed)
		config.Kind = Maximal
		sameSets(t, fmt.Sprintf("maximal, count %d", c.count), mine(t, config, c.b), maximal)
	}
}

// byDefinition finds the closed and maximal among all frequent sets, by striking
// out the subsets, one item shorter, of every set.
func byDefinition(s *Sets) (closed, maximal []Set) {
	open, extended := make([]bool, s.Len()), make([]bool, s.Len())
	for _, set := range s.All() {
		sub := make([]uint32, 0, len(set.Items))
		for skip := range set.Items {
			sub = append(append(sub[:0], set.Items[:skip]...), set.Items[skip+1:]...)
			if i, ok := s.Index(sub); ok {
				extended[i] = true
				open[i] = open[i] || s.At(i).Count == set.Count
			}
		}
	}
	for i, set := range s.All() {
		if !open[i] {
			closed = append(closed, set)
		}
		if !extended[i] {
			maximal = append(maximal, set)
		}
	}
	return closed, maximal
}
