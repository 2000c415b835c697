package lifetime

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// quadrature holds Gauss–Legendre rules on [0, 1] of several sizes.
type quadrature struct{ rules []rule }

// rule is one quadrature rule, with the limits of variation within which the
// rule is exact to about 1e-12: half the change of its logarithm, and the
// length of the interval on the logarithmic scale, whose nearest pole is π
// away.
type rule struct {
	node, weight    []float64
	variation, span float64
}

// mostNodes is the size of the largest rule.
const mostNodes = 64

func newQuadrature() *quadrature {
	q := &quadrature{}
	for _, r := range []struct {
		nodes           int
		variation, span float64
	}{
		{4, 0.15, 0.28}, {6, 0.7, 0.95}, {8, 1.7, 1.8}, {10, 3.2, 2.7}, {12, 5, 3.6},
		{16, 9, 5.4}, {24, 18, 9}, {32, 28, 12}, {mostNodes, math.Inf(1), math.Inf(1)},
	} {
		next := rule{make([]float64, r.nodes), make([]float64, r.nodes), r.variation, r.span}
		quad.Legendre{}.FixedLocations(next.node, next.weight, 0, 1)
		q.rules = append(q.rules, next)
	}
	return q
}

// choose returns the smallest rule for an integrand.
func (q *quadrature) choose(variation, span float64) *rule {
	for k := range q.rules {
		if r := &q.rules[k]; variation <= r.variation && span <= r.span {
			return r
		}
	}
	return &q.rules[len(q.rules)-1]
}

// sized returns the rule of so many nodes.
func (q *quadrature) sized(nodes int) *rule {
	for k := range q.rules {
		if len(q.rules[k].node) == nodes {
			return &q.rules[k]
		}
	}
	panic("lifetime: BUG: no such rule")
}

// decay is the integrand of every integral of Pareto/NBD,
//
//	(α+u)^−R · (β+u)^−S
//
// whose integral has a closed form by ₂F₁ only, which overflows for customers
// of many purchases. The substitution v = ln(min(α,β)+u) leaves an integrand
// that is log-concave and has no singularity nearer than π; its tail below
// e^−40 of the beginning is cut off.
type decay struct {
	alpha, beta float64
	R, S        float64
}

// negligible is −ln of the share below which a tail is cut off.
const negligible = 40

// shape is how a decay is integrated over [lo, hi].
type shape struct {
	rule     *rule
	span     float64 // of v
	base     float64 // min(α,β) + lo
	distance float64 // |α − β|
	swapped  bool    // β is the smaller
}

// over returns how to integrate f over [lo, hi], hi > lo.
func (q *quadrature) over(f decay, lo, hi float64) shape {
	alpha, beta := f.alpha+lo, f.beta+lo
	s := shape{base: alpha, distance: math.Abs(f.alpha - f.beta)}
	nearPower, farPower := f.R, f.S
	if beta < alpha {
		s.base, s.swapped = beta, true
		nearPower, farPower = f.S, f.R
	}
	far := s.base + s.distance
	s.span = math.Log1p((hi - lo) / s.base)
	rise := 1 - nearPower - float64(farPower*s.base)/far // slope of the logarithm at lo, the greatest
	end := func() float64 {
		return float64((1-nearPower)*s.span) - float64(farPower*math.Log1p(float64(s.base*math.Expm1(s.span))/far))
	}
	change := end()
	if -change > negligible && -rise*s.span > negligible {
		s.span = negligible / -rise
		change = end()
	}
	s.rule = q.choose(0.5*(math.Abs(change)+2*max(0, rise)*s.span), s.span)
	return s
}

// logIntegral returns the logarithm of the integral of f over [lo, hi]; −Inf
// for hi ≤ lo.
func (q *quadrature) logIntegral(f decay, lo, hi float64) float64 {
	if !(hi > lo) {
		return math.Inf(-1)
	}
	s := q.over(f, lo, hi)
	near, farPower := f.R, f.S
	if s.swapped {
		near, farPower = f.S, f.R
	}
	total, far := 0.0, s.base+s.distance
	for k, node := range s.rule.node {
		y := s.span * node
		l := math.Log((s.distance + float64(s.base*math.Exp(y))) / far)
		total += float64(s.rule.weight[k] * math.Exp(float64((1-near)*y)-float64(farPower*l)))
	}
	return math.Log(total*s.span*s.base) - float64(near*math.Log(s.base)) - float64(farPower*math.Log(far))
}

// moments are those of the density that is proportional to a decay: of the
// logarithms la = ln((α+u)/(α+lo)), lb = ln((β+u)/(β+lo)) and the inverses
// ia = 1/(α+u), ib = 1/(β+u).
type moments struct {
	logIntegral    float64
	la, lb, ia, ib float64 // means
	// second moments about 0
	lala, lalb, lblb, laia, laib, lbia, lbib, iaia, iaib, ibib float64
}

// moments integrates f and its moments over [lo, hi], hi > lo.
func (q *quadrature) moments(f decay, lo, hi float64) moments {
	s := q.over(f, lo, hi)
	near, farPower := f.R, f.S
	if s.swapped {
		near, farPower = f.S, f.R
	}
	var m moments
	total, far := 0.0, s.base+s.distance
	for k, node := range s.rule.node {
		y := s.span * node
		e := float64(s.base * math.Exp(y))
		g := s.distance + e
		l := math.Log(g / far)
		w := s.rule.weight[k] * math.Exp(float64((1-near)*y)-float64(farPower*l))
		la, lb, ia, ib := y, l, 1/e, 1/g
		if s.swapped {
			la, lb, ia, ib = lb, la, ib, ia
		}
		wla, wlb, wia, wib := float64(w*la), float64(w*lb), float64(w*ia), float64(w*ib)
		total += w
		m.la += wla
		m.lb += wlb
		m.ia += wia
		m.ib += wib
		m.lala += float64(wla * la)
		m.lalb += float64(wla * lb)
		m.lblb += float64(wlb * lb)
		m.laia += float64(wla * ia)
		m.laib += float64(wla * ib)
		m.lbia += float64(wlb * ia)
		m.lbib += float64(wlb * ib)
		m.iaia += float64(wia * ia)
		m.iaib += float64(wia * ib)
		m.ibib += float64(wib * ib)
	}
	m.logIntegral = math.Log(total*s.span*s.base) - float64(near*math.Log(s.base)) - float64(farPower*math.Log(far))
	for _, v := range []*float64{&m.la, &m.lb, &m.ia, &m.ib, &m.lala, &m.lalb, &m.lblb,
		&m.laia, &m.laib, &m.lbia, &m.lbib, &m.iaia, &m.iaib, &m.ibib} {
		*v /= total
	}
	return m
}
