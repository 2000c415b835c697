package lifetime

import (
	"math"
	"slices"
)

// Model is a fitted model of purchases. A Model is immutable, and safe to use
// from several goroutines.
type Model struct {
	kind       Kind
	state      State
	parameters []Parameter
	v          [most]float64 // without drop-out, the last two are 0
}

// Kind returns the kind that was fitted.
func (m *Model) Kind() Kind { return m.kind }

// State returns the state of the fit.
func (m *Model) State() State { return m.state }

// Parameters returns the parameters, in the order r, alpha and a, b or s, beta.
func (m *Model) Parameters() []Parameter { return slices.Clone(m.parameters) }

// stops reports whether customers stop at all.
func (m *Model) stops() bool { return m.v[2] > 0 }

// alive returns P(active at T) of a customer.
//
//	BG/NBD, x > 0:  1/(1 + a/(b+x−1) · ((α+T)/(α+tₓ))^(r+x)); 1 for x = 0
//	MBG/NBD:        1/(1 + a/(b+x) · ((α+T)/(α+tₓ))^(r+x))
//	Pareto/NBD:     1/(1 + e^(B−A)), A and B as in the likelihood
func (m *Model) alive(q *quadrature, x, tx, t float64) float64 {
	alpha, last := m.v[1], m.v[3]
	R := m.v[0] + x
	var odds float64 // ln of stopped : active
	switch {
	case !m.stops() || m.kind == BGNBD && x == 0:
		return 1
	case m.kind == ParetoNBD:
		s, beta := m.v[2], m.v[3]
		integral := q.logIntegral(decay{alpha: alpha, beta: beta, R: R, S: s + 1}, tx, t)
		odds = math.Log(s) + integral + float64(R*math.Log(alpha+t)) + float64(s*math.Log(beta+t))
	default:
		if m.kind == BGNBD {
			last--
		}
		odds = math.Log(m.v[2]/(last+x)) + float64(R*math.Log1p((t-tx)/(alpha+tx)))
	}
	return 1 / (1 + math.Exp(odds))
}

// rest returns the second parameter of the Beta distribution of the drop-out
// probability of an active customer with x repeat purchases.
func (m *Model) rest(x float64) float64 {
	if m.kind == MBGNBD {
		return m.v[3] + x + 1
	}
	return m.v[3] + x
}

// expected returns E[X(h)], the mean number of purchases in the h after T, of
// an active customer.
func (m *Model) expected(x, t, h float64) float64 {
	R, A := m.v[0]+x, m.v[1]+t
	switch {
	case !m.stops():
		return R / A * h
	case m.kind == ParetoNBD:
		B, y := m.v[3]+t, m.v[2]-1
		return R / A * B * powerIntegral(y, math.Log1p(h/B))
	}
	return geometricExpected(m.v[2], m.rest(x), R, A, h)
}

// any returns the probability of at least one purchase in the h after T, of an
// active customer.
func (m *Model) any(q *quadrature, x, t, h float64) float64 {
	R, A := m.v[0]+x, m.v[1]+t
	if m.kind == ParetoNBD && m.stops() {
		s, B := m.v[2], m.v[3]+t
		l := q.logIntegral(decay{alpha: m.v[1], beta: m.v[3], R: R + 1, S: s}, t, t+h)
		return min(1, math.Exp(math.Log(R)+float64(R*math.Log(A))+float64(s*math.Log(B))+l))
	}
	return -math.Expm1(-R * math.Log1p(h/A))
}

// powerIntegral returns (1 − e^(−y·l))/y, and l for y = 0.
func powerIntegral(y, l float64) float64 {
	if y == 0 {
		return l
	}
	return -math.Expm1(-y*l) / y
}
