package itemset

import "math/bits"

// subsets holds the counts of all subsets of one set, for rules with several items
// on the right, which need many of these counts.
type subsets struct {
	count []uint32
	place []uint32 // within the length
}

// take finds the counts of the subsets of set i of length l: count[mask] is that of
// the items of mask.
func (a *subsets) take(f *family, l int, i uint32) {
	full := 1<<l - 1
	if len(a.count) <= full {
		a.count, a.place = make([]uint32, full+1), make([]uint32, full+1)
	}
	a.place[full], a.count[full] = i, f.sets.counts[f.sets.first[l]+int(i)]
	for mask := full - 1; mask > 0; mask-- {
		k := bits.TrailingZeros(^uint(mask)) // the first item that is missing; all before it are there
		larger := mask | 1<<k
		size := bits.OnesCount(uint(larger))
		a.place[mask] = f.less[size][int(a.place[larger])*size+k]
		a.count[mask] = f.sets.counts[f.sets.first[size-1]+int(a.place[mask])]
	}
}

// simplest returns the highest confidence of a rule for the items of right from
// some, not all, of those of left, or from none of the given number of baskets.
func (a *subsets) simplest(left, right uint32, baskets int) float64 {
	best := float64(a.count[right]) / float64(baskets)
	for sub := (left - 1) & left; sub > 0; sub = (sub - 1) & left {
		best = max(best, float64(a.count[sub|right])/float64(a.count[sub]))
	}
	return best
}
