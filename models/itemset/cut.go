package itemset

import "math/bits"

// cut is a set parted into antecedent and consequent: item k of the set is in the
// consequent if bit k of right is set.
type cut struct {
	set        uint32 // number within the length
	right      uint32
	antecedent uint32 // its count
}

// cuts appends those of set i of length l that meet the thresholds to found, in
// order of the consequent's size, then of right.
func (g *generator) cuts(found []cut, l, i int) []cut {
	passing := g.passing[l][i]
	if passing == 0 {
		return found
	}
	first := len(found)
	shorter, less := g.sets.counts[g.sets.first[l-1]:], g.less[l][i*l:i*l+l]
	for rest := passing; rest != 0; rest &= rest - 1 {
		k := bits.TrailingZeros32(rest)
		found = append(found, cut{set: uint32(i), right: 1 << k, antecedent: shorter[less[k]]})
	}
	for size := 2; size <= min(g.config.MaxConsequent, l-1); size++ {
		// An item in no confident consequent of an item less is in none of this size.
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
	if g.config.MinLift == 0 {
		return found
	}
	lifting := found[:first]
	for _, c := range found[first:] {
		y := float64(g.consequent(l, i, c.right)) / float64(g.sets.baskets)
		if g.confidence(l, c) >= g.config.MinLift*y {
			lifting = append(lifting, c)
		}
	}
	return lifting
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
