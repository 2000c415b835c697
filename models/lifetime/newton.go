package lifetime

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// objective fills d with the log-likelihood at v and its derivatives in v.
type objective func(ctx context.Context, v []float64, d *derivatives) error

// search is a maximisation of an objective over the logarithms of positive
// parameters.
//
// A step is Q|Λ|⁻¹Qᵀg for the Hessian QΛQᵀ and the gradient g: Newton's step
// near the maximum, and uphill everywhere else. A step is halved until the
// likelihood rises. Parameters stay within low and high; a fixed parameter has
// low = high.
type search struct {
	objective objective
	low, high []float64 // in logarithms
	maxIter   int
	tolerance float64
	stop      func(v []float64) bool // ends the search early; nil for never
}

// summit is where a search ended.
type summit struct {
	logs       []float64 // parameters
	at         derivatives
	iterations int
	converged  bool
}

// values returns the parameters.
func (s *summit) values() []float64 { return exps(s.logs) }

func exps(logs []float64) []float64 {
	v := make([]float64, len(logs))
	for i, l := range logs {
		v[i] = math.Exp(l)
	}
	return v
}

const (
	longestStep = 2.0 // in a logarithm
	halvings    = 12
	// Likelihoods are sums with rounding errors. A step with a promised gain
	// below plainGain, or below plainShare of the likelihood, is taken although
	// the likelihood seems to fall by as little. A promise below hiddenGain
	// that no step keeps ends the search, and no promise below leastShare of
	// the likelihood is worth a step.
	plainGain, plainShare = 1e-5, 1e-11
	hiddenGain            = 1e-3
	leastShare            = 1e-14
)

// run climbs from start.
func (s *search) run(ctx context.Context, start []float64) (summit, error) {
	here := summit{logs: make([]float64, len(start))}
	for i, l := range start {
		here.logs[i] = min(max(l, s.low[i]), s.high[i])
	}
	if err := s.look(ctx, &here); err != nil {
		return here, err
	}
	for here.iterations < s.maxIter {
		if s.stop != nil && s.stop(here.values()) {
			return here, nil
		}
		step, gain, capped := s.step(&here)
		if gain <= max(s.tolerance, leastShare*math.Abs(here.at.value)) && !capped {
			here.converged = true
			return here, nil
		}
		here.iterations++
		moved, err := s.move(ctx, &here, step, gain)
		if err != nil {
			return here, err
		}
		if !moved {
			here.converged = gain <= hiddenGain
			return here, nil
		}
	}
	return here, nil
}

// look evaluates the objective at s.logs.
func (s *search) look(ctx context.Context, at *summit) error {
	v := at.values()
	at.at = derivatives{}
	if err := s.objective(ctx, v, &at.at); err != nil {
		return err
	}
	at.at.inLogs(v)
	return nil
}

// move takes the step, or the longest half, quarter, … of it at which the
// likelihood rises, and reports false if none rises.
func (s *search) move(ctx context.Context, here *summit, step []float64, gain float64) (bool, error) {
	plain := max(plainGain, plainShare*math.Abs(here.at.value))
	for range halvings {
		next := summit{logs: make([]float64, len(step)), iterations: here.iterations}
		for i, l := range here.logs {
			next.logs[i] = min(max(l+step[i], s.low[i]), s.high[i])
			step[i] /= 2
		}
		if err := s.look(ctx, &next); err != nil {
			return false, err
		}
		rises := next.at.value >= here.at.value
		if rises || gain < plain && next.at.value >= here.at.value-plain {
			*here = next
			return true, nil
		}
	}
	return false, nil
}

// step returns the next step, its promised gain, and whether the step was cut
// to the greatest length. A parameter at a bound stays there if the slope
// points outward.
func (s *search) step(here *summit) (step []float64, gain float64, capped bool) {
	free := s.free(here)
	step = make([]float64, len(here.logs))
	if len(free) == 0 {
		return step, 0, false
	}
	values, vectors := decompose(&here.at, free)
	longest := 0.0
	for k, l := range values {
		g := 0.0
		for a, i := range free {
			g += float64(vectors.At(a, k) * here.at.slope[i])
		}
		if g == 0 {
			continue
		}
		size := max(math.Abs(l), 1e-14*max(1, math.Abs(values[0])))
		gain += 0.5 * g * g / size
		for a, i := range free {
			step[i] += float64(vectors.At(a, k) * g / size)
		}
	}
	for _, v := range step {
		longest = max(longest, math.Abs(v))
	}
	if longest > longestStep {
		for i := range step {
			step[i] *= longestStep / longest
		}
	}
	return step, gain, longest > longestStep && gain > leastShare*math.Abs(here.at.value)
}

// free returns the parameters that may move.
func (s *search) free(here *summit) []int {
	var free []int
	for i, l := range here.logs {
		g := here.at.slope[i]
		if s.low[i] < s.high[i] && (l > s.low[i] || g > 0) && (l < s.high[i] || g < 0) {
			free = append(free, i)
		}
	}
	return free
}

// decompose returns the eigenvalues, ascending, and eigenvectors of the
// Hessian of the given parameters.
func decompose(d *derivatives, of []int) ([]float64, *mat.Dense) {
	h := mat.NewSymDense(len(of), nil)
	for a, i := range of {
		for b, j := range of[:a+1] {
			h.SetSym(a, b, d.curve[max(i, j)][min(i, j)])
		}
	}
	var e mat.EigenSym
	vectors := new(mat.Dense)
	if !e.Factorize(h, true) {
		// Not finite: the slope alone decides.
		vectors.CloneFrom(identity(len(of)))
		ones := make([]float64, len(of))
		for i := range ones {
			ones[i] = 1
		}
		return ones, vectors
	}
	e.VectorsTo(vectors)
	return e.Values(nil), vectors
}

func identity(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}
