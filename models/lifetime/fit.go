package lifetime

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

const (
	leastDropout  = 1e-4   // a/(a+b), or s/β·T̄, below which nobody stops
	explored      = 20_000 // distinct rows from which the starts are compared on a sample of that size
	sameLikeness  = 1e-3   // log-likelihoods that decide nothing
	lowestLog     = -18.4  // ln 1e-8; of α and β, in mean T
	highestLog    = 9.2    // ln 1e4
	mostAlike     = 6.9    // ln 1e3; of r and s: rates vary by 3 %
	leastKnown    = 1e-4   // information on a logarithm, 1/se², that counts as none
	normal95      = 1.959963984540054
	boundDistance = 1e-6
	nearBound     = 0.05
	sameShare     = 1e-10 // of two likelihoods: a difference that rounding makes
)

// Fit learns a model from customers by maximum likelihood.
//
// Equal customers are merged first. Newton's method climbs in the logarithms of
// the parameters from several starts, with exact first and second derivatives;
// beyond 20,000 distinct customers the starts are compared on a systematic
// sample of the weight, and the last climb takes all rows. Where the likelihood
// leads to customers who never stop, a/(a+b) < 1e-4 or s/β·T̄ < 1e-4, or where
// drop-out is not identified and adds nothing, the model is the NBD without
// drop-out and the state [NoDropout]. Standard errors are those of the inverse
// Hessian in logarithms, times the parameter.
//
// Shape: one entry of every column a customer; weight has one each, or is nil
// for "all 1". Nothing is modified.
//
// Units: the times of customers share one unit, which is that of 1/λ, α and β.
//
// Missing: there is no missing value; NaN is an error.
//
// Determinism: the result depends on the set of customers and the config, never
// on Workers, and not on the order of customers.
//
// Errors: *models.ConfigError, *models.ValueError, *models.ShapeError; an error
// where no customer bought twice; ctx.Err(). A search that ends early is not an
// error: see Report.State.
//
// Cost: O(n) to merge; some 20 passes over distinct customers, of about 25 ns a
// customer for BG/NBD and MBG/NBD and 350 ns for Pareto/NBD.
//
// [1] P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers the Easy Way",
// Marketing Science 24(2), 2005, pp. 275–284.
//
// [2] D. Schmittlein, D. Morrison, R. Colombo, "Counting Your Customers: Who
// Are They and What Will They Do Next?", Management Science 33(1), 1987.
//
// [3] E. Batislam, M. Denizel, A. Filiztekin, "Empirical Validation and
// Comparison of Models for Customer Base Analysis", Int. J. of Research in
// Marketing 24(3), 2007, pp. 201–209.
func (c Config) Fit(ctx context.Context, customers Customers, weight []float64) (*Model, Report, error) {
	if err := errors.Join(c.Validate(), ctx.Err()); err != nil {
		return nil, Report{}, err
	}
	n := len(customers.X)
	if err := checkWeights(weight, n); err != nil {
		return nil, Report{}, err
	}
	if err := customers.validate(weight); err != nil {
		return nil, Report{}, err
	}
	keep := func(i int) bool { return weight == nil || weight[i] > 0 }
	rows, err := collapse(ctx, c.Workers, [][]float64{customers.X, customers.Tx, customers.T}, keep, weight)
	if err != nil {
		return nil, Report{}, err
	}
	if len(rows.weight) == 0 {
		return nil, Report{}, errNoWeight
	}
	f := &fitting{Config: c, problem: newProblem(c.Kind, rows, c.Workers)}
	for i := range n {
		if keep(i) {
			f.report.Rows++
		}
	}
	if f.problem.purchases() == 0 || f.problem.age() == 0 {
		return nil, Report{}, fmt.Errorf("lifetime: x: got no repeat purchase among %d customers, want at least one; "+
			"observe for longer or skip the model", f.report.Rows)
	}
	f.report.Distinct, f.report.Weight = len(rows.weight), f.problem.weight
	if err := f.fit(ctx); err != nil {
		return nil, Report{}, err
	}
	m := &Model{kind: c.Kind, state: f.report.State, parameters: f.report.Parameters, v: f.v}
	return m, f.report, nil
}

// fitting is a fit under way.
type fitting struct {
	Config
	problem *problem
	report  Report
	v       [most]float64 // the parameters found; those without value are 0
}

func (f *fitting) fit(ctx context.Context) error {
	best, err := f.climb(ctx)
	if err != nil {
		return err
	}
	f.report.Iterations, f.report.Converged = best.iterations, best.converged
	if f.neverStops(best.values()) {
		return f.withoutDropout(ctx)
	}
	known := f.identified(&best)
	if !known[2] {
		nbd, err := f.climbWithoutDropout(ctx)
		if err != nil {
			return err
		}
		if best.at.value-nbd.at.value < sameLikeness {
			return f.withoutDropout(ctx)
		}
	}
	f.report.State, f.report.LogLikelihood = OK, best.at.value
	copy(f.v[:], best.values())
	if !best.converged {
		f.report.State = NotConverged
		f.warn("not_converged", "the likelihood still rose after %d steps", best.iterations)
	}
	for k, pair := range [][2]string{{"r", "alpha"}, {f.Kind.names()[2], f.Kind.names()[3]}} {
		if !known[2*k] {
			f.warn("homogeneous", "%s and %s grow without bound: the customers do not differ in that rate; no standard errors",
				pair[0], pair[1])
		}
	}
	s := f.search(f.problem)
	f.report.Parameters = describe(f.Kind.names(), &best, known)
	if len(f.problem.rows.weight) <= f.ProfileRows && best.converged {
		return s.profiles(ctx, &best, f.report.Parameters)
	}
	return nil
}

func (f *fitting) warn(code, format string, arguments ...any) {
	f.report.Warnings = append(f.report.Warnings,
		models.Warning{Code: code, Message: fmt.Sprintf(format, arguments...), Count: 1})
}

// neverStops reports whether parameters mean customers without drop-out.
func (f *fitting) neverStops(v []float64) bool { return f.dropout(v) < leastDropout }

// dropout is the mean probability of stopping at a purchase, or for Pareto/NBD
// about that of stopping within the mean age.
func (f *fitting) dropout(v []float64) float64 {
	if f.Kind == ParetoNBD {
		return v[2] / v[3] * f.problem.age()
	}
	return v[2] / (v[2] + v[3])
}

// search returns the search over all four parameters of p.
func (f *fitting) search(p *problem) *search {
	s := newSearch(p.objective(), 4, f.MaxIter, f.Tolerance)
	age := math.Log(p.age())
	for i := 1; i < 4; i += 2 {
		if i == 1 || f.Kind == ParetoNBD {
			s.low[i], s.high[i] = s.low[i]+age, s.high[i]+age
		}
	}
	s.high[0] = mostAlike
	if f.Kind == ParetoNBD {
		s.high[2] = mostAlike
	}
	s.stop = func(v []float64) bool { return f.dropout(v) < leastDropout/100 }
	return s
}

func newSearch(o objective, parameters, maxIter int, tolerance float64) *search {
	s := &search{objective: o, maxIter: maxIter, tolerance: tolerance,
		low: make([]float64, parameters), high: make([]float64, parameters)}
	for i := range parameters {
		s.low[i], s.high[i] = lowestLog, highestLog
	}
	return s
}

// starts returns where the search begins, in logarithms. They move with the
// unit of time.
func (f *fitting) starts() [][]float64 {
	age := f.problem.age()
	rate := f.problem.purchases() / (f.problem.weight * age)
	last := [][2]float64{{0.8, 2.5}, {0.15, 2}, {2, 15}}
	if f.Kind == ParetoNBD {
		last = [][2]float64{{0.6, age / 3}, {0.2, age}, {3, 6 * age}}
	}
	out := make([][]float64, len(last))
	for k, r := range []float64{0.4, 0.9, 0.9} {
		alpha := r / (rate * 1.5)
		out[k] = []float64{math.Log(r), math.Log(alpha), math.Log(last[k][0]), math.Log(last[k][1])}
	}
	return out
}

// climb returns the highest summit from all starts.
func (f *fitting) climb(ctx context.Context) (summit, error) {
	starts, all := f.starts(), f.search(f.problem)
	if len(f.problem.rows.weight) <= explored {
		return highest(ctx, all, starts)
	}
	thin := newProblem(f.Kind, f.problem.rows.thin(explored), f.Workers)
	if thin.purchases() == 0 {
		return highest(ctx, all, starts)
	}
	few := f.search(thin)
	best, err := highest(ctx, few, starts)
	if err != nil {
		return best, err
	}
	if !f.neverStops(best.values()) {
		starts = [][]float64{best.logs}
		for i, l := range best.logs {
			if l >= few.high[i]-nearBound { // a ridge, up which steps are many and small
				all.low[i] = all.high[i]
			}
		}
	}
	return highest(ctx, all, starts)
}

// highest returns the best summit that s reaches; of equals, the first.
func highest(ctx context.Context, s *search, starts [][]float64) (summit, error) {
	var best summit
	for k, start := range starts {
		found, err := s.run(ctx, start)
		if err != nil {
			return found, err
		}
		if k == 0 || found.at.value > best.at.value+sameShare*math.Abs(best.at.value) {
			best = found
		}
	}
	return best, nil
}

// climbWithoutDropout fits the NBD.
func (f *fitting) climbWithoutDropout(ctx context.Context) (summit, error) {
	s := newSearch(f.problem.withoutDropout, 2, f.MaxIter, f.Tolerance)
	age := math.Log(f.problem.age())
	s.low[1], s.high[1] = s.low[1]+age, s.high[1]+age
	return s.run(ctx, f.starts()[0][:2])
}

// withoutDropout makes the NBD the result.
func (f *fitting) withoutDropout(ctx context.Context) error {
	best, err := f.climbWithoutDropout(ctx)
	if err != nil {
		return err
	}
	f.report.State, f.report.LogLikelihood = NoDropout, best.at.value
	f.report.Iterations, f.report.Converged = best.iterations, best.converged
	f.v = [most]float64{}
	copy(f.v[:], best.values())
	names := f.Kind.names()
	known := f.identified(&best)
	f.report.Parameters = append(describe(names[:2], &best, known), missing(names[2]), missing(names[3]))
	f.warn("no_dropout", "the data show no customer stopping: every customer counts as active, and %s and %s have no value",
		names[2], names[3])
	switch {
	case !best.converged:
		f.report.State = NotConverged
		f.warn("not_converged", "the likelihood still rose after %d steps", best.iterations)
	case !known[0]:
		f.warn("homogeneous", "r and alpha grow without bound: the customers do not differ in that rate; no standard errors")
	case len(f.problem.rows.weight) <= f.ProfileRows:
		s := newSearch(f.problem.withoutDropout, 2, f.MaxIter, f.Tolerance)
		s.low[1], s.high[1] = s.low[1]+math.Log(f.problem.age()), s.high[1]+math.Log(f.problem.age())
		return s.profiles(ctx, &best, f.report.Parameters[:2])
	}
	return nil
}
