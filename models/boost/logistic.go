package boost

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models/boost/internal/kernel"
)

// sigmoid returns 1/(1+exp(−f)).
func sigmoid(f float64) float64 {
	e := expNegative(-math.Abs(f))
	if f >= 0 {
		return 1 / (1 + e)
	}
	return e / (1 + e)
}

// deriveLogistic is objective.derive for the logistic loss, otherwise the
// dominant cost of a round: one exponential is shared between the loss, the
// gradient and the hessian, and takes few logarithms for many rows, by
//
//	loss = log(1 + exp(−|F|)) + (|F| + (1 − 2y)·F)/2
//	Σ log(1 + exp(−|F|)) = log Π (1 + exp(−|F|))
func deriveLogistic(pairs []uint64, score, target, weight []float64) (extent, float64) {
	if weight != nil {
		return deriveWeighted(pairs, score, target, weight)
	}
	const rowsPerLog = 1024 // so that the products of two lanes stay below 2^512
	x := noExtent()
	var sum, twice float64
	for len(pairs) > 0 {
		n := min(rowsPerLog, len(pairs))
		s := kernel.NewLogisticSums()
		kernel.Logistic(pairs[:n], score[:n], target[:n], &s)
		p, t := &s.Product, &s.Twice
		sum += math.Log(p[0]*p[1]) + math.Log(p[2]*p[3])
		twice += (t[0] + t[1]) + (t[2] + t[3])
		x.merge(extent{slices.Max(s.MostG[:]), slices.Max(s.MostH[:]), slices.Min(s.LeastH[:])})
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

func expNegative(x float64) float64 { return kernel.ExpNegative(x) }
