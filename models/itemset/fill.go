package itemset

import "math"

// worker is what a goroutine that looks for rules keeps from one block to the next.
type worker struct {
	known *memory
	all   subsets
	found room
	cuts  []cut    // of the set at hand
	best  []uint64 // of a block that is scanned again
}

// test finds the p-values of a block whose rules have no place yet.
func (g *generator) test(b *block, w *worker) {
	w.known.fisherPs(b.p, b.rules)
	b.tested = true
}

// fillBlock writes the rules of a block to their places.
func (g *generator) fillBlock(b *block, w *worker) {
	rules, p := g.rules[b.at:b.at+b.count], g.p[b.at:b.at+b.count]
	n := copy(rules, b.rules)
	for i := b.from; n < len(rules); i++ { // forgotten
		again := block{l: b.l, from: i, to: i + 1}
		g.again(&again, math.MaxInt, w)
		n += copy(rules[n:], w.found.rules())
		w.found.shorten(0)
	}
	for i := range rules {
		if rules[i].improvement <= 0 {
			b.redundant++
		}
	}
	if b.tested {
		copy(p, b.p)
	} else {
		w.known.fisherPs(p, rules)
	}
	b.rules, b.p = nil, nil
}

// newWorker remembers the factorials of all counts, or those of the lower ones where
// there are too few sets for that to pay.
func (g *generator) newWorker() *worker {
	highest := uint32(0)
	for _, n := range g.sets.counts[:g.family.count(1)] {
		highest = max(highest, n)
	}
	n := g.sets.Len()
	most := min(1<<g.sets.MaxLength(), 1<<10)
	return &worker{
		known: newMemory(n, newFactorials(g.sets.baskets, min(int(highest)+1, 4*n))),
		found: room{least: max(64, min(n/4, 1<<11))},
		all:   subsets{count: make([]uint32, most), place: make([]uint32, most)},
		cuts:  make([]cut, 0, 64),
	}
}
