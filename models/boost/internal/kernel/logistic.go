package kernel

import "math"

// LogisticSums holds the sums and bounds found by Logistic. Row i is counted in
// lane i mod 4, so that a vector register may hold four rows.
type LogisticSums struct {
	Product [4]float64 // of the factors 1 + exp(−|F|), each at most 2
	Twice   [4]float64 // sum of |F| + (1−2y)·F
	MostG   [4]uint32  // the largest gradient, without its sign, as the bits of a float32
	MostH   [4]uint32
	LeastH  [4]uint32
}

// NewLogisticSums returns the sums of no row; the bounds start from infinity.
func NewLogisticSums() LogisticSums {
	const infinity = 0x7f800000
	return LogisticSums{Product: [4]float64{1, 1, 1, 1}, LeastH: [4]uint32{infinity, infinity, infinity, infinity}}
}

// Logistic sets pairs to the gradient (above) and hessian (below) of the logistic
// loss of each row, as two float32, and adds the rows to s:
//
//	p = 1/(1+exp(−F)),  g = p − y,  h = p(1−p)
//
// score and target, F and y, have as many values as pairs; y is 0 or 1.
func Logistic(pairs []uint64, score, target []float64, s *LogisticSums) {
	score, target = score[:len(pairs)], target[:len(pairs)]
	n := logisticFast(pairs, score, target, s)
	logisticGo(pairs[n:], score[n:], target[n:], s)
}

func logisticGo(pairs []uint64, score, target []float64, s *LogisticSums) {
	for i := range pairs {
		l := i & 3
		f, y := score[i], target[i]
		e := ExpNegative(-math.Abs(f))
		s.Product[l] *= 1 + e
		s.Twice[l] += math.Abs(f) + float64((1-2*y)*f)
		d := 1 / (1 + e)
		p := d
		if f < 0 {
			p = e * d
		}
		g, h := math.Float32bits(float32(p-y)), math.Float32bits(float32(float64(e*d)*d))
		s.MostG[l] = max(s.MostG[l], g&^(1<<31))
		s.MostH[l] = max(s.MostH[l], h)
		s.LeastH[l] = min(s.LeastH[l], h)
		pairs[i] = uint64(g)<<32 | uint64(h)
	}
}

// ExpNegative returns exp(x) for x ≤ 0 within 2 units of the last place, and 0
// below −708. Unlike math.Exp, ExpNegative gives the same bits on every
// machine, at a third of the time:
//
//	exp(x) = 2^(k div 64) · 2^(k mod 64 / 64) · exp(r),  |r| ≤ log(2)/128
func ExpNegative(x float64) float64 {
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
