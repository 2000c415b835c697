package linear

import (
	"context"
	"math"
)

// A symmetric matrix is its lower triangle, row by row: entry (j,k), k ≤ j, at
// j(j+1)/2+k.

func at(j, k int) int { return j*(j+1)/2 + k }

// factor returns the Cholesky factor of the symmetric matrix h, and the columns
// that are left out. A column j is left out where the columns before leave at
// most floor[j] of its diagonal entry; its row is zero.
func factor(ctx context.Context, h, floor []float64) (l []float64, out []int, err error) {
	q := len(floor)
	l = make([]float64, len(h))
	for j := range q {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		rowJ := l[at(j, 0):][:j+1]
		for k := range j {
			rowK := l[at(k, 0):][:k+1]
			if rowK[k] != 0 {
				rowJ[k] = (h[at(j, k)] - dot(rowJ[:k], rowK[:k])) / rowK[k]
			}
		}
		left := h[at(j, j)] - dot(rowJ[:j], rowJ[:j])
		if !(left > floor[j]) {
			clear(rowJ)
			out = append(out, j)
			continue
		}
		rowJ[j] = math.Sqrt(left)
	}
	return l, out, nil
}

// solve returns the v with L Lᵀ v = b, 0 for columns left out.
func solve(l, b []float64) []float64 {
	q := len(b)
	v := make([]float64, q)
	for j := range q {
		if pivot := l[at(j, j)]; pivot != 0 {
			v[j] = (b[j] - dot(l[at(j, 0):][:j], v[:j])) / pivot
		}
	}
	for j := q - 1; j >= 0; j-- {
		pivot := l[at(j, j)]
		if pivot == 0 {
			v[j] = 0
			continue
		}
		s := v[j]
		for k := j + 1; k < q; k++ {
			s -= float64(l[at(k, j)] * v[k])
		}
		v[j] = s / pivot
	}
	return v
}
