package itemset

import "math"

// worker is the state that a goroutine keeps between blocks when finding rules.
type worker struct {
	known *memory
	all   subsets
	found room
	cuts  []cut     // of the set at hand
	best  []uint64  // of a block that is scanned again
	tests []float64 // room for p-values
}

// test finds the p-values of a block whose rules have no numbers yet.
func (g *generator) test(b *block, w *worker) {
	n := len(b.rules)
	if len(w.tests) < n {
		w.tests = make([]float64, max(n, 1<<10))
	}
	b.p = carve(&w.tests, n)
	w.known.fisherPs(b.p, b.rules)
}

// fillBlock writes the p-values of the rules of a block to their places, and finds
// again the rules of the block if they were forgotten.
func (g *generator) fillBlock(b *block, w *worker) {
	if len(b.rules) < b.count {
		b.rules = make([]entry, 0, b.count)
		for i := b.from; len(b.rules) < b.count; i++ {
			g.again(&block{l: b.l, from: i, to: i + 1}, math.MaxInt, w)
			some := w.found.rules()
			b.rules = append(b.rules, some[:min(len(some), b.count-len(b.rules))]...)
			w.found.shorten(0)
		}
	}
	b.rules = b.rules[:b.count]
	for i := range b.rules {
		if b.rules[i].improvement <= 0 {
			b.redundant++
		}
	}
	if p := g.p[b.at : b.at+b.count]; b.p != nil {
		copy(p, b.p)
	} else {
		w.known.fisherPs(p, b.rules)
	}
	b.p = nil
}

// newWorker remembers the factorials of all counts, or only of the lower counts
// where all would not pay for so few sets.
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
