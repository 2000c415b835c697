package lifetime

import "math"

// geometricExpected returns the mean number of purchases in the h to come of an
// active customer whose rate is drawn from Gamma(R, rate A) and whose
// probability of stopping after a purchase is drawn from Beta(a, b):
//
//	c/(a−1) · [1 − (A/(A+h))^R · ₂F₁(R, b; c; z)],  c = a+b−1, z = h/(A+h)
//
// The series of ₂F₁ overflows where R is large. By Euler's transformation
//
//	(1−z)^R · ₂F₁(R, b; c; z) = (1−z)^(a−1) · ₂F₁(c−R, a−1; c; z)
//
// no power of (1−z) grows with the purchases, and a−1 cancels against the first
// term. Where a is large or z near 1 the series is slow, where c−R is far below 0
// its terms alternate, and the mean of (1 − (1+ph/A)^−R)/p over p is integrated in
// its place.
func geometricExpected(a, b, R, A, h float64) float64 {
	const largeA, slowZ, negative = 8, 0.98, -4
	z := h / (A + h)
	c, l := a+b-1, -math.Log1p(h/A)
	p := c - R
	if h == 0 {
		return 0
	}
	if a > largeA || z > slowZ || p < negative {
		return geometricMean(a, b, R, A, h)
	}
	first := c * powerIntegral(a-1, -l)
	scale := math.Exp((a - 1) * l)
	term, total := p*z, 0.0
	for i := 1.0; ; i++ {
		total += term
		term *= float64((p+i)*(a+i-1)) / float64((c+i)*(i+1)) * z
		if math.Abs(float64(term*scale)) <= 1e-16*(1-z)*math.Abs(first) || i > 1e5 {
			break
		}
	}
	return first - float64(scale*total)
}

// geometricMean integrates over y = ln(p/(1−p)), in which the density of p is
// smooth and falls off exponentially, by the trapezoidal rule from the mode on
// to either side. The integrand has no pole nearer than π, so that the error of
// a small step is below 1e-12. Where |y| is above 45, p is 0 or 1 to the bit, and
// the rest of the sum a geometric series.
func geometricMean(a, b, R, A, h float64) float64 {
	const depth, far = 40.0, 45.0 // e^−40 of the mode is nothing
	step := min(0.5, 0.5*math.Sqrt(1/a+1/b))
	if R*h/A > 1 { // the power of −R is steep: with ½ the error would be 1e-8
		step = min(step, 0.2)
	}
	mode := min(max(math.Log(a/b), -far), far)
	density := func(y float64) float64 { // its logarithm: a ln p + b ln(1−p)
		return float64(-a*softplusOf(-y)) - float64(b*softplusOf(y))
	}
	top, weight, total := density(mode), 0.0, 0.0
	add := func(y, series float64) bool {
		d := density(y) - top
		p := 1 / (1 + math.Exp(-y))
		w := math.Exp(d)
		if math.Abs(y) > far {
			w *= series
		}
		weight += w
		total += float64(w * -math.Expm1(-R*math.Log1p(p*h/A)) / p)
		return d > -depth && math.Abs(y) <= far
	}
	add(mode, 1)
	right, left := 1/-math.Expm1(-b*step), 1/-math.Expm1(-a*step)
	for k := 1.0; add(mode+float64(k*step), right); k++ {
		continue
	}
	for k := 1.0; add(mode-float64(k*step), left); k++ {
		continue
	}
	return total / weight
}

func softplusOf(x float64) float64 {
	v, _ := softplus(x)
	return v
}
