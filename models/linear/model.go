package linear

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Coefficient is the contribution of one column.
type Coefficient struct {
	Name  string  // of the column; "intercept"
	Value float64 // change of η per unit of the column
	// StdError is the standard error from the observed information (the inverse
	// of the second derivatives, penalty included). NaN with an L1 penalty, for
	// a column held at 0, and after a separation.
	StdError float64
	Z        float64 // Value / StdError; NaN with it
	P        float64 // two-sided, of the normal distribution, in [0,1]; NaN with it
	Mean     float64 // of the column where it was learned; 0 for the intercept
}

// Model is a fitted regression. A Model is immutable and safe for concurrent
// use; only [Config.Fit] and reading its JSON make one.
type Model struct {
	loss      Loss
	intercept Coefficient
	columns   []Coefficient
}

// Loss returns the kind of target predicted.
func (m *Model) Loss() Loss { return m.loss }

// Intercept returns the intercept.
func (m *Model) Intercept() Coefficient { return m.intercept }

// Coefficients returns the coefficients in the order of the columns.
func (m *Model) Coefficients() []Coefficient { return slices.Clone(m.columns) }

// model returns the model at f in the units of the columns.
func (p *problem) model(ctx context.Context, f fitted) (*Model, error) {
	nan := math.NaN()
	m := &Model{loss: p.Loss, columns: make([]Coefficient, len(p.x.Cols))}
	for j := range m.columns {
		m.columns[j] = Coefficient{Name: p.x.Name(j), StdError: nan, Z: nan, P: nan, Mean: p.scaling.mean[j]}
	}
	m.intercept = Coefficient{Name: "intercept", Value: f.g[0], StdError: nan, Z: nan, P: nan}
	for k, j := range p.active {
		b := f.g[k+1] / p.scaling.sd[j]
		m.columns[j].Value = b
		m.intercept.Value -= float64(b * p.scaling.mean[j])
	}
	if p.L1 > 0 || f.lost {
		return m, nil
	}
	return m, p.infer(ctx, m, f)
}

// infer sets the standard errors from the inverse of the curvature at f.
func (p *problem) infer(ctx context.Context, m *Model, f fitted) error {
	h, q := p.curvature(f.state), len(f.g)
	floor := make([]float64, q)
	for _, k := range f.aliased {
		floor[k] = math.Inf(1)
	}
	l, out, err := factor(ctx, h, floor)
	if err != nil {
		return err
	}
	// In the columns' own units, the intercept is the standardised intercept
	// less the contribution of the means: direction·g.
	direction := make([]float64, q)
	direction[0] = 1
	for k, j := range p.active {
		direction[k+1] = -p.scaling.mean[j] / p.scaling.sd[j]
	}
	for _, k := range out {
		direction[k] = 0
	}
	m.intercept.infer(math.Sqrt(dot(direction, solve(l, direction))))
	unit := make([]float64, q)
	for k, j := range p.active {
		if err := ctx.Err(); err != nil {
			return err
		}
		if slices.Contains(out, k+1) {
			continue
		}
		clear(unit)
		unit[k+1] = 1
		m.columns[j].infer(math.Sqrt(solve(l, unit)[k+1]) / p.scaling.sd[j])
	}
	return nil
}

// infer sets the standard error, and the figures that follow from the error.
func (c *Coefficient) infer(stdError float64) {
	c.StdError = stdError
	c.Z = c.Value / stdError
	c.P = math.Erfc(math.Abs(c.Z) / math.Sqrt2)
}

// check refuses rows that the model cannot score.
func (m *Model) check(dst []float64, x models.Matrix, width int) error {
	n, d := x.Dims()
	if d != len(m.columns) {
		return &models.ShapeError{What: "columns", Got: d, Want: len(m.columns)}
	}
	if len(dst) != n*width {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n * width}
	}
	return checkTable(x)
}

// LinearTo sets dst[i] to η of row i: the log-odds of a Logistic, the log of
// the mean of a Poisson. Shape, errors and cost are as for [Model.PredictTo].
func (m *Model) LinearTo(dst []float64, x models.Matrix) error {
	if err := m.check(dst, x, 1); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = m.intercept.Value
	}
	for j, c := range m.columns {
		if c.Value == 0 {
			continue
		}
		for i, v := range x.Cols[j] {
			dst[i] += float64(c.Value * float64(v))
		}
	}
	return nil
}

// PredictTo sets dst[i] to the prediction for row i: the probability of 1, in
// [0,1], of a Logistic; the mean, ≥ 0 and at most e⁷⁰⁰, of a Poisson.
//
// Shape: x has the learned columns, in the same order; dst one entry per row. x
// is not modified.
//
// Errors: *models.ShapeError; *models.ValueError for the first NaN or ±Inf. dst
// is then unspecified.
//
// Cost: O(n·d) time, no allocation.
func (m *Model) PredictTo(dst []float64, x models.Matrix) error {
	if err := m.LinearTo(dst, x); err != nil {
		return err
	}
	for i, eta := range dst {
		if m.loss == Poisson {
			dst[i] = math.Exp(min(eta, 700))
		} else {
			dst[i] = 1 / (1 + math.Exp(-eta))
		}
	}
	return nil
}

// ContributionsTo splits η of each row into the contribution of each column,
// against the column's mean in the learned data, and the η of these means:
//
//	φᵢⱼ = βⱼ (xᵢⱼ − x̄ⱼ),  ηᵢ = Σⱼ φᵢⱼ + η(x̄)
//
// These are the Shapley values of a linear model whose columns are independent.
//
// Shape: dst holds n×(d+1) values, row after row: d contributions, then η(x̄).
//
// Errors and cost are as for [Model.PredictTo].
func (m *Model) ContributionsTo(dst []float64, x models.Matrix) error {
	d := len(m.columns)
	if err := m.check(dst, x, d+1); err != nil {
		return err
	}
	base := m.intercept.Value
	for j, c := range m.columns {
		base += float64(c.Value * c.Mean)
		for i, v := range x.Cols[j] {
			dst[i*(d+1)+j] = c.Value * (float64(v) - c.Mean)
		}
	}
	for i := d; i < len(dst); i += d + 1 {
		dst[i] = base
	}
	return nil
}
