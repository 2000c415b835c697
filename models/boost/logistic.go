package boost

import "math"

// sigmoid returns 1/(1+exp(−f)).
func sigmoid(f float64) float64 {
	e := expNegative(-math.Abs(f))
	if f >= 0 {
		return 1 / (1 + e)
	}
	return e / (1 + e)
}

// deriveLogistic is objective.derive for the logistic loss, which dominates the
// cost of a round otherwise: it shares one exponential between the loss, the
// gradient and the hessian, and takes one logarithm for many rows, by
//
//	loss = log(1 + exp(−|F|)) + (|F| + (1 − 2y)·F)/2
//	Σ log(1 + exp(−|F|)) = log Π (1 + exp(−|F|))
func deriveLogistic(pairs []uint64, score, target, weight []float64) (extent, float64) {
	if weight != nil {
		return deriveWeighted(pairs, score, target, weight)
	}
	const rowsPerLog = 512 // a factor is at most 2
	x := noExtent()
	var sum, twice float64
	for len(pairs) > 0 {
		n := min(rowsPerLog, len(pairs))
		y, product := target[:n], 1.0
		f := score[:n]
		for i := range pairs[:n] {
			e := expNegative(-math.Abs(f[i]))
			d := 1 / (1 + e)
			p := d
			if f[i] < 0 {
				p = e * d
			}
			product *= 1 + e
			twice += math.Abs(f[i]) + float64((1-2*y[i])*f[i])
			v := floatPair(p-y[i], float64(e*d)*d)
			pairs[i] = v
			x.cover(v)
		}
		sum += math.Log(product)
		pairs, score, target = pairs[n:], score[n:], target[n:]
	}
	return x, sum + twice/2
}

// deriveWeighted is the same for weighted rows, which take a logarithm each.
func deriveWeighted(pairs []uint64, score, target, weight []float64) (extent, float64) {
	x := noExtent()
	var sum float64
	for i := range pairs {
		f, y, w := score[i], target[i], weight[i]
		e := expNegative(-math.Abs(f))
		d := 1 / (1 + e)
		p := d
		if f < 0 {
			p = e * d
		}
		sum += float64(w * (max(f, 0) + math.Log1p(e) - float64(y*f)))
		v := floatPair(w*(p-y), float64(w*e)*d*d)
		pairs[i] = v
		x.cover(v)
	}
	return x, sum
}

// expNegative returns exp(x) for x ≤ 0 within 2 units of the last place, and 0
// below −708. It gives the same bits on every machine, which math.Exp does not,
// at a third of its time:
//
//	exp(x) = 2^(k div 64) · 2^(k mod 64 / 64) · exp(r),  |r| ≤ log(2)/128
func expNegative(x float64) float64 {
	const (
		perLog2 = 64 / math.Ln2
		high    = 0x1.62e42fefa0000p-7 // log(2)/64 in 33 bits, so that k·high is exact
		low     = 0x1.cf79abc9e3b3ap-46
		magic   = 1.5 * (1 << 52) // adding it rounds to an integer
	)
	if !(x > -708) {
		return 0
	}
	t := float64(x*perLog2) + magic
	k := int64(math.Float64bits(t)<<12) >> 12
	k -= 1 << 51
	kf := t - magic
	r := (x - float64(kf*high)) - float64(kf*low)
	p := float64(r*(1.0/120)) + 1.0/24
	p = float64(r*p) + 1.0/6
	p = float64(r*p) + 0.5
	p = float64(r*float64(r*p)) + r
	scale := math.Float64frombits(exp2Table[k&63] + uint64(k>>6)<<52)
	return scale + float64(scale*p)
}
