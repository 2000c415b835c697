package itemset

import (
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/models/itemset/internal/kernel"
)

// cut is a set parted into antecedent and consequent: item k of the set is in the
// consequent if bit k of right is set.
type cut struct {
	right      uint32
	antecedent uint32 // its count
}

// larger adds the rules of set i of length l with two and more items on the right, in
// order of the number of these items, then of right. Each item of passing is a
// confident consequent by itself. A larger consequent leaves a more frequent
// antecedent, so that only consequents made of confident items can be confident; the
// same holds for each larger size.
func (g *generator) larger(l, i int, passing uint32, w *worker) {
	w.cuts, passing = g.pairCuts(w.cuts[:0], l, i, passing)
	if len(w.cuts) == 0 {
		return
	}
	s, full, all := g.sets, uint32(1)<<l-1, &w.all
	all.take(g.family, l, uint32(i))
	largest := min(g.config.MaxConsequent, l-1)
	for size := 3; size <= largest && bits.OnesCount32(passing) >= size; size++ {
		n, next := bits.OnesCount32(passing), uint32(0)
		for some := uint64(1)<<size - 1; some < 1<<n; some = nextOfSize(some) {
			right := spread(uint32(some), passing)
			antecedent := all.count[full&^right]
			if g.confidence(l, i, antecedent) >= g.report.MinConfidence {
				w.cuts = append(w.cuts, cut{right: right, antecedent: antecedent})
				next |= right
			}
		}
		passing = next
	}
	room := w.found.grow(len(w.cuts))
	for n, c := range w.cuts {
		size := bits.OnesCount32(c.right)
		left := full &^ c.right
		room[n] = entry{
			Table: kernel.Table{
				Both: all.count[full], Antecedent: c.antecedent, Consequent: all.count[c.right],
				Items: [2]uint16{uint16(l - size), uint16(size)},
			},
			left:        s.base[l-size] + int(all.place[left])*(l-size),
			right:       s.base[size] + int(all.place[c.right])*size,
			improvement: g.confidence(l, i, c.antecedent) - all.simplest(left, c.right, s.baskets),
		}
	}
	w.found.extend(len(room))
}

// lifting moves the rules with the least lift or more to the front, and returns their
// number.
func (g *generator) lifting(rules []entry) int {
	kept := 0
	for _, e := range rules {
		y := float64(e.Consequent) / float64(g.sets.baskets)
		if e.confidence() >= g.config.MinLift*y {
			rules[kept] = e
			kept++
		}
	}
	return kept
}

// pairCuts appends the cuts of set i of length l with two items of passing on the
// right to found, and returns the items of all these cuts.
func (g *generator) pairCuts(found []cut, l, i int, passing uint32) ([]cut, uint32) {
	less, shorter := g.less[l][i*l:i*l+l], g.less[l-1]
	counts, both := g.sets.counts[g.sets.first[l-2]:], float64(g.sets.counts[g.sets.first[l]+i])
	items, n, next := bits.OnesCount32(passing), len(found), uint32(0)
	found = slices.Grow(found, items*items/2)[:n+items*items/2]
	for highs := passing & (passing - 1); highs != 0; highs &= highs - 1 {
		high := bits.TrailingZeros32(highs)
		without := shorter[int(less[high])*(l-1):] // where the items before high keep their places
		for lows := passing & (1<<high - 1); lows != 0; lows &= lows - 1 {
			low := bits.TrailingZeros32(lows)
			right, antecedent := uint32(1)<<high|1<<low, counts[without[low]]
			pass := passes(both/float64(antecedent), g.report.MinConfidence)
			found[n] = cut{right: right, antecedent: antecedent}
			n += int(pass)
			next |= right & -pass
		}
	}
	return found[:n], next
}

// confidence returns the confidence of a rule of set i of length l, given the
// count of its antecedent.
func (g *generator) confidence(l, i int, antecedent uint32) float64 {
	return float64(g.sets.counts[g.sets.first[l]+i]) / float64(antecedent)
}

func (e *entry) confidence() float64 { return float64(e.Both) / float64(e.Antecedent) }

// nextOfSize returns the next larger number with as many bits.
func nextOfSize(v uint64) uint64 {
	low := v & -v
	high := v + low
	return high | (v^high)>>(bits.TrailingZeros64(v)+2)
}

// spread returns the bits of mask that some numbers, its lowest bit standing for
// the lowest of mask.
func spread(some, mask uint32) uint32 {
	out := uint32(0)
	for ; some != 0; some >>= 1 {
		if some&1 == 1 {
			out |= mask & -mask
		}
		mask &= mask - 1
	}
	return out
}
