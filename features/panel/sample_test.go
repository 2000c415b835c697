package panel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWhoIsDrawnDoesNotDependOnTheOrderOfOffers(t *testing.T) {
	const customers, limit, seed = 5000, 3000, 16
	rng := rand.New(rand.NewPCG(seed, 0))
	rows := make([]int64, customers)
	total := int64(0)
	for i := range rows {
		rows[i] = int64(1 + rng.IntN(3))
		total += rows[i]
	}
	draw := func(order []int, limit int64, seed uint64) (drawn []int, sum int64, share float64) {
		s := newSampler(limit, seed)
		refused := map[int]bool{}
		for _, i := range order {
			refused[i] = !s.offer(s.bin(fmt.Appendf(nil, "c%d", i)), rows[i])
		}
		for i := range rows {
			if s.drawn(s.bin(fmt.Appendf(nil, "c%d", i))) {
				if refused[i] {
					t.Fatalf("customer %d: was refused, and then drawn", i)
				}
				drawn, sum = append(drawn, i), sum+rows[i]
			}
		}
		if sum != s.sum {
			t.Errorf("got %d rows by the sampler's count, want %d", s.sum, sum)
		}
		return drawn, sum, s.share()
	}
	first, sum, share := draw(rng.Perm(customers), limit, 1)
	if sum > limit || float64(sum) < 0.97*limit {
		t.Errorf("got %d rows, want just under %d", sum, limit)
	}
	if got := float64(sum) / float64(total); share < got-0.03 || share > got+0.03 {
		t.Errorf("got the share %g, want about %g", share, got)
	}
	for range 10 {
		if again, _, _ := draw(rng.Perm(customers), limit, 1); !slices.Equal(again, first) {
			t.Fatalf("seed %d: got %d customers, want the same %d", seed, len(again), len(first))
		}
	}
	if other, _, _ := draw(rng.Perm(customers), limit, 2); slices.Equal(other, first) {
		t.Error("got the same customers for another seed")
	}
	if all, _, share := draw(rng.Perm(customers), total, 1); len(all) != customers || share != 1 {
		t.Errorf("got %d customers, share %g; want all who fit", len(all), share)
	}
	if fewer, _, _ := draw(rng.Perm(customers), limit/2, 1); slices.ContainsFunc(fewer, func(i int) bool { return !slices.Contains(first, i) }) {
		t.Error("got a customer in the smaller sample who is not in the larger")
	}
}
