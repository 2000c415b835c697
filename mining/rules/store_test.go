package rules

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/models/itemset"
)

// line is one line item as these tests write it.
type line struct {
	order, product uint32
	returned       bool
	day            datasets.Day
}

// partitions is as many as a history has.
const partitions = 1024

func eventsOf(lines []line) *datasets.Events {
	e := &datasets.Events{Product: []uint32{}}
	for _, l := range lines {
		e.Time = append(e.Time, datasets.Moment(l.day)*datasets.FullDay)
		e.Order = append(e.Order, l.order)
		e.Product = append(e.Product, l.product)
		e.Quantity = append(e.Quantity, datasets.One)
		e.Amount = append(e.Amount, datasets.Unit)
		e.Return = append(e.Return, l.returned)
	}
	return e
}

// basketsOf is the oracle: the distinct products of each order, in the order of
// the numbers.
func basketsOf(lines []line, last datasets.Day) [][]uint32 {
	products := map[uint32][]uint32{}
	most := uint32(0)
	for _, l := range lines {
		if !l.returned && l.product != datasets.NoCode && l.day <= last {
			products[l.order] = append(products[l.order], l.product)
		}
		most = max(most, l.order)
	}
	var out [][]uint32
	for order := uint32(0); order <= most; order++ {
		if items := products[order]; len(items) > 0 {
			slices.Sort(items)
			out = append(out, slices.Compact(items))
		}
	}
	return out
}

// written returns baskets as the oracle has them.
func written(b itemset.Baskets) [][]uint32 {
	var out [][]uint32
	for i := range b.Len() {
		items := slices.Clone(b.Basket(i))
		slices.Sort(items)
		out = append(out, slices.Compact(items))
	}
	return out
}

func sameBaskets(a, b [][]uint32) bool { return slices.EqualFunc(a, b, slices.Equal) }

// collect puts lines into one bucket and takes the baskets out again.
func collect(t *testing.T, add func(w *basketWriter)) [][]uint32 {
	t.Helper()
	s := &basketStore{blocks: make([]basketBlock, partitions)}
	var w basketWriter
	add(&w)
	if err := s.put(0, 0, &w); err != nil {
		t.Fatal(err)
	}
	b, err := s.baskets(100, 0)
	if err != nil {
		t.Fatal(err)
	}
	return written(b)
}

func TestBasketsByHand(t *testing.T) {
	f := func(lines []line, want ...[]uint32) {
		t.Helper()
		got := collect(t, func(w *basketWriter) { w.add(eventsOf(lines)) })
		if !sameBaskets(got, want) || !sameBaskets(basketsOf(lines, 1<<20), want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	const none = datasets.NoCode
	f(nil)
	f([]line{{order: 0, product: 7}, {order: 0, product: 5}, {order: 1, product: 7}}, []uint32{5, 7}, []uint32{7})
	f([]line{{order: 0, product: 7}, {order: 1, product: 5}, {order: 0, product: 6}}, []uint32{6, 7}, []uint32{5}) // not neighbours
	f([]line{{order: 0, product: 7, returned: true}, {order: 1, product: 5}, {order: 0, product: 6}}, []uint32{6}, []uint32{5})
	f([]line{{order: 0, product: 7, returned: true}, {order: 1, product: none}})
	f([]line{{order: 0, product: 7}, {order: 0, product: none}, {order: 0, product: 7}}, []uint32{7})

	unmapped := eventsOf([]line{{order: 0, product: 7}})
	unmapped.Product = nil
	if got := collect(t, func(w *basketWriter) { w.add(unmapped) }); len(got) != 0 {
		t.Errorf("got %v without a column for products", got)
	}
}

// TestAnOrderAcrossTheScoringDateIsOneBasket has the lines of an order without a
// customer as a history sorts them: by product, so that one of a later day
// stands between two others.
func TestAnOrderAcrossTheScoringDateIsOneBasket(t *testing.T) {
	lines := []line{
		{order: 0, product: 1, day: 9}, {order: 0, product: 2, day: 11}, {order: 0, product: 3, day: 10},
		{order: 1, product: 4, day: 11}, {order: 2, product: 5, day: 2},
	}
	got := collect(t, func(w *basketWriter) { w.addUntil(eventsOf(lines), 10) })
	if want := [][]uint32{{1, 3}, {5}}; !sameBaskets(got, want) || !sameBaskets(basketsOf(lines, 10), want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// someCustomers returns the lines of customers by bucket.
func someCustomers(seed uint64) [partitions][][]line {
	rng := rand.New(rand.NewPCG(seed, 0))
	var out [partitions][][]line
	for range 1500 {
		bucket := rng.IntN(partitions)
		var lines []line
		orders := uint32(0)
		for range rng.IntN(12) {
			order := orders
			if orders > 0 && rng.IntN(2) == 0 {
				order = uint32(rng.IntN(int(orders))) // an earlier one goes on
			} else {
				orders++
			}
			product := uint32(rng.ExpFloat64() * 6)
			if rng.IntN(10) == 0 {
				product = datasets.NoCode
			}
			lines = append(lines, line{order: order, product: min(product, 99), returned: rng.IntN(6) == 0})
		}
		if lines != nil {
			out[bucket] = append(out[bucket], lines)
		}
	}
	return out
}

// fillStore puts the customers into a store, buckets in a given order.
func fillStore(t *testing.T, s *basketStore, customers *[partitions][][]line, order []int) {
	t.Helper()
	var w basketWriter
	for _, bucket := range order {
		for _, lines := range customers[bucket] {
			w.add(eventsOf(lines))
		}
		if err := s.put(bucket, 0, &w); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBasketsAreTheSameInMemoryAndOnDisk(t *testing.T) {
	const seed = 14
	customers := someCustomers(seed)
	var want [][]uint32
	for bucket := range customers {
		for _, lines := range customers[bucket] {
			want = append(want, basketsOf(lines, 1<<20)...)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for budget, spills := range map[int64]bool{0: false, 1 << 30: false, 8000: true, 1: true} {
		s := &basketStore{blocks: make([]basketBlock, partitions), budget: budget, spill: spill.New(t.TempDir(), 1)}
		fillStore(t, s, &customers, rng.Perm(partitions))
		if (s.spill.Bytes() > 0) != spills || budget > 0 && s.held.Load() > budget {
			t.Errorf("budget %d: got %d bytes held and %d on disk", budget, s.held.Load(), s.spill.Bytes())
		}
		if budget == 8000 && s.held.Load() == 0 {
			t.Error("got nothing held in memory, want part of it")
		}
		b, err := s.baskets(100, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(b); !sameBaskets(got, want) {
			t.Errorf("budget %d: got %d baskets, want the %d of the oracle", budget, len(got), len(want))
		}
		used := s.spill.Bytes()
		s.close()
		if _, err := s.spill.Write(0, make([]byte, used)); err != nil || s.spill.Bytes() != used {
			t.Errorf("budget %d: got %d bytes on disk once %d were written again, want what was let go (%v)", budget, s.spill.Bytes(), used, err)
		}
		if err := s.spill.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRareProductsAreLeftOutAndBasketsCounted(t *testing.T) {
	const seed, minShare = 15, 0.05
	customers := someCustomers(seed)
	s := &basketStore{blocks: make([]basketBlock, partitions)}
	order := make([]int, partitions)
	for i := range order {
		order[i] = i
	}
	fillStore(t, s, &customers, order)
	all, err := s.baskets(100, 0)
	if err != nil {
		t.Fatal(err)
	}
	few, err := s.baskets(100, minShare)
	if err != nil {
		t.Fatal(err)
	}
	if few.Len() != all.Len() || len(few.Items) >= len(all.Items) {
		t.Fatalf("got %d baskets of %d items, want %d of fewer than %d", few.Len(), len(few.Items), all.Len(), len(all.Items))
	}
	counts := map[uint32]int{}
	for _, items := range written(all) {
		for _, item := range items {
			counts[item]++
		}
	}
	frequent := func(items []uint32) []uint32 {
		return slices.DeleteFunc(slices.Clone(items), func(item uint32) bool { return float64(counts[item]) < minShare*float64(all.Len()) })
	}
	a, b := written(all), written(few)
	for i := range a {
		if !slices.Equal(frequent(a[i]), frequent(b[i])) {
			t.Fatalf("basket %d: got %v of %v, want every frequent product", i, b[i], a[i])
		}
	}
}
