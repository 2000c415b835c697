package itemset

import (
	"cmp"
	"math"
	"slices"
)

// BenjaminiHochberg returns, for each p-value, the false discovery rate at which
// it would just be called significant among all of them [1]:
//
//	q₍ᵢ₎ = min_{j ≥ i} min(1, p₍ⱼ₎·m/j), for the i-th smallest of m
//
// p is not modified; its values are in [0,1], and there are fewer than 2³² of them.
//
// Cost: O(m) time for values that differ in their first six digits, O(m·log m) for
// others; 24 bytes a value.
//
// [1] Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", J. R.
// Stat. Soc. B 57(1), 1995, pp. 289–300.
func BenjaminiHochberg(p []float64) []float64 {
	q := make([]float64, len(p))
	share, lowest := float64(len(p)), 1.0
	order := ascending(p)
	for i := len(order) - 1; i >= 0; i-- {
		at := uint32(order[i])
		lowest = min(lowest, float64(p[at]*share)/float64(i+1))
		q[at] = lowest
	}
	return q
}

// ascending returns the places of the values in [0,1] in their order, each in the
// low half of a word. The high half holds the first bits of the value: those of
// non-negative numbers sort as the numbers do.
func ascending(values []float64) []uint64 {
	const digit, digits, start = 10, 3, 32 // 1 and below leave the top two bits clear
	order, spare := make([]uint64, len(values)), make([]uint64, len(values))
	var at [digits][1 << digit]uint32
	for i, v := range values {
		word := math.Float64bits(v)>>32<<32 | uint64(i)
		order[i] = word
		at[0][word>>start%(1<<digit)]++
		at[1][word>>(start+digit)%(1<<digit)]++
		at[2][word>>(start+2*digit)%(1<<digit)]++
	}
	for d := range at {
		at, shift := &at[d], start+d*digit
		sum := uint32(0)
		for i, n := range at {
			at[i] = sum
			sum += n
		}
		for _, word := range order {
			next := &at[word>>shift%(1<<digit)]
			spare[*next] = word
			*next++
		}
		order, spare = spare, order
	}
	for from := 0; from < len(order); { // and by all bits where the first are the same
		to, sorted := from+1, true // as it is where the values are the same
		for ; to < len(order) && order[to]>>32 == order[from]>>32; to++ {
			sorted = sorted && values[uint32(order[to-1])] <= values[uint32(order[to])]
		}
		if !sorted {
			slices.SortFunc(order[from:to], func(x, y uint64) int {
				return cmp.Or(cmp.Compare(values[uint32(x)], values[uint32(y)]), cmp.Compare(x, y))
			})
		}
		from = to
	}
	return order
}
