package lifetime

import (
	"context"
	"math"
)

// pareto is the objective of Pareto/NBD in r, α, s, β:
//
//	lnΓ(r+x) − lnΓ(r) + r ln α + s ln β + ln(eᴬ + eᴮ)
//	A = −(r+x) ln(α+T) − s ln(β+T)
//	B = ln s + ln ∫_{tₓ}^{T} (α+u)^−(r+x) (β+u)^−(s+1) du
func (p *problem) pareto(ctx context.Context, v []float64, d *derivatives) error {
	p.counting(v, d)
	s, beta := v[2], v[3]
	d.value += float64(float64(p.weight*s) * math.Log(beta))
	d.slope[2] += float64(p.weight * math.Log(beta))
	d.slope[3] += p.weight * s / beta
	d.curve[3][2] += p.weight / beta
	d.curve[3][3] -= p.weight * s / float64(beta*beta)
	return p.each(ctx, d, func(d *derivatives, from, to int) {
		for i := from; i < to; i++ {
			p.addPareto(d, v, i)
		}
	})
}

// addPareto adds ln(eᴬ + eᴮ) of row i.
func (p *problem) addPareto(d *derivatives, v []float64, i int) {
	alpha, s, beta := v[1], v[2], v[3]
	x, tx, t := p.rows.at(columnX, i), p.rows.at(columnTx, i), p.rows.at(columnT, i)
	w, R := p.rows.weight[i], v[0]+x
	ia, ib := 1/(alpha+t), 1/(beta+t)
	la, lb := math.Log(alpha+t), math.Log(beta+t)
	active := derivatives{value: -float64(R*la) - float64(s*lb)}
	active.slope = [most]float64{-la, -R * ia, -lb, -s * ib}
	active.curve[1][0], active.curve[1][1] = -ia, float64(R*ia)*ia
	active.curve[3][2], active.curve[3][3] = -ib, float64(s*ib)*ib
	if tx == t { // bought on the last day: active for certain
		d.addScaled(&active, w)
		return
	}
	stopped := p.stopped(R, v, tx, t)
	more, share := softplus(stopped.value - active.value)
	d.addMixture(&active, &stopped, w, more, share)
}

// stopped returns B and its derivatives.
func (p *problem) stopped(R float64, v []float64, tx, t float64) derivatives {
	alpha, s, beta := v[1], v[2], v[3]
	m := p.quad.moments(decay{alpha: alpha, beta: beta, R: R, S: s + 1}, tx, t)
	S := s + 1
	d := derivatives{value: math.Log(s) + m.logIntegral}
	d.slope = [most]float64{
		-m.la - math.Log(alpha+tx), -R * m.ia,
		1/s - m.lb - math.Log(beta+tx), -S * m.ib,
	}
	covariance := func(product, a, b float64) float64 { return product - float64(a*b) }
	d.curve[0][0] = covariance(m.lala, m.la, m.la)
	d.curve[1][0] = float64(R*covariance(m.laia, m.la, m.ia)) - m.ia
	d.curve[1][1] = float64(R*R*covariance(m.iaia, m.ia, m.ia)) + float64(R*m.iaia)
	d.curve[2][0] = covariance(m.lalb, m.la, m.lb)
	d.curve[2][1] = R * covariance(m.lbia, m.lb, m.ia)
	d.curve[2][2] = covariance(m.lblb, m.lb, m.lb) - 1/float64(s*s)
	d.curve[3][0] = S * covariance(m.laib, m.la, m.ib)
	d.curve[3][1] = R * S * covariance(m.iaib, m.ia, m.ib)
	d.curve[3][2] = float64(S*covariance(m.lbib, m.lb, m.ib)) - m.ib
	d.curve[3][3] = float64(S*S*covariance(m.ibib, m.ib, m.ib)) + float64(S*m.ibib)
	return d
}

// addScaled adds w times o.
func (d *derivatives) addScaled(o *derivatives, w float64) {
	d.value += float64(w * o.value)
	for i := range most {
		d.slope[i] += float64(w * o.slope[i])
		for j := range i + 1 {
			d.curve[i][j] += float64(w * o.curve[i][j])
		}
	}
}

// addMixture adds w times the derivatives of ln(eᴬ + eᴮ), of which more is
// ln(1 + e^(B−A)) and share is eᴮ/(eᴬ + eᴮ).
func (d *derivatives) addMixture(a, b *derivatives, w, more, share float64) {
	rest := 1 - share
	d.value += float64(w * (a.value + more))
	var apart [most]float64
	for i := range most {
		apart[i] = b.slope[i] - a.slope[i]
		d.slope[i] += float64(w * (float64(rest*a.slope[i]) + float64(share*b.slope[i])))
		for j := range i + 1 {
			mixed := float64(rest*a.curve[i][j]) + float64(share*b.curve[i][j])
			d.curve[i][j] += float64(w * (mixed + float64(float64(share*rest)*float64(apart[i]*apart[j]))))
		}
	}
}
