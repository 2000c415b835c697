package itemset

import (
	"cmp"
	"math"
	"slices"
)

// BenjaminiHochberg returns, for each p-value, the false discovery rate at which the
// p-value just becomes significant among all p-values [1]:
//
//	q₍ᵢ₎ = min_{j ≥ i} min(1, p₍ⱼ₎·m/j), for the i-th smallest of m
//
// p is not modified; its values are in [0,1], and p has fewer than 2³² entries.
//
// Cost: O(m) time for values that differ in their first three digits, otherwise
// O(m·log m); 16 bytes a value.
//
// [1] Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", J. R.
// Stat. Soc. B 57(1), 1995, pp. 289–300.
func BenjaminiHochberg(p []float64) []float64 {
	q := make([]float64, len(p))
	share, lowest := float64(len(p)), math.Float64bits(1) // as bits, which go without branches and sort alike
	order := ascending(p, q)
	for i := len(order) - 1; i >= 0; i-- {
		at := uint32(order[i])
		lowest = min(lowest, math.Float64bits(float64(p[at]*share)/float64(i+1)))
		q[at] = math.Float64frombits(lowest)
	}
	return q
}

// ascending returns the places of the values in [0,1] in ascending order of
// value, each in the low half of a word. The high half holds the first bits of
// the value: the bits of non-negative numbers sort like the numbers. spare, as
// long, lends its memory.
func ascending(values, spare []float64) []uint64 {
	const digit, start = 11, 40 // twice 11 bits: 1 and below leave the top two clear
	order := make([]uint64, len(values))
	var low, high [1 << digit]uint32
	for i, v := range values {
		word := math.Float64bits(v)>>32<<32 | uint64(i)
		order[i] = word
		low[word>>start%(1<<digit)]++
		high[word>>(start+digit)%(1<<digit)]++
	}
	sumBefore(&low)
	sumBefore(&high)
	for _, word := range order {
		next := &low[word>>start%(1<<digit)]
		spare[*next] = math.Float64frombits(word)
		*next++
	}
	for _, v := range spare {
		word := math.Float64bits(v)
		next := &high[word>>(start+digit)%(1<<digit)]
		order[*next] = word
		*next++
	}
	sortRuns(order, values, start)
	return order
}

// sortRuns sorts runs of words with equal leading bits, up to bit start, by all
// bits of their values.
func sortRuns(order []uint64, values []float64, start int) {
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && order[to]>>start == order[from]>>start {
			to++
		}
		if run := order[from:to]; len(run) > 1 && !ascends(run, values) {
			slices.SortFunc(run, func(x, y uint64) int {
				return cmp.Or(cmp.Compare(values[uint32(x)], values[uint32(y)]), cmp.Compare(x, y))
			})
		}
		from = to
	}
}

// ascends reports whether no value of the words is below one before, as where all are
// the same.
func ascends(run []uint64, values []float64) bool {
	before := 0.0
	for _, word := range run {
		v := values[uint32(word)]
		if v < before {
			return false
		}
		before = v
	}
	return true
}

// sumBefore replaces each number by the sum of the numbers before it.
func sumBefore(counts *[1 << 11]uint32) {
	sum := uint32(0)
	for i, n := range counts {
		counts[i] = sum
		sum += n
	}
}
