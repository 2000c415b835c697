package linear

import (
	"context"
	"math"
)

// descend returns the step v that minimises the quadratic with slope d and
// curvature h (both with the L2 penalty) plus the L1 penalty of g+v:
//
//	dᵀv + ½ vᵀHv + Σ l1ₖ|gₖ + vₖ|
//
// by cyclic coordinate descent: each coordinate in turn goes to its own
// minimum, a soft threshold. Columns that the threshold holds at 0 never enter.
func (p *problem) descend(ctx context.Context, h, d, g []float64) ([]float64, error) {
	const sweeps = 10_000
	q := len(g)
	v := make([]float64, q)
	slope := append([]float64(nil), d...) // of the quadratic at v
	for range sweeps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		moved, size := 0.0, 1.0
		for k := range q {
			diagonal := h[at(k, k)]
			if diagonal <= 0 {
				continue // nothing is known of this coefficient
			}
			old := g[k] + v[k]
			best := softThreshold(old-slope[k]/diagonal, p.l1[k]/diagonal)
			if change := best - old; change != 0 {
				v[k] += change
				addColumn(slope, h, k, change)
				moved = max(moved, math.Abs(change))
			}
			size = max(size, math.Abs(best))
		}
		if moved <= p.Tolerance/100*size {
			break
		}
	}
	for k := range v { // exactly 0, not the rounding of g − g
		if g[k]+v[k] == 0 {
			v[k] = -g[k]
		}
	}
	return v, nil
}

// addColumn adds scale times column k of the symmetric matrix h to dst.
func addColumn(dst, h []float64, k int, scale float64) {
	row := h[at(k, 0):][:k+1]
	for j, v := range row {
		dst[j] += float64(scale * v)
	}
	for j := k + 1; j < len(dst); j++ {
		dst[j] += float64(scale * h[at(j, k)])
	}
}

// softThreshold moves v towards 0 by by, and not beyond.
func softThreshold(v, by float64) float64 {
	switch {
	case v > by:
		return v - by
	case v < -by:
		return v + by
	}
	return 0
}
