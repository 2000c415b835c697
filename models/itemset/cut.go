package itemset

import (
	"math/bits"
	"slices"
)

// cut is a set parted into antecedent and consequent: item k of the set is in the
// consequent if bit k of right is set.
type cut struct {
	set        uint32 // number within the length
	right      uint32
	antecedent uint32 // its count
}

// cuts appends those of the sets from to to of length l that meet the thresholds to
// found, set by set, in order of the consequent's size, then of right. It stops after
// the set with which there are more than most, and returns the one to go on with.
func (g *generator) cuts(found []cut, l, from, to, most int) ([]cut, int) {
	shorter, less, passing := g.sets.counts[g.sets.first[l-1]:], g.less[l], g.passing[l]
	largest := min(g.config.MaxConsequent, l-1)
	for ; from < to && len(found) <= most; from++ {
		first, n := len(found), len(found)
		found = slices.Grow(found, l)[:n+l]
		for k, sub := range less[from*l : from*l+l] { // all of them, since branches could not be foreseen
			found[n] = cut{set: uint32(from), right: 1 << k, antecedent: shorter[sub]}
			n += int(passing[from] >> k & 1)
		}
		found = found[:n]
		if largest >= 2 && n-first >= 2 {
			found = g.largerCuts(found, l, from, largest)
		}
		if g.config.MinLift > 0 {
			found = g.lifting(found, first, l, from)
		}
	}
	return found, from
}

// largerCuts appends the cuts of set i with two and more items on the right.
func (g *generator) largerCuts(found []cut, l, i, largest int) []cut {
	found, passing := g.pairCuts(found, l, i, g.passing[l][i])
	for size := 3; size <= largest && bits.OnesCount32(passing) >= size; size++ {
		n, next := bits.OnesCount32(passing), uint32(0)
		for some := uint64(1)<<size - 1; some < 1<<n; some = nextOfSize(some) {
			right := spread(uint32(some), passing)
			c := cut{set: uint32(i), right: right, antecedent: g.countWithout(l, i, right)}
			if g.confidence(l, c) >= g.report.MinConfidence {
				found = append(found, c)
				next |= right
			}
		}
		passing = next
	}
	return found
}

// lifting leaves out, of the cuts of set i from the first on, those without the lift.
func (g *generator) lifting(found []cut, first, l, i int) []cut {
	kept := found[:first]
	for _, c := range found[first:] {
		y := float64(g.consequent(l, i, c.right)) / float64(g.sets.baskets)
		if g.confidence(l, c) >= g.config.MinLift*y {
			kept = append(kept, c)
		}
	}
	return kept
}

// pairCuts appends the cuts of set i of length l with two items of passing on the
// right to found, as cuts does. It returns the items of any of these: one in no
// confident consequent of an item less is in none of a size.
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
			found[n] = cut{set: uint32(i), right: right, antecedent: antecedent}
			n += int(pass)
			next |= right & -pass
		}
	}
	return found[:n], next
}

func (g *generator) confidence(l int, c cut) float64 {
	return float64(g.sets.counts[g.sets.first[l]+int(c.set)]) / float64(c.antecedent)
}

// consequent returns the count of the items of mask.
func (g *generator) consequent(l, i int, mask uint32) uint32 {
	if mask&(mask-1) == 0 {
		row := g.sets.row(l, g.sets.first[l]+i)
		return g.single(row[bits.TrailingZeros32(mask)])
	}
	return g.countWithout(l, i, (1<<l-1)&^mask)
}

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

// countWithout returns the count of set i of length l without the items of mask.
func (g *generator) countWithout(l, i int, mask uint32) uint32 {
	if left := (uint32(1)<<l - 1) &^ mask; left&(left-1) == 0 {
		return g.single(g.sets.row(l, g.sets.first[l]+i)[bits.TrailingZeros32(left)])
	}
	for ; mask != 0; l-- {
		k := 31 - bits.LeadingZeros32(mask) // from the back, so that the others stay in place
		mask &^= 1 << k
		i = int(g.less[l][i*l+k])
	}
	return g.sets.counts[g.sets.first[l]+i]
}
