package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

// quest describes synthetic baskets made of overlapping patterns, after R.
// Agrawal and R. Srikant, "Fast Algorithms for Mining Association Rules", VLDB
// 1994, section 2.4.3: T10.I4.D100K is the most used data set for miners.
type quest struct {
	baskets, items, patterns int
	basketSize, patternSize  float64 // means
	correlation              float64 // mean share of a pattern taken from the one before
	corruption, spread       float64 // mean and standard deviation of the share left out
}

func t10i4d100k() quest {
	return quest{
		baskets: 100_000, items: 1_000, patterns: 2_000, basketSize: 10, patternSize: 4,
		correlation: 0.5, corruption: 0.5, spread: math.Sqrt(0.1),
	}
}

// pattern is a set of items that tend to be bought together.
type pattern struct {
	items  []uint32
	upTo   float64 // cumulated weight, in (0,1]
	losing float64 // chance to go on leaving items out
}

func (q quest) generate(seed uint64) [][]uint32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	patterns := q.makePatterns(rng)
	var baskets [][]uint32
	var waiting []uint32 // a pattern that did not fit the last basket
	for len(baskets) < q.baskets {
		size := max(1, poisson(rng, q.basketSize))
		basket := waiting
		waiting = nil
		for len(basket) < size {
			part := draw(rng, patterns)
			if len(basket)+len(part) > size && len(basket) > 0 && rng.IntN(2) == 0 {
				waiting = part
				break
			}
			basket = append(basket, part...)
		}
		slices.Sort(basket)
		if basket = slices.Compact(basket); len(basket) > 0 {
			baskets = append(baskets, basket)
		}
	}
	return baskets
}

func (q quest) makePatterns(rng *rand.Rand) []pattern {
	patterns := make([]pattern, q.patterns)
	total := 0.0
	var before []uint32
	for i := range patterns {
		size := max(1, poisson(rng, q.patternSize))
		var items []uint32
		if i > 0 {
			shared := min(1, rng.ExpFloat64()*q.correlation)
			for _, at := range rng.Perm(len(before))[:min(len(before), int(shared*float64(size)+0.5))] {
				items = append(items, before[at])
			}
		}
		for len(items) < size {
			if item := uint32(rng.IntN(q.items)); !slices.Contains(items, item) {
				items = append(items, item)
			}
		}
		total += rng.ExpFloat64()
		patterns[i] = pattern{items: items, upTo: total, losing: min(1, max(0, q.corruption+q.spread*rng.NormFloat64()))}
		before = items
	}
	for i := range patterns {
		patterns[i].upTo /= total
	}
	return patterns
}

// draw picks a pattern by weight and leaves out some of its items.
func draw(rng *rand.Rand, patterns []pattern) []uint32 {
	at := rng.Float64()
	i, _ := slices.BinarySearchFunc(patterns, at, func(p pattern, at float64) int {
		if p.upTo <= at {
			return -1
		}
		return 1
	})
	p := patterns[min(i, len(patterns)-1)]
	items := slices.Clone(p.items)
	for len(items) > 0 && rng.Float64() < p.losing {
		items = slices.Delete(items, 0, 1)
		if len(items) > 1 {
			k := rng.IntN(len(items))
			items[0], items[k] = items[k], items[0]
		}
	}
	return items
}

// poisson draws by multiplying uniforms, which is quick for small means.
func poisson(rng *rand.Rand, mean float64) int {
	limit, product, n := math.Exp(-mean), rng.Float64(), 0
	for product > limit {
		product *= rng.Float64()
		n++
	}
	return n
}
