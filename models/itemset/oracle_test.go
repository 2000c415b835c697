package itemset

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// bruteForce counts every subset of up to 16 items and keeps those of the kind
// wanted, in the order of Sets. It follows the definitions and nothing else.
func bruteForce(b Baskets, least, minLength, maxLength int, kind Kind) []Set {
	counts := make([]int, 1<<b.ItemCount)
	for i := range b.Len() {
		mask := 0
		for _, item := range b.Basket(i) {
			mask |= 1 << item
		}
		for sub := mask; sub > 0; sub = (sub - 1) & mask {
			counts[sub]++
		}
	}
	var sets []Set
	for mask := 1; mask < len(counts); mask++ {
		l := bits.OnesCount(uint(mask))
		if counts[mask] < least || l < minLength || l > maxLength {
			continue
		}
		wanted := true
		for item := range b.ItemCount {
			if super := mask | 1<<item; super != mask {
				if kind == Closed && counts[super] == counts[mask] || kind == Maximal && counts[super] >= least {
					wanted = false
				}
			}
		}
		if wanted {
			sets = append(sets, Set{Items: itemsOf(mask), Count: counts[mask]})
		}
	}
	slices.SortFunc(sets, compareSets)
	return sets
}

func itemsOf(mask int) []uint32 {
	var items []uint32
	for ; mask > 0; mask &= mask - 1 {
		items = append(items, uint32(bits.TrailingZeros(uint(mask))))
	}
	return items
}

func compareSets(a, b Set) int {
	if len(a.Items) != len(b.Items) {
		return len(a.Items) - len(b.Items)
	}
	return slices.Compare(a.Items, b.Items)
}

// randomBaskets draws n baskets of up to items items, each with a probability of
// its own, with repetitions and duplicates of whole baskets.
func randomBaskets(rng *rand.Rand, n, items int) Baskets {
	share := make([]float64, items)
	for i := range share {
		share[i] = rng.Float64()
	}
	var build Builder
	var last []uint32
	for range n {
		if rng.IntN(4) > 0 {
			last = last[:0]
			for i := range items {
				if rng.Float64() < share[i] {
					last = append(last, uint32(i))
				}
				if rng.IntN(20) == 0 && len(last) > 0 {
					last = append(last, last[rng.IntN(len(last))])
				}
			}
			rng.Shuffle(len(last), func(i, j int) { last[i], last[j] = last[j], last[i] })
		}
		build.Add(last)
	}
	b := build.Baskets()
	b.ItemCount = items
	return b
}

func TestMineAgreesWithEnumerationOfAllSubsets(t *testing.T) {
	rounds := 600
	if testing.Short() {
		rounds = 100
	}
	for seed := range rounds {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		b := randomBaskets(rng, rng.IntN(150), 1+rng.IntN(10))
		c := plain(1 + rng.IntN(12))
		c.MinLength = 1 + rng.IntN(2)
		c.MaxLength = c.MinLength + rng.IntN(9)
		c.Workers = 1 + rng.IntN(3)
		for kind := range Maximal + 1 {
			c.Kind = kind
			want := bruteForce(b, c.MinCount, c.MinLength, c.MaxLength, kind)
			sameSets(t, fmt.Sprintf("seed %d: %v sets, %+v", seed, kind, c), mine(t, c, b), want)
		}
	}
}

// Every representation must be met by some data. The choice is made by cost, so
// the oracle runs on each alone as well.
func TestEveryRepresentationAgrees(t *testing.T) {
	for seed := range 40 {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		b := randomBaskets(rng, 50+rng.IntN(400), 4+rng.IntN(8))
		c := plain(1 + rng.IntN(5))
		c.MaxLength = AnyLength
		for _, choose := range []func(s *search){
			func(s *search) { s.dense = func(int, int, int) bool { return true } },
			func(s *search) { s.dense = func(int, int, int) bool { return false } },
			func(s *search) { s.dense = func(k, _, _ int) bool { return k%2 == 0 } },
			func(s *search) { s.kind, s.lookups = Closed, 0 },
			func(s *search) { s.kind, s.lookups = Closed, math.MaxInt32 },
			func(s *search) { s.kind, s.lookups = Maximal, 0 },
			func(s *search) { s.kind, s.lookups = Maximal, 2 },
			func(s *search) { s.kind, s.lookups = Maximal, math.MaxInt32 },
		} {
			sets, kind := mineBy(t, c, b, choose)
			sameSets(t, fmt.Sprintf("seed %d, %v", seed, kind), sets, bruteForce(b, c.MinCount, 1, c.MaxLength, kind))
		}
	}
}

// mineBy mines with the search changed before it runs.
func mineBy(t *testing.T, c Config, b Baskets, change func(*search)) (*Sets, Kind) {
	t.Helper()
	var choice search
	change(&choice)
	c.Kind = choice.kind
	s, err := c.prepare(t.Context(), b, &Report{Baskets: b.Len(), AskedCount: c.MinCount, MinCount: c.MinCount})
	if err != nil {
		t.Fatal(err)
	}
	change(s)
	if err := s.run(2); err != nil {
		t.Fatal(err)
	}
	sets, err := assemble(t.Context(), s, c)
	if err != nil {
		t.Fatal(err)
	}
	return sets, c.Kind
}

// plain returns a configuration of a minimum count and nothing else.
func plain(minCount int) Config {
	c := DefaultConfig()
	c.MinSupport, c.MinCount, c.Workers = 0, minCount, 2
	return c
}

func mine(t *testing.T, c Config, b Baskets) *Sets {
	t.Helper()
	sets, _, err := c.Mine(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

func sameSets(t *testing.T, name string, got *Sets, want []Set) {
	t.Helper()
	if got.Len() != len(want) {
		t.Fatalf("%s: got %d sets, want %d", name, got.Len(), len(want))
	}
	for i, s := range got.All() {
		if compareSets(s, want[i]) != 0 || s.Count != want[i].Count {
			t.Fatalf("%s: set %d: got %v, want %v", name, i, s, want[i])
		}
		if at := got.At(i); compareSets(at, s) != 0 || at.Count != s.Count {
			t.Fatalf("%s: At(%d) gives %v, All %v", name, i, at, s)
		}
		if at, ok := got.Index(s.Items); !ok || at != i {
			t.Fatalf("%s: Index(%v): got %d, %v, want %d", name, s.Items, at, ok, i)
		}
	}
}
