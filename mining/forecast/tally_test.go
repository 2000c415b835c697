package forecast

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// sums are what a map adds up without a bound.
type sums struct{ first, second datasets.Sum }

func TestTalliesAddUpWhatAMapDoes(t *testing.T) {
	const seed = 5
	for _, memory := range []int64{0, 1 << 40} { // on disk, in memory
		rng := rand.New(rand.NewPCG(seed, 0))
		space := spill.New(t.TempDir(), 2)
		want := map[key]*sums{}
		members := []int{300, 300} // the first has a table where there is memory for one
		tallies := []*tally{newTally(0, space, memory, 20, members), newTally(1, space, min(memory, 120_000), 20, members)}
		for range 40_000 {
			k := newKey(rng.IntN(5), uint32(rng.IntN(300)), rng.IntN(20))
			if k.slot() < firstDimension {
				k = newKey(k.slot(), 0, k.period())
			}
			a, b := rng.Int64N(2e18)-1e18, rng.Int64N(1000)
			if want[k] == nil {
				want[k] = new(sums)
			}
			want[k].first.Add(datasets.Money(a))
			want[k].second.Add(datasets.Money(b))
			if err := tallies[rng.IntN(2)].add(k, a, b); err != nil {
				t.Fatal(err)
			}
		}
		if spilled := len(tallies[0].runs) > 0; spilled != (memory == 0) {
			t.Errorf("budget %d: got %d runs on disk", memory, len(tallies[0].runs))
		}
		got := map[key]*sums{}
		var before key
		err := eachMember(tallies, memory/1000, func(cells []cell) error {
			if cells[0].key>>24 <= before>>24 && len(got) > 0 {
				t.Errorf("member %d comes after %d", cells[0].key>>24, before>>24)
			}
			for _, c := range cells {
				if c.key < before {
					t.Errorf("got the key %d after %d", c.key, before)
				}
				before = c.key
				if got[c.key] == nil {
					got[c.key] = new(sums)
				}
				got[c.key].first.Add(datasets.Money(c.first))
				got[c.key].second.Add(datasets.Money(c.second))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("seed %d: got %d keys, want %d", seed, len(got), len(want))
		}
		for _, k := range slices.Sorted(maps.Keys(want)) {
			if got[k].first.String() != want[k].first.String() || got[k].second.String() != want[k].second.String() {
				t.Fatalf("seed %d, key %d: got %s and %s, want %s and %s", seed, k,
					&got[k].first, &got[k].second, &want[k].first, &want[k].second)
			}
		}
		for _, tally := range tallies {
			tally.free()
		}
		if err := space.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheLargestMembersAreKept(t *testing.T) {
	l := &ledger{largest: make([][]member, 1), byAmount: true}
	for code, amount := range []int64{5, 9, 7, 9, 1, 7} {
		l.offer(0, []cell{{newKey(firstDimension, uint32(code), 0), amount - 1, 0}, {newKey(firstDimension, uint32(code), 3), 1, 0}}, 3)
	}
	var codes []uint32
	for _, m := range l.largest[0] {
		codes = append(codes, m.code)
	}
	if want := []uint32{1, 3, 2}; !slices.Equal(codes, want) {
		t.Errorf("got the members %v, want %v: by money, the first of equal ones first", codes, want)
	}
}
