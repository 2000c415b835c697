package neighbour

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"
)

// A plain count of all pairs and a sort give the neighbours of the one pass.
func TestNeighboursAgreeWithASort(t *testing.T) {
	const seed, items, neighbours = 21, 120, 7
	x := random(seed, 150, items)
	c := DefaultConfig()
	c.Dense, c.Neighbours = 0, neighbours
	m, _ := fit(t, c, x)
	r, err := rank(context.Background(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	counts := x.Counts()
	for i := range uint32(items) {
		var all []weight
		for _, j := range r.codes { // the most held first
			together := 0
			for k := range x.Len() {
				_, one := slices.BinarySearch(x.Row(k), i)
				_, other := slices.BinarySearch(x.Row(k), j)
				if one && other {
					together++
				}
			}
			if i != j && together > 0 {
				all = append(all, weight{i, j, float64(together) / math.Sqrt(float64(counts[i])*float64(counts[j]))})
			}
		}
		slices.SortStableFunc(all, func(a, b weight) int { return cmp.Compare(b.value, a.value) })
		all = all[:min(neighbours, len(all))]
		slices.SortFunc(all, func(a, b weight) int { return cmp.Compare(a.to, b.to) })
		to, weights := m.Weights(i)
		for k, w := range all {
			if len(to) != len(all) || to[k] != w.to || weights[k] != w.value {
				t.Fatalf("seed %d, item %d: got %v %v, want %v", seed, i, to, weights, all)
			}
		}
	}
}
