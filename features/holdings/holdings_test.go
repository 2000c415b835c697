package holdings

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
)

type line struct {
	day      datasets.Day
	order    uint32
	product  uint32
	returned bool
}

// events returns the lines of a customer as the history has them.
func events(lines ...line) *datasets.Events {
	ev := &datasets.Events{}
	for _, l := range lines {
		ev.Time = append(ev.Time, datasets.Moment(l.day)*datasets.FullDay)
		ev.Order = append(ev.Order, l.order)
		ev.Product = append(ev.Product, l.product)
		ev.Return = append(ev.Return, l.returned)
	}
	return ev
}

func products(ev *datasets.Events) []uint32 { return ev.Product }

func store(t *testing.T, memory int64) *Store {
	t.Helper()
	space := spill.New(t.TempDir(), 2)
	t.Cleanup(func() {
		if err := space.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(Config{Codes: products, Partitions: 3, Memory: memory, Spill: space})
}

// text writes all that a store holds.
func text(t *testing.T, s *Store) string {
	t.Helper()
	out := ""
	var p Part
	for k := range s.Partitions() {
		if err := s.Read(&p, k); err != nil {
			t.Fatal(err)
		}
		for i := range p.Len() {
			out += fmt.Sprintf("%d/%d:", k, i)
			for _, it := range p.Items(nil, i) {
				out += fmt.Sprintf(" %d", it.Code)
				for d := range it.Orders() {
					out += fmt.Sprintf("@%d", it.Day(d))
				}
			}
			out += "\n"
		}
	}
	return out
}

func fill(t *testing.T, s *Store) {
	t.Helper()
	w := s.Writer(0)
	// Order 1 ends after order 2 begins; product 7 twice in order 1; a return; a line without a product.
	w.Add(events(line{-3, 0, 7, false}, line{5, 1, 7, false}, line{5, 1, 9, false}, line{5, 2, 7, false}, line{6, 1, 7, false},
		line{8, 3, 9, true}, line{9, 4, datasets.NoCode, false}, line{9, 4, 2, false}))
	w.Add(events(line{4, 0, 7, true}))
	if err := w.End(0); err != nil {
		t.Fatal(err)
	}
	w.Add(events(line{1, 0, 1, false}))
	if err := w.End(2); err != nil {
		t.Fatal(err)
	}
}

func TestOrdersCountOnceForAnItem(t *testing.T) {
	s := store(t, 1<<20)
	fill(t, s)
	want := "0/0: 2@9 7@-3@5@5 9@5\n0/1:\n2/0: 1@1\n"
	if got := text(t, s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSpilledHoldingsAreThoseInMemory(t *testing.T) {
	inMemory, onDisk := store(t, 1<<20), store(t, 1)
	fill(t, inMemory)
	fill(t, onDisk)
	if got, want := text(t, onDisk), text(t, inMemory); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if onDisk.held.Load() != 0 || onDisk.Bytes() != inMemory.Bytes() {
		t.Errorf("got %d bytes in memory and %d in all, want 0 and %d", onDisk.held.Load(), onDisk.Bytes(), inMemory.Bytes())
	}
}

func TestPartitionsOfSeveralStoresMakeOne(t *testing.T) {
	whole, merged := store(t, 1<<20), store(t, 1)
	fill(t, whole)
	for k := range whole.Partitions() {
		b, err := whole.Partition(k)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second takes the place of the first
			if err := merged.SetPartition(k, 1, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := text(t, merged), text(t, whole); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEarlierDaysKnowNothingOfLaterOrders(t *testing.T) {
	it := Item{7, []uint32{^uint32(2), 5, 5, 15}} // the first is day −3
	f := func(day datasets.Day, want Held, gap float64) {
		t.Helper()
		got, ok := it.On(day)
		if got != want || ok != (want.Times > 0) || got.MeanGap() != gap {
			t.Errorf("day %d: got %+v and a gap of %v, want %+v and %v", day, got, got.MeanGap(), want, gap)
		}
	}
	f(-4, Held{}, 0)
	f(-3, Held{7, 1, -3, -3}, 0)
	f(5, Held{7, 3, -3, 5}, 4)
	f(100, Held{7, 4, -3, 15}, 6)
}

// A plain count with maps is the oracle.
func TestHoldingsAgreeWithMaps(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		lines := make([]line, rng.IntN(40))
		for i := range lines {
			lines[i] = line{datasets.Day(rng.IntN(20)), uint32(rng.IntN(6)), uint32(rng.IntN(4)), rng.IntN(5) == 0}
		}
		slices.SortStableFunc(lines, func(a, b line) int { return int(a.day - b.day) })
		numbers := map[uint32]uint32{} // orders rise by first occurrence
		want := map[[2]uint32]datasets.Day{}
		for i, l := range lines {
			if _, seen := numbers[l.order]; !seen {
				numbers[l.order] = uint32(len(numbers))
			}
			lines[i].order = numbers[l.order]
			key := [2]uint32{l.product, lines[i].order}
			if _, seen := want[key]; !seen && !l.returned {
				want[key] = l.day
			}
		}
		s := store(t, 1<<20)
		w := s.Writer(0)
		w.Add(events(lines...))
		if err := w.End(1); err != nil {
			t.Fatal(err)
		}
		var p Part
		if err := s.Read(&p, 1); err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, it := range p.Items(nil, 0) {
			var days []datasets.Day
			for key, day := range want {
				if key[0] == it.Code {
					days = append(days, day)
				}
			}
			slices.Sort(days)
			for k := range it.Orders() {
				if got++; k >= len(days) || it.Day(k) != days[k] {
					t.Fatalf("product %d (seed %d): got day %d, want %v", it.Code, seed, it.Day(k), days)
				}
			}
		}
		if got != len(want) {
			t.Fatalf("got %d orders of items, want %d (seed %d)", got, len(want), seed)
		}
	}
}

func FuzzSetPartition(f *testing.F) {
	s := New(Config{Codes: products, Partitions: 1, Memory: 1 << 20})
	w := s.Writer(0)
	w.Add(events(line{1, 0, 7, false}, line{2, 1, 7, false}, line{2, 1, 9, false}))
	if err := w.End(0); err != nil {
		f.Fatal(err)
	}
	good, err := s.Partition(0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := New(Config{Codes: products, Partitions: 1, Memory: 1 << 40})
		if s.SetPartition(0, 0, b) != nil {
			return
		}
		again, err := s.Partition(0)
		if err != nil || string(again) != string(b) {
			t.Errorf("got %v, %v; want %v", again, err, b)
		}
	})
}
