package itemset

import "math"

// FisherP returns the one-sided p-value of Fisher's exact test for a rule: the
// probability of at least c.Both common baskets if X and Y were in c.WithAntecedent
// and c.WithConsequent baskets independently.
//
//	p = Σ_{k ≥ Both} C(x,k)·C(n−x,y−k)/C(n,y)
//
// The largest term is computed from factorials with logarithms in fixed point, which
// lose nothing to cancellation; the other terms follow by ratios. Above 131,072
// baskets, the largest term is computed from the deviance of the table, with four
// logarithms near 1, and Stirling's remainders [1]. The relative error is below 10⁻¹²
// for n up to 131,072, and below 10⁻¹¹ up to 10⁷, as long as p itself is above 10⁻³⁰⁰;
// below, p goes to 0.
//
// Cost: about 130 ns, and 2 ns for each relevant term beyond the first eight (none
// where the lift is high). Sets.Rules remembers factorials and saves 100 ns of the
// 130.
//
// [1] C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.
func FisherP(c Counts) float64 {
	f := newFactorials(c.Baskets, 0)
	return f.fisherP(uint32(max(0, c.Both)), uint32(c.WithAntecedent), uint32(c.WithConsequent))
}

// fisherP returns FisherP of the counts.
func (f *factorials) fisherP(both, x, y uint32) float64 {
	x, y = min(x, y), max(x, y) // they may change places, for the same bits
	n := uint64(f.baskets)
	if uint64(both)+n <= uint64(x)+uint64(y) || both == 0 { // as few as there can be
		return 1
	}
	a, b, k, rest := float64(x), float64(y), float64(both), float64(int64(n-uint64(x)-uint64(y)))
	if int64(n*uint64(both)-uint64(x)*uint64(y)) >= 0 {
		return min(1, f.pointProb(both, x, y)*tailSum(a-k, b-k, k+1, rest+(k+1)))
	}
	// Fewer than expected: all but the lower tail, from one below.
	return max(0, 1-f.pointProb(both-1, x, y)*tailSum(k-1, rest+(k-1), a-(k-2), b-(k-2)))
}

// negligible is the share of a sum of falling terms at which the rest may be off.
const negligible = 1e-13

// tailSum returns 1 + t₁ + t₂ + …, where tᵢ is r(i) = (p−i+1)(q−i+1)/((u+i−1)(v+i−1))
// times the one before, and r(1) < 1. Eight terms are added at a time, for one
// division. A factor of 0 ends the sum.
//
// The ratios fall: the terms after t₈ are together above t₈·r₉ and below t₈·r₉/(1−r₉),
// which is added. The two are t₈·r₉²/(1−r₉) apart.
func tailSum(p, q, u, v float64) float64 {
	sum, term := 1.0, 1.0
	for {
		first, second := fourTerms(p, q, u, v), fourTerms(p-4, q-4, u+4, v+4)
		num := float64(first.sum*second.down) + float64(first.up*second.sum)
		up, down := float64(first.up*second.up), float64(first.down*second.down)
		p, q, u, v = p-8, q-8, u+8, v+8
		a, b := float64(p*q), float64(u*v)
		if last := float64(up * a); float64(term*float64(last*a)) <= float64(negligible*float64(sum*float64(float64(down*b)*(b-a)))) {
			return sum + float64(term*(float64(num*(b-a))+last)/float64(down*(b-a)))
		}
		sum += float64(term * num / down)
		term *= up / down
	}
}

// terms is the result for some terms of a tail: their sum is sum/down and the
// last term is up/down, in units of the term before them.
type terms struct{ sum, up, down float64 }

func fourTerms(p, q, u, v float64) terms {
	a1, b1 := float64(p*q), float64(u*v)
	a2, b2 := float64((p-1)*(q-1)), float64((u+1)*(v+1))
	a3, b3 := float64((p-2)*(q-2)), float64((u+2)*(v+2))
	a4, b4 := float64((p-3)*(q-3)), float64((u+3)*(v+3))
	up, down := float64(a1*a2), float64(b3*b4)
	return terms{
		sum:  float64(float64(a1*(b2+a2))*down) + float64(up*float64(a3*(b4+a4))),
		up:   float64(up * float64(a3*a4)),
		down: float64(float64(b1*b2) * down),
	}
}

// pointProb returns the hypergeometric probability of the table.
func (f *factorials) pointProb(both, x, y uint32) float64 {
	if f.baskets > mostFactorial {
		return Counts{Both: int(both), WithAntecedent: int(x), WithConsequent: int(y), Baskets: f.baskets}.pointProb()
	}
	return exp2(f.logProb(both, x, y))
}

// logProb returns log₂ of the hypergeometric probability of the table, in units of
// 2⁻⁴⁶, of up to mostFactorial baskets.
func (f *factorials) logProb(both, x, y uint32) int64 {
	either := x + y - both
	above := f.low(x) + f.low(y) + f.high(x) + f.high(y)
	below := f.low(both) + f.low(x-both) + f.low(y-both) + f.high(either)
	return int64(above - below - f.all)
}

// pointProb returns the hypergeometric probability of the table.
//
// With cells a b c d, margins x n−x y n−y and Stirling's ln m! = m·ln m − m +
// ½·ln(2πm) + δ(m), the powers make up the deviance Σ cell·ln(cell/expected), and
// each cell differs from its expectation by the same ±excess/n.
func (c Counts) pointProb() float64 {
	n, x, y := float64(c.Baskets), float64(c.WithAntecedent), float64(c.WithConsequent)
	both := float64(c.Both)
	left, right, neither := x-both, y-both, n-x-y+both
	e := c.excess()
	d := deviance(both, e, x*y, n) + deviance(left, -e, float64(x*(n-y)), n) +
		deviance(right, -e, float64(y*(n-x)), n) + deviance(neither, e, float64((n-x)*(n-y)), n)
	delta := stirling(x) + stirling(n-x) + stirling(y) + stirling(n-y) - stirling(n) -
		stirling(both) - stirling(left) - stirling(right) - stirling(neither)
	cells := float64(both*left) * float64(right*neither)
	scale := float64(x*(n-x)) * float64(y*(n-y)) / float64(cells*float64(2*math.Pi*n))
	if cells == 0 {
		scale = emptyCells([4]float64{x, n - x, y, n - y}, [5]float64{n, both, left, right, neither})
	}
	return math.Sqrt(scale) * exp(delta-d)
}

// emptyCells returns the quotient of the products of 2πm over the factorials m!
// above and below, where some are of 0: these count as 1.
func emptyCells(num [4]float64, den [5]float64) float64 {
	scale := 1.0
	for _, m := range num {
		if m > 0 {
			scale *= 2 * math.Pi * m
		}
	}
	for _, m := range den {
		if m > 0 {
			scale /= 2 * math.Pi * m
		}
	}
	return scale
}

// deviance returns cell·ln(cell/expected), where expected = product/n and
// cell = expected·(1 + e/product).
func deviance(cell, e, product, n float64) float64 {
	if cell == 0 {
		return 0
	}
	if 4*e < -product { // 1 + z would lose digits
		return float64(cell * ln(float64(cell*n)/product, 0))
	}
	z := e / product
	if math.Abs(z) < 1.0/256 { // as it mostly is for the baskets with neither: a short series will do
		rest := 1.0/4 - float64(z*(1.0/5-float64(z*(1.0/6-float64(z*(1.0/7))))))
		return float64(cell*z) * (1 - float64(z*(1.0/2-float64(z*(1.0/3-float64(z*rest))))))
	}
	v := 1 + z
	return float64(cell * ln(v, z-(v-1)))
}

// stirling returns δ(m) = ln m! − (m·ln m − m + ½·ln(2πm)), and 0 for m = 0.
func stirling(m float64) float64 {
	if m < float64(len(stirlingTable)) {
		return stirlingTable[int(m)]
	}
	i := 1 / m // the next term is below 10⁻¹⁸
	return i * (1.0/12 - float64(float64(i*i)*(1.0/360)))
}

// stirlingTable holds δ(m) for small m.
var stirlingTable = makeStirlingTable()

func makeStirlingTable() (table [1024]float64) {
	copy(table[:], stirlingStart[:])
	for m := len(stirlingStart); m < len(table); m++ {
		// The next term, 1/(1188·m⁹), is below 10⁻¹⁵ from m = 16 on.
		i := 1 / float64(m)
		s := float64(i * i)
		table[m] = i * (1.0/12 - float64(s*(1.0/360-float64(s*(1.0/1260-float64(s*(1.0/1680)))))))
	}
	return table
}

// stirlingStart holds δ(m) where the series does not yet serve.
var stirlingStart = [...]float64{
	0,
	0.081061466795327258220,
	0.041340695955409294094,
	0.027677925684998339149,
	0.020790672103765093112,
	0.016644691189821192163,
	0.013876128823070747999,
	0.011896709945891770095,
	0.010411265261972096497,
	0.0092554621827127329177,
	0.0083305634333628712565,
	0.0075736754879518407950,
	0.0069428401072095298657,
	0.0064089941880042070684,
	0.0059513701127588477356,
	0.0055547335519628013710,
	0.0052076559196096404407,
}
