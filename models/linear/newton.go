package linear

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

const (
	// A column counts as a sum of other columns where less than this share of
	// its variation is left.
	aliasShare = 1e-9
	// Curvature that has fallen below this share of its start holds no more
	// information: the fit has run off towards infinity.
	lostShare = 1e-12
	halvings  = 40
)

// fitted is where the search ended.
type fitted struct {
	g       []float64 // standardised coefficients
	state   state     // at g
	aliased []int     // coefficients held at 0
	lost    bool      // the fit ran off; no standard errors
	stuck   bool      // no part of the last step lowered the loss
}

// minimize runs Newton's method from the intercept alone.
func (p *problem) minimize(ctx context.Context, r *Report) (fitted, error) {
	f := fitted{g: p.start()}
	var err error
	if f.state, err = p.evaluate(ctx, f.g); err != nil {
		return f, err
	}
	r.NullLikelihood = p.logLikelihood(f.state.loss)
	first := p.curvature(f.state)
	if p.L1 == 0 {
		if err := f.findAliased(ctx, p, first, r); err != nil {
			return f, err
		}
	}
	for r.Iterations < p.MaxIter && !r.Converged && !f.stuck {
		step, err := p.step(ctx, &f, first)
		if err != nil {
			return f, err
		}
		if f.lost {
			break
		}
		r.Iterations++
		moved, err := p.advance(ctx, &f, step)
		if err != nil {
			return f, err
		}
		r.Converged = moved <= p.Tolerance
	}
	f.conclude(p, r)
	return f, nil
}

// curvature returns the second derivatives, the L2 penalty included.
func (p *problem) curvature(s state) []float64 {
	h := slices.Clone(s.hess)
	for k, l2 := range p.l2 {
		h[at(k, k)] += l2
	}
	return h
}

// slope returns the first derivatives, the L2 penalty included.
func (p *problem) slope(s state, g []float64) []float64 {
	d := slices.Clone(s.grad)
	for k, l2 := range p.l2 {
		d[k] += float64(l2 * g[k])
	}
	return d
}

// floors returns, for each diagonal entry of h, the given share of the entry.
func floors(h []float64, q int, share float64) []float64 {
	f := make([]float64, q)
	for k := range f {
		f[k] = share * h[at(k, k)]
	}
	return f
}

// findAliased holds at 0 the columns that are sums of earlier columns.
func (f *fitted) findAliased(ctx context.Context, p *problem, h []float64, r *Report) error {
	_, out, err := factor(ctx, h, floors(h, len(f.g), aliasShare))
	if err != nil || len(out) == 0 {
		return err
	}
	f.aliased = out
	r.Warnings = append(r.Warnings, models.Warning{
		Code: "collinear_column",
		Message: fmt.Sprintf("%d columns are sums of columns before them and get the coefficient 0, the first being %q",
			len(out), p.x.Name(p.active[out[0]-1])),
		Count: len(out),
	})
	return nil
}

// step returns the Newton step from f.g; f.lost is set where no step exists,
// because the curvature has vanished since the first step.
func (p *problem) step(ctx context.Context, f *fitted, first []float64) ([]float64, error) {
	h, d := p.curvature(f.state), p.slope(f.state, f.g)
	if p.L1 > 0 {
		return p.descend(ctx, h, d, f.g)
	}
	floor := floors(first, len(f.g), lostShare)
	for _, k := range f.aliased {
		floor[k] = math.Inf(1)
	}
	l, out, err := factor(ctx, h, floor)
	if err != nil {
		return nil, err
	}
	f.lost = len(out) > len(f.aliased)
	for k := range d {
		d[k] = -d[k]
	}
	return solve(l, d), nil
}

// advance moves f by the step, halved until the loss does not grow, and returns
// the greatest move of a coefficient as a share of the greatest coefficient (or
// of 1).
func (p *problem) advance(ctx context.Context, f *fitted, step []float64) (moved float64, err error) {
	now := f.state.loss + p.penalty(f.g)
	slack := 1e-12 * (math.Abs(now) + 1) // the rounding of the sum
	for range halvings {
		g := make([]float64, len(f.g))
		most, size := 0.0, 1.0
		for k := range g {
			g[k] = f.g[k] + step[k]
			most = max(most, math.Abs(step[k]))
			size = max(size, math.Abs(g[k]))
		}
		s, err := p.evaluate(ctx, g)
		if err != nil {
			return 0, err
		}
		if s.loss+p.penalty(g) <= now+slack {
			f.g, f.state = g, s
			return most / size, nil
		}
		for k := range step {
			step[k] /= 2
		}
	}
	f.stuck = true
	return math.Inf(1), nil
}

// conclude reports why the search has not converged.
func (f *fitted) conclude(p *problem, r *Report) {
	if r.Converged {
		return
	}
	largest := 0
	for k := range f.g {
		if k > 0 && (largest == 0 || math.Abs(f.g[k]) > math.Abs(f.g[largest])) {
			largest = k
		}
	}
	if !f.lost || largest == 0 {
		r.Warnings = append(r.Warnings, models.Warning{
			Code:    "not_converged",
			Message: fmt.Sprintf("the coefficients still moved after %d steps; raise max_iter, or scale the columns", r.Iterations),
			Count:   1,
		})
		return
	}
	r.Warnings = append(r.Warnings, models.Warning{
		Code: "separation",
		Message: fmt.Sprintf("the columns, %q most of all, tell some targets apart perfectly, so that no finite coefficients are best; "+
			"the fit was stopped after %d steps; add l2, or drop the column", p.x.Name(p.active[largest-1]), r.Iterations),
		Count: 1,
	})
}
