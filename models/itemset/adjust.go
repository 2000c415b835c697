package itemset

import (
	"math"
)

// BenjaminiHochberg returns, for each p-value, the false discovery rate at which
// it would just be called significant among all of them [1]:
//
//	q₍ᵢ₎ = min_{j ≥ i} min(1, p₍ⱼ₎·m/j), for the i-th smallest of m
//
// p is not modified; its values are in [0,1].
//
// Cost: O(m) time, 32 bytes a value.
//
// [1] Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", J. R.
// Stat. Soc. B 57(1), 1995, pp. 289–300.
func BenjaminiHochberg(p []float64) []float64 {
	order, spare := make([]keyed, len(p)), make([]keyed, len(p))
	for i, v := range p {
		// The bits of non-negative numbers sort as the numbers do.
		order[i] = keyed{key: math.Float64bits(v), set: uint32(i)}
	}
	order, _ = radixSort(order, spare, 62) // 1 and below leave the top bits clear
	q := make([]float64, len(p))
	lowest := 1.0
	for i := len(order) - 1; i >= 0; i-- {
		at := order[i].set
		lowest = min(lowest, float64(p[at]*float64(len(p)))/float64(i+1))
		q[at] = lowest
	}
	return q
}
