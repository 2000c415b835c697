package itemset

import "math"

// Measures tells how strong a rule X ⇒ Y is. All derive from four counts: of the
// baskets n, and of those with X, with Y and with both.
//
// Below, p(·) is a share of the n baskets. A rule has p(XY) > 0.
type Measures struct {
	Support    float64 // p(XY), in (0,1]
	Confidence float64 // p(XY)/p(X), in (0,1]
	Lift       float64 // p(XY)/(p(X)·p(Y)), > 0; 1 if independent
	Leverage   float64 // p(XY) − p(X)·p(Y), in [−¼,¼]; times n: extra baskets
	AddedValue float64 // confidence − p(Y), in (−1,1)

	// Conviction is (1−p(Y))/(1−confidence), > 0; +Inf if the confidence is 1.
	Conviction float64
	// Zhang is leverage/max(p(XY)·(1−p(X)), p(X)·(p(Y)−p(XY))), in [−1,1]; 0 where
	// the denominator is 0.
	Zhang float64
	// Certainty is the share of the doubt about Y, or of the belief in Y, removed
	// by X, in [−1,1]: added value/(1−p(Y)) if the confidence exceeds p(Y), added
	// value/p(Y) otherwise [1].
	Certainty float64

	Jaccard    float64 // p(XY)/(p(X)+p(Y)−p(XY)), in (0,1]
	Cosine     float64 // p(XY)/√(p(X)·p(Y)), in (0,1]
	Kulczynski float64 // ½·(p(XY)/p(X) + p(XY)/p(Y)), in (0,1]
	Imbalance  float64 // |p(X)−p(Y)|/(p(X)+p(Y)−p(XY)), in [0,1)

	// OddsRatio is (a·d)/(b·c) of the fourfold table, ≥ 0; where one of the cells
	// is 0, of the table with ½ added to every cell (Haldane and Anscombe).
	OddsRatio float64
	// ChiSquared is Σ (observed−expected)²/expected over the four cells, ≥ 0; 0
	// where X or Y is in every basket. Not to be trusted with an expected cell
	// below 5: use the p-value of Fisher's test.
	ChiSquared float64
	// Phi is the correlation of X and Y over the baskets, in [−1,1]; 0 where X or Y
	// is in every basket. Phi² = ChiSquared/n.
	Phi float64
}

// Counts is the fourfold table of a rule X ⇒ Y, by its margins.
type Counts struct {
	Both           int // baskets with X and Y, ≥ 1
	WithAntecedent int // baskets with X, ≥ Both
	WithConsequent int // baskets with Y, ≥ Both
	Baskets        int // all, ≥ WithAntecedent + WithConsequent − Both
}

// Measures computes every measure from the counts. A difference of products is
// computed in integers, so that independence gives exactly 0.
//
// Cost: about 25 ns.
//
// [1] F. Berzal, I. Blanco, D. Sánchez and M.-A. Vila, "Measuring the accuracy and
// interest of association rules: A new framework", Intelligent Data Analysis 6(3),
// 2002, pp. 221–235.
func (c Counts) Measures() Measures {
	var m Measures
	c.measure(&m, 1/float64(c.Baskets))
	return m
}

// measure sets every field of m, given 1/n.
//
// For rules above independence without an empty cell (nearly all rules), the divisions
// share reciprocals, because the time goes into dividing: 7 divisions instead of 15
// save a third. No measure of such a rule is at the end of its range.
func (c Counts) measure(m *Measures, share float64) {
	excess := c.excess() // n²·leverage
	left, right := c.WithAntecedent-c.Both, c.WithConsequent-c.Both
	neither := c.Baskets - c.WithAntecedent - right
	if min(left, right, neither) == 0 || excess <= 0 {
		c.measurePlainly(m)
		return
	}
	n, x, y, both := float64(c.Baskets), float64(c.WithAntecedent), float64(c.WithConsequent), float64(c.Both)
	onlyX, onlyY, notX, notY := float64(left), float64(right), float64(c.Baskets-c.WithAntecedent), float64(c.Baskets-c.WithConsequent)
	m.Support = both / n
	m.Confidence = both / x
	m.Lift = float64(n*both) / float64(x*y)
	m.Leverage = excess * float64(share*share)

	back := m.Lift * float64(x*share) // both/y
	m.Kulczynski = float64(m.Confidence+back) / 2
	m.Cosine = math.Sqrt(float64(m.Confidence * back))

	bothNotX, xNotY := float64(both*notX), float64(x*notY)
	part := excess / float64(bothNotX*xNotY)
	m.Zhang = part * xNotY // as both·(n−x) > x·(y−both) where excess > 0
	m.Certainty = part * bothNotX
	m.AddedValue = m.Certainty * float64(notY*share)

	either, cells := x+onlyY, float64(onlyX*onlyY)
	part = 1 / float64(either*cells)
	m.Jaccard = both * float64(cells*part)
	m.Imbalance = math.Abs(x-y) * float64(cells*part)
	part *= either
	m.OddsRatio = float64(both*float64(neither)) * part
	m.Conviction = float64(xNotY*share) * float64(onlyY*part)

	m.Phi = excess / math.Sqrt(float64(x*notX)*float64(y*notY))
	m.ChiSquared = n * float64(m.Phi*m.Phi)
}

// measurePlainly sets every field of m by its definition.
func (c Counts) measurePlainly(m *Measures) {
	n, both := float64(c.Baskets), float64(c.Both)
	x, y := float64(c.WithAntecedent), float64(c.WithConsequent)
	excess := c.excess() // n²·leverage
	xy := float64(x * y)
	m.Support = both / n
	m.Confidence = both / x
	m.Lift = (both / x) / (y / n)
	m.Leverage = excess / float64(n*n)
	m.AddedValue = excess / float64(x*n)
	m.Jaccard = both / (x + y - both)
	m.Cosine = both / math.Sqrt(xy)
	m.Kulczynski = float64(float64(both/x)+float64(both/y)) / 2
	m.Imbalance = math.Abs(x-y) / (x + y - both)
	m.OddsRatio = c.oddsRatio()
	m.Conviction = math.Inf(1)
	if c.Both < c.WithAntecedent {
		m.Conviction = float64((n-y)*x) / float64(n*(x-both))
	}
	m.Zhang = 0
	if d := max(float64(both*(n-x)), float64(x*(y-both))); d > 0 {
		m.Zhang = excess / d
	}
	if excess > 0 {
		m.Certainty = excess / float64(x*(n-y))
	} else {
		m.Certainty = excess / xy
	}
	m.Phi, m.ChiSquared = 0, 0
	if root := math.Sqrt(float64(x*(n-x)) * float64(y*(n-y))); root > 0 {
		m.Phi = excess / root
		m.ChiSquared = n * float64(m.Phi*m.Phi)
	}
}

// excess returns n·both − x·y: exactly, since counts are below 2³² and the
// difference is below 2⁶³.
func (c Counts) excess() float64 {
	return float64(int64(uint64(c.Baskets)*uint64(c.Both) - uint64(c.WithAntecedent)*uint64(c.WithConsequent)))
}

// oddsRatio returns the odds ratio, corrected where a cell is empty.
func (c Counts) oddsRatio() float64 {
	a, b := float64(c.Both), float64(c.WithAntecedent-c.Both)
	d, e := float64(c.WithConsequent-c.Both), float64(c.Baskets-c.WithAntecedent-c.WithConsequent+c.Both)
	if b == 0 || d == 0 || e == 0 {
		a, b, d, e = a+0.5, b+0.5, d+0.5, e+0.5
	}
	return float64(a*e) / float64(b*d)
}
