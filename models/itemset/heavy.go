package itemset

import (
	"cmp"
	"math/bits"
	"slices"
)

// HeavyBasket is a basket with a large share of the counted items, like the few
// wholesale orders in retail data. Such baskets make item sets explode: 30
// baskets of 50 out of the same 60 items share hundreds of millions of sets.
type HeavyBasket struct {
	Basket int // index, from 0
	Length int // distinct items
	// Share is that of the occurrences of the result's sets of two or more items:
	// the sets within this basket over the sum of all sets' counts; in (0,1].
	Share float64
}

const (
	// heavyCandidates is how many of the longest baskets are weighed: one for each
	// bit of a word.
	heavyCandidates = 64
	// A basket is heavy from this share on, and from this multiple of the mean
	// share on; less changes nothing much by being left out.
	heavyShare    = 0.005
	heavyMultiple = 20
)

// longest returns the baskets with the most frequent items, at most
// heavyCandidates of them; of equals, the first.
func longest(blocks []rawBlock) []int {
	type candidate struct{ length, basket int }
	var top []candidate
	floor := 1
	for _, raw := range blocks {
		for i, basket := range raw.basket {
			if raw.length(i) <= floor {
				continue
			}
			top = append(top, candidate{raw.length(i), int(basket)})
			if len(top) == 2*heavyCandidates {
				slices.SortStableFunc(top, func(x, y candidate) int { return cmp.Compare(y.length, x.length) })
				top = top[:heavyCandidates]
				floor = top[heavyCandidates-1].length
			}
		}
	}
	slices.SortStableFunc(top, func(x, y candidate) int { return cmp.Compare(y.length, x.length) })
	baskets := make([]int, min(len(top), heavyCandidates))
	for i := range baskets {
		baskets[i] = top[i].basket
	}
	return baskets
}

// weighBaskets returns the heavy candidates, the heaviest first.
func weighBaskets(candidates []int, b Baskets, a alphabet, s *Sets) []HeavyBasket {
	within := make([]uint64, len(a.code)) // by rank: the candidates with the item
	for bit, basket := range candidates {
		for _, item := range b.Basket(basket) {
			if r := a.rankOf[item]; r != 0 {
				within[r-1] |= 1 << bit
			}
		}
	}
	var held [heavyCandidates]int
	total := 0.0
	for i, set := range s.All() {
		if len(set.Items) < 2 {
			continue
		}
		total += float64(s.counts[i])
		all := ^uint64(0)
		for _, item := range set.Items {
			all &= within[a.rankOf[item]-1]
		}
		for ; all != 0; all &= all - 1 {
			held[bits.TrailingZeros64(all)]++
		}
	}
	var heavy []HeavyBasket
	for bit, basket := range candidates {
		share := float64(held[bit]) / total
		if share >= heavyShare && share >= heavyMultiple/float64(b.Len()) {
			heavy = append(heavy, HeavyBasket{Basket: basket, Length: distinct(b.Basket(basket)), Share: share})
		}
	}
	slices.SortStableFunc(heavy, func(x, y HeavyBasket) int {
		return cmp.Or(cmp.Compare(y.Share, x.Share), cmp.Compare(x.Basket, y.Basket))
	})
	return heavy
}

func distinct(items []uint32) int {
	sorted := slices.Clone(items)
	slices.Sort(sorted)
	return len(slices.Compact(sorted))
}
