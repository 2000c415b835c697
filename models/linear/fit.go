package linear

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Fit estimates the coefficients that minimise the penalised loss
//
//	Σᵢ wᵢ ℓ(yᵢ, ηᵢ) + L1·Σⱼ|βⱼ| + ½·L2·Σⱼβⱼ²,  ηᵢ = β₀ + Σⱼ βⱼ xᵢⱼ
//	ℓ = ln(1 + e^η) − yη (Logistic) or e^η − yη (Poisson)
//
// by Newton's method with step halving (iteratively reweighted least squares);
// with L1, each step's quadratic is minimised by coordinate descent with soft
// thresholds (proximal Newton [1]). The intercept β₀ is never penalised.
//
// Shape: x is n×d, one row per observation, n, d ≥ 1; y has one target per row;
// w one weight per row, or nil for all 1. A weight of 2 equals the row twice.
// No input is modified.
//
// Units: without a penalty columns may have any units. With a penalty, scale
// the columns or set Standardized.
//
// Missing: a NaN or ±Inf is an error. A constant column gets the coefficient 0
// and a warning, as does, without a penalty, a column equal to a sum of earlier
// columns.
//
// Determinism: the result depends on c (but for Workers), x, y and w only; sums
// run over fixed spans of 16,384 rows and are combined in order.
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError; an error
// if the target is 0 in every row, or 1 in every row of a Logistic; ctx.Err()
// within some milliseconds of being cancelled. Not converging is not an error:
// see Report.Converged. Where the columns separate the two classes, no finite
// coefficients are best: the fit stops early with the warning "separation".
//
// Cost: O(n·d²) time per step, some 5 to 10 steps; O(d²·n/16384 + d²) memory.
//
// [1] J. Lee, Y. Sun, M. Saunders, "Proximal Newton-type methods for minimizing
// composite functions", SIAM J. Optim. 24(3), 2014, pp. 1420–1443,
// doi:10.1137/130921428.
func (c Config) Fit(ctx context.Context, x models.Matrix, y, w []float64) (*Model, Report, error) {
	if err := c.Validate(); err != nil {
		return nil, Report{}, err
	}
	n, d := x.Dims()
	if n == 0 || d == 0 {
		return nil, Report{}, fmt.Errorf("linear: got %d rows and %d columns, want at least one of each", n, d)
	}
	if err := checkTable(x); err != nil {
		return nil, Report{}, err
	}
	if err := c.checkTarget(y, w, n); err != nil {
		return nil, Report{}, err
	}
	s, err := measure(ctx, x, w, c.Workers)
	if err != nil {
		return nil, Report{}, err
	}
	p := &problem{Config: c, x: x, y: y, w: w, scaling: s}
	report := Report{Rows: s.rows, Weight: s.weight}
	p.activate(&report)
	f, err := p.minimize(ctx, &report)
	if err != nil {
		return nil, Report{}, err
	}
	report.LogLikelihood = p.logLikelihood(f.state.loss)
	model, err := p.model(ctx, f)
	return model, report, err
}

// activate takes the columns that vary into the problem.
func (p *problem) activate(r *Report) {
	p.l1, p.l2 = []float64{0}, []float64{0}
	constant := 0
	first := ""
	for j, sd := range p.scaling.sd {
		if sd == 0 {
			if constant++; constant == 1 {
				first = p.x.Name(j)
			}
			continue
		}
		p.active = append(p.active, j)
		unit := sd
		if p.Standardized {
			unit = 1
		}
		p.l1 = append(p.l1, p.L1/unit)
		p.l2 = append(p.l2, p.L2/float64(unit*unit))
	}
	if constant > 0 {
		r.Warnings = append(r.Warnings, models.Warning{
			Code:    "constant_column",
			Message: fmt.Sprintf("%d of %d columns hold one value only and get the coefficient 0, the first being %q", constant, len(p.scaling.sd), first),
			Count:   constant,
		})
	}
}

// logLikelihood turns a sum of losses into a log-likelihood.
func (p *problem) logLikelihood(loss float64) float64 {
	if p.Loss == Logistic {
		return -loss
	}
	sum := 0.0
	for i, y := range p.y {
		if w := weightAt(p.w, i); w > 0 && y > 1 {
			g, _ := math.Lgamma(y + 1)
			sum += float64(w * g)
		}
	}
	return -loss - sum
}

// start returns the coefficients of the intercept alone.
func (p *problem) start() []float64 {
	sum := 0.0
	for i, y := range p.y {
		if w := weightAt(p.w, i); w > 0 {
			sum += float64(w * y)
		}
	}
	g := make([]float64, len(p.active)+1)
	mean := sum / p.scaling.weight
	g[0] = math.Log(mean)
	if p.Loss == Logistic {
		g[0] -= math.Log1p(-mean)
	}
	return g
}

// penalty returns the penalties of coefficients g.
func (p *problem) penalty(g []float64) float64 {
	sum := 0.0
	for k, v := range g {
		sum += float64(p.l1[k]*math.Abs(v)) + float64(p.l2[k]*float64(v*v))/2
	}
	return sum
}
