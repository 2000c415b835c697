package itemset

import (
	"context"
	"math/bits"

	"github.com/quintile-dev/quintile/models"
)

// fill writes the rules to their places.
func (g *generator) fill(ctx context.Context) error {
	pool := memories(len(g.rules))
	return models.Parallel(ctx, g.config.Workers, len(g.blocks), func(t int) error {
		known := pool.Get().(*memory)
		defer pool.Put(known)
		b := &g.blocks[t]
		rules, items := g.rules[b.at:b.at+b.rules], g.items[b.items:b.items+b.rules*b.l]
		cuts := b.cuts
		for i := b.from; len(cuts) < len(rules); i++ { // forgotten
			cuts = g.cuts(cuts, b.l, i)
		}
		var all subsets
		for i := range rules {
			rules[i].at = b.items + i*b.l
			g.describe(&rules[i], b.l, cuts[i], items[i*b.l:(i+1)*b.l], &all)
			g.p[b.at+i] = known.fisherP(rules[i].counts(g.sets.baskets))
			if rules[i].improvement <= 0 {
				b.redundant++
			}
		}
		b.cuts = nil
		return nil
	})
}

// describe fills in the rule that a cut of a set of length l is, and its items.
func (g *generator) describe(e *entry, l int, c cut, items []uint32, all *subsets) {
	s, i := g.sets, int(c.set)
	size := bits.OnesCount32(c.right)
	x, y := 0, l-size
	for k, item := range s.row(l, s.first[l]+i) {
		if c.right>>k&1 == 1 {
			items[y] = item
			y++
		} else {
			items[x] = item
			x++
		}
	}
	e.left, e.right = uint16(l-size), uint16(size)
	e.both = s.counts[s.first[l]+i]
	if size == 1 {
		k := bits.TrailingZeros32(c.right)
		e.with = [2]uint32{c.antecedent, g.single(items[l-1])}
		e.improvement = g.improvement[l][i*l+k]
		return
	}
	all.take(g.family, l, c.set)
	e.with = [2]uint32{c.antecedent, all.count[c.right]}
	e.improvement = g.confidence(l, c) - all.simplest((1<<l-1)&^c.right, c.right, s.baskets)
}
