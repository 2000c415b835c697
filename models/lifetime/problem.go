package lifetime

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// The columns of a collapsed table of customers.
const (
	columnX = iota
	columnTx
	columnT
)

// perBlock is how many rows are summed at a time.
const perBlock = 2048

// problem is the likelihood of distinct customers under one kind of model.
//
// Its parameters are r, α and a, b or s, β; without drop-out r and α alone. The
// terms of x alone and of T alone are summed once for each of their values. The
// gamma functions of whole steps are sums of logarithms, exact for parameters
// of any size: lnΓ(r+x) − lnΓ(r) = Σ_{i<x} ln(r+i).
type problem struct {
	kind    Kind
	rows    *collapsed
	workers int
	blocks  []derivatives
	quad    *quadrature

	weight     float64
	more       []float64 // weight of the rows with more than i purchases
	weightT    []float64 // of the rows of each T
	purchasesT []float64 // weighted purchases of the rows of each T
}

func newProblem(kind Kind, rows *collapsed, workers int) *problem {
	p := &problem{
		kind: kind, rows: rows, workers: workers, quad: newQuadrature(),
		blocks:     make([]derivatives, (len(rows.weight)+perBlock-1)/perBlock),
		weightT:    make([]float64, len(rows.columns[columnT])),
		purchasesT: make([]float64, len(rows.columns[columnT])),
	}
	highest := 0.0
	for i := range rows.weight {
		highest = max(highest, rows.at(columnX, i))
	}
	p.more = make([]float64, int(highest))
	for i, w := range rows.weight {
		x, t := rows.at(columnX, i), rows.index[columnT][i]
		p.weight += w
		p.weightT[t] += w
		p.purchasesT[t] += float64(w * x)
		if x > 0 {
			p.more[int(x)-1] += w
		}
	}
	for i := len(p.more) - 2; i >= 0; i-- {
		p.more[i] += p.more[i+1]
	}
	return p
}

// purchases returns the weighted number of repeat purchases.
func (p *problem) purchases() float64 { return sum(p.purchasesT) }

// age returns the mean T.
func (p *problem) age() float64 {
	s := 0.0
	for k, t := range p.rows.columns[columnT] {
		s += float64(t * p.weightT[k])
	}
	return s / p.weight
}

// withoutDropout is the objective in r, α of customers who never stop:
//
//	lnΓ(r+x) − lnΓ(r) + r ln α − (r+x) ln(α+T)
func (p *problem) withoutDropout(_ context.Context, v []float64, d *derivatives) error {
	p.counting(v, d)
	r, alpha := v[0], v[1]
	for k, t := range p.rows.columns[columnT] {
		w, x := p.weightT[k], p.purchasesT[k]
		if w == 0 {
			continue
		}
		inverse := 1 / (alpha + t)
		d.value -= float64((float64(r*w) + x) * math.Log(alpha+t))
		d.slope[0] -= float64(w * math.Log(alpha+t))
		d.slope[1] -= float64((float64(r*w) + x) * inverse)
		d.curve[1][0] -= float64(w * inverse)
		d.curve[1][1] += float64(float64((float64(r*w)+x)*inverse) * inverse)
	}
	return nil
}

// counting adds lnΓ(r+x) − lnΓ(r) + r ln α of all rows.
func (p *problem) counting(v []float64, d *derivatives) {
	r, alpha := v[0], v[1]
	for i, w := range p.more {
		s := r + float64(i)
		d.value += float64(w * math.Log(s))
		d.slope[0] += w / s
		d.curve[0][0] -= w / float64(s*s)
	}
	d.value += float64(float64(p.weight*r) * math.Log(alpha))
	d.slope[0] += float64(p.weight * math.Log(alpha))
	d.slope[1] += p.weight * r / alpha
	d.curve[1][0] += p.weight / alpha
	d.curve[1][1] -= p.weight * r / float64(alpha*alpha)
}

// objective returns the objective of the kind in its four parameters.
func (p *problem) objective() objective {
	if p.kind == ParetoNBD {
		return p.pareto
	}
	return p.geometric
}

// each adds what add says of the rows of every block, in the order of blocks.
func (p *problem) each(ctx context.Context, d *derivatives, add func(d *derivatives, from, to int)) error {
	err := models.Parallel(ctx, p.workers, len(p.blocks), func(b int) error {
		p.blocks[b] = derivatives{}
		add(&p.blocks[b], b*perBlock, min((b+1)*perBlock, len(p.rows.weight)))
		return nil
	})
	if err != nil {
		return err
	}
	for b := range p.blocks {
		d.add(&p.blocks[b])
	}
	return nil
}

// logsOf returns ln(shift+v) and 1/(shift+v) of every value of a column.
func (p *problem) logsOf(column int, shift float64) (logs, inverses []float64) {
	values := p.rows.columns[column]
	flat := make([]float64, 2*len(values))
	logs, inverses = flat[:len(values)], flat[len(values):]
	for k, v := range values {
		logs[k], inverses[k] = math.Log(shift+v), 1/(shift+v)
	}
	return logs, inverses
}
