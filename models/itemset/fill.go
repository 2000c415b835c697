package itemset

import "math/bits"

// worker is what a goroutine that looks for rules keeps from one block to the next.
type worker struct {
	known *memory
	all   subsets
	cuts  []cut // of the block at hand
}

// test finds the p-values of a block whose rules have no place yet.
func (g *generator) test(b *block, w *worker) {
	b.p = make([]float64, len(b.cuts))
	for i, c := range b.cuts {
		both := g.sets.counts[g.sets.first[b.l]+int(c.set)]
		b.p[i] = w.known.fisherP(both, c.antecedent, g.consequent(b.l, int(c.set), c.right))
	}
}

// fillBlock writes the rules of a block to their places.
func (g *generator) fillBlock(b *block, w *worker) {
	rules, items, p := g.rules[b.at:b.at+b.rules], g.items[b.items:b.items+b.rules*b.l], g.p[b.at:b.at+b.rules]
	cuts := b.cuts
	for i := b.from; len(cuts) < len(rules); i++ { // forgotten
		cuts, _ = g.cuts(cuts, b.l, i, i+1, len(cuts))
	}
	w.all.of = 0
	for i := range rules {
		rules[i].at = b.items + i*b.l
		g.describe(&rules[i], b.l, cuts[i], items[i*b.l:(i+1)*b.l], &w.all)
		if rules[i].improvement <= 0 {
			b.redundant++
		}
	}
	if b.p != nil {
		copy(p, b.p)
	} else {
		for i := range rules {
			p[i] = w.known.fisherP(rules[i].both, rules[i].with[0], rules[i].with[1])
		}
	}
	b.cuts, b.p = nil, nil
}

// describe fills in the rule that a cut of a set of length l is, and its items.
func (g *generator) describe(e *entry, l int, c cut, items []uint32, all *subsets) {
	s, i := g.sets, int(c.set)
	size := bits.OnesCount32(c.right)
	at := [2]int{0, l - size} // of the next item of either side
	for k, item := range s.row(l, s.first[l]+i) {
		side := c.right >> k & 1 // no branch, which could not be foreseen
		items[at[side]] = item
		at[side]++
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

// newWorker remembers the factorials of all counts, or those of the lower ones where
// there are too few sets for that to pay.
func (g *generator) newWorker() *worker {
	highest := uint32(0)
	for _, n := range g.sets.counts[:g.family.count(1)] {
		highest = max(highest, n)
	}
	n := g.sets.Len()
	return &worker{known: newMemory(n, newFactorials(g.sets.baskets, min(int(highest)+1, 4*n)))}
}
