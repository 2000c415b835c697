package lifetime

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// identified says for each parameter whether the data identify the parameter:
// neither parameter of its pair is at a bound of the search, and the
// information on the two is not singular.
func (f *fitting) identified(s *summit) []bool {
	known := make([]bool, len(s.logs))
	limits := f.search(f.problem)
	for i, l := range s.logs {
		known[i] = l > limits.low[i]+boundDistance && l < limits.high[i]-boundDistance
	}
	for i := 0; i < len(known); i += 2 {
		if !known[i] || !known[i+1] {
			known[i], known[i+1] = false, false
		}
	}
	for {
		weakest := weakestPair(s, known)
		if weakest < 0 {
			return known
		}
		known[weakest], known[weakest+1] = false, false
	}
}

// weakestPair returns the first parameter of the pair that a direction without
// information is mostly made of, or −1.
func weakestPair(s *summit, known []bool) int {
	of := indices(known)
	if len(of) == 0 {
		return -1
	}
	values, vectors := decompose(&s.at, of)
	last := len(values) - 1 // information is −values
	if -values[last] > leastKnown {
		return -1
	}
	widest, at := 0.0, 0
	for a, i := range of {
		if v := math.Abs(vectors.At(a, last)); v > widest {
			widest, at = v, i
		}
	}
	return at / 2 * 2
}

func indices(known []bool) []int {
	var of []int
	for i, k := range known {
		if k {
			of = append(of, i)
		}
	}
	return of
}

// describe returns the parameters of a summit with standard errors.
func describe(names []string, s *summit, known []bool) []Parameter {
	out := make([]Parameter, len(s.logs))
	for i, v := range s.values() {
		out[i] = missing(names[i])
		out[i].Value = v
	}
	of := indices(known)
	if len(of) == 0 {
		return out
	}
	information := mat.NewSymDense(len(of), nil)
	for a, i := range of {
		for b, j := range of[:a+1] {
			information.SetSym(a, b, -s.at.curve[max(i, j)][min(i, j)])
		}
	}
	var factor mat.Cholesky
	var inverse mat.SymDense
	if !factor.Factorize(information) || factor.InverseTo(&inverse) != nil {
		return out
	}
	for a, i := range of {
		se := math.Sqrt(inverse.At(a, a))
		out[i].StdError = out[i].Value * se
		out[i].Low = out[i].Value * math.Exp(-normal95*se)
		out[i].High = out[i].Value * math.Exp(normal95*se)
	}
	return out
}

// profiles replaces the intervals by those of the profile likelihood: the
// values at which the likelihood, highest in all other parameters, is lower by
// half the 95 % quantile of χ² with one degree of freedom.
func (s *search) profiles(ctx context.Context, top *summit, parameters []Parameter) error {
	for i := range parameters {
		if math.IsNaN(parameters[i].StdError) {
			continue
		}
		low, err := s.profileEnd(ctx, top, i, -1, parameters[i])
		if err != nil {
			return err
		}
		high, err := s.profileEnd(ctx, top, i, 1, parameters[i])
		if err != nil {
			return err
		}
		parameters[i].Low, parameters[i].High, parameters[i].Profile = low, high, true
	}
	return nil
}

// profileEnd looks for one end of an interval: √(2(top−profile)) is about
// linear in the distance from the top, and the secant's method finds where it
// passes 1.96.
func (s *search) profileEnd(ctx context.Context, top *summit, i, side int, p Parameter) (float64, error) {
	const longest, rounds, close = 1.5, 40, 1e-6
	start := top.logs
	depth := func(distance float64) (float64, error) {
		fixed := *s
		fixed.stop = nil
		fixed.low, fixed.high = append([]float64(nil), s.low...), append([]float64(nil), s.high...)
		l := top.logs[i] + float64(float64(side)*distance)
		fixed.low[i], fixed.high[i] = l, l
		found, err := fixed.run(ctx, start)
		start = found.logs
		return math.Sqrt(2 * max(0, top.at.value-found.at.value)), err
	}
	limit := s.high[i] - top.logs[i]
	if side < 0 {
		limit = top.logs[i] - s.low[i]
	}
	near, nearDepth, distance := 0.0, 0.0, min(longest, normal95*p.StdError/p.Value)
	far, farDepth := math.Inf(1), math.Inf(1)
	for range rounds {
		d, err := depth(distance)
		if err != nil {
			return 0, err
		}
		if math.Abs(d-normal95) < close {
			break
		}
		if d < normal95 {
			if near, nearDepth = distance, d; distance >= limit {
				return unbounded(side), nil
			}
		} else {
			far, farDepth = distance, d
		}
		distance = nextDistance(near, nearDepth, far, farDepth, limit, longest)
	}
	return math.Exp(top.logs[i] + float64(float64(side)*distance)), nil
}

// nextDistance interpolates between a point too near and a point too far, or
// goes on from the near one.
func nextDistance(near, nearDepth, far, farDepth, limit, longest float64) float64 {
	if math.IsInf(far, 1) {
		step := longest
		if nearDepth > 0 {
			step = min(longest, 1.1*near*(normal95/nearDepth-1)+0.01)
		}
		return min(limit, near+step)
	}
	share := (normal95 - nearDepth) / (farDepth - nearDepth)
	return near + (far-near)*min(max(share, 0.02), 0.98)
}

// unbounded is the end of an interval that the likelihood does not bound.
func unbounded(side int) float64 {
	if side > 0 {
		return math.Inf(1)
	}
	return 0
}
