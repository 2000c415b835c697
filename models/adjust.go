package models

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg sets dst[i] to the false discovery rate at which p-value i just
// becomes significant among all p-values [1]:
//
//	q₍ᵢ₎ = min_{j ≥ i} min(1, p₍ⱼ₎·m/j), for the i-th smallest of m
//
// Calling every test with q ≤ 0.05 a discovery keeps the expected share of false
// discoveries at 5 %, for independent (or positively dependent) tests.
//
// Shape: dst and p have one entry per test. p is not modified; dst may be p.
//
// Missing: a NaN is a test without a result: the test does not count, and its entry
// stays NaN.
//
// Errors: *ShapeError; *ValueError for a value outside [0,1]. dst is then unchanged.
//
// Cost: O(m·log m) time, 8 bytes a value.
//
// [1] Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", J. R. Stat.
// Soc. B 57(1), 1995, pp. 289–300.
func BenjaminiHochberg(dst, p []float64) error {
	if len(dst) != len(p) {
		return &ShapeError{What: "dst", Got: len(dst), Want: len(p)}
	}
	order := make([]int, 0, len(p))
	for i, v := range p {
		if v < 0 || v > 1 {
			return &ValueError{Row: i + 1, Name: "p-value", Got: v, Want: "a number from 0 to 1"}
		}
		if v == v {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(p[a], p[b]), cmp.Compare(a, b)) })
	copy(dst, p)
	least, m := 1.0, float64(len(order))
	for k := len(order) - 1; k >= 0; k-- {
		least = min(least, float64(p[order[k]]*m)/float64(k+1))
		dst[order[k]] = least
	}
	return nil
}
