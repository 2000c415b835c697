package linear

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// problem is a regression in standardised columns: column 0 is the constant 1
// of the intercept, column k > 0 is column active[k−1] of x, standardised by
// its mean and standard deviation. The columns have q = len(active)+1
// coefficients g.
type problem struct {
	Config
	x       models.Matrix
	y, w    []float64
	scaling scaling
	active  []int     // columns of x that can have a coefficient
	l1, l2  []float64 // penalties per coefficient, 0 for the intercept

	parts [][]float64 // per span: loss, gradient, curvature; reused by every pass
}

// state is the sum of the losses at some coefficients, with its first and
// second derivatives, all without the penalties.
type state struct {
	loss float64
	grad []float64 // q
	hess []float64 // lower triangle, row by row: entry (j,k) with k ≤ j at j(j+1)/2+k
}

const chunk = 512 // rows standardised at a time, so that they stay in the cache

// evaluate sums over the rows at coefficients g.
func (p *problem) evaluate(ctx context.Context, g []float64) (state, error) {
	n, _ := p.x.Dims()
	q := len(g)
	size := 1 + q + q*(q+1)/2
	if p.parts == nil {
		p.parts = make([][]float64, spans(n))
	}
	err := models.Parallel(ctx, p.Workers, len(p.parts), func(s int) error {
		if p.parts[s] == nil {
			p.parts[s] = make([]float64, size)
		}
		clear(p.parts[s])
		return p.sum(ctx, p.parts[s], g, s*span, min(n, (s+1)*span))
	})
	if err != nil {
		return state{}, err
	}
	total := make([]float64, size)
	for _, part := range p.parts {
		for i, v := range part {
			total[i] += v
		}
	}
	return state{total[0], total[1 : 1+q], total[1+q:]}, nil
}

// sum adds the rows from from to to (excluded) to part.
func (p *problem) sum(ctx context.Context, part, g []float64, from, to int) error {
	q := len(g)
	grad, hess := part[1:1+q], part[1+q:]
	z := make([][]float64, q)
	flat := make([]float64, (q+1)*chunk)
	for k := range z {
		z[k] = flat[k*chunk : (k+1)*chunk]
	}
	hz := flat[q*chunk:]
	var eta, slope, curve [chunk]float64
	for ; from < to; from += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(chunk, to-from)
		p.standardize(z, eta[:n], g, from)
		part[0] += p.derive(eta[:n], slope[:n], curve[:n], from)
		for j := range z {
			zj := z[j][:n]
			grad[j] += dot(slope[:n], zj)
			for i, v := range zj {
				hz[i] = curve[i] * v
			}
			for k, row := 0, hess[at(j, 0):][:j+1]; k <= j; k++ {
				row[k] += dot(hz[:n], z[k])
			}
		}
	}
	return nil
}

// standardize fills the columns z for len(eta) rows from row from, and their
// sums eta under coefficients g.
func (p *problem) standardize(z [][]float64, eta, g []float64, from int) {
	for i := range eta {
		z[0][i], eta[i] = 1, g[0]
	}
	for k, j := range p.active {
		mean, inverse := p.scaling.mean[j], 1/p.scaling.sd[j]
		col, zk, b := p.x.Cols[j][from:from+len(eta)], z[k+1], g[k+1]
		for i, v := range col {
			s := (float64(v) - mean) * inverse
			zk[i] = s
			eta[i] += float64(b * s)
		}
	}
}

// derive sets slope and curve to the first and second derivative of each row's
// weighted loss in eta, and returns the sum of the losses.
func (p *problem) derive(eta, slope, curve []float64, from int) float64 {
	sum := 0.0
	for i, e := range eta {
		w := weightAt(p.w, from+i)
		if w == 0 { // whatever the row holds, it does not count
			slope[i], curve[i] = 0, 0
			continue
		}
		y := p.y[from+i]
		if p.Loss == Poisson {
			m := math.Exp(e)
			slope[i], curve[i] = w*(m-y), w*m
			sum += float64(w * (m - float64(y*e)))
			continue
		}
		t := math.Exp(-math.Abs(e))
		s := 1 / (1 + t)
		prob := s
		if e < 0 {
			prob = float64(t * s)
		}
		slope[i], curve[i] = w*(prob-y), w*float64(float64(t*s)*s)
		sum += float64(w * (max(e, 0) + math.Log1p(t) - float64(y*e)))
	}
	return sum
}

// dot returns Σ aᵢbᵢ in four interleaved sums. Working on several columns at
// once, to load a less often, was measured and is slower: the compiler runs out
// of registers.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
		s2 += float64(a[i+2] * b[i+2])
		s3 += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}
