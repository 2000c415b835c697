package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// fewest is the number of values below which the last value is repeated: fewer
// values show no trend.
const fewest = 12

// Report says how the method of a series was found.
type Report struct {
	Converged  bool // always true: a search that ends early still gives a forecast
	Iterations int  // rolling origins
	Rows       int  // periods that were learned from
	Scores     []Score
	Warnings   []models.Warning // "short_history", "no_origins", "benchmark_better"
}

// Score is how a method did on the past of the series.
type Score struct {
	Method   Method
	Measures // over the origins; Coverage is NaN
}

// Score returns the score of a method; false if it was no candidate or had no
// origin.
func (r Report) Score(m Method) (Score, bool) {
	i := slices.IndexFunc(r.Scores, func(s Score) bool { return s.Method == m })
	if i < 0 {
		return Score{}, false
	}
	return r.Scores[i], true
}

// Fit chooses a method by the past of the series, and fits the method to the whole
// series.
//
// The candidates are fitted to the first o values of the series and measured on the
// next values, for several origins o. The first candidate is kept unless another
// has a mean absolute scaled error lower by more than two standard errors of the
// paired difference over at least four origins: the candidate with the least of a
// few noisy means forecasts worse than a good default. A plain method chosen by
// this rule is reported as "benchmark_better".
//
// The errors of the method at the origins, in standard deviations of the forecast
// at the origin, give the widths of the intervals: the width of a level L is the
// ⌈(N+1)·L⌉-th smallest of N such errors (split conformal prediction [1]); where N
// is too small for the rank, the width is the largest error, and no less than the
// width of a normal distribution.
//
// Origins are half a horizon apart, the last half a horizon before the end. The
// first is not before 12 values, nor before the end of the second season (needed by
// seasonal methods), or of the third where the series is longer.
//
// Fewer than 12 values are continued by the last one, with the warning
// "short_history". Without an origin the first candidate is kept, with intervals
// of a normal distribution and the warning "no_origins".
//
// Shape: s as [Series] describes it. Nothing is modified.
//
// Units: any; MASE has none.
//
// Missing: none are admitted; say 0, or a divisor of 0.
//
// Determinism: the result depends on c (but for Workers) and s only.
//
// Errors: *models.ConfigError, *models.ValueError, *models.ShapeError; ctx.Err()
// if cancelled.
//
// Cost: one fit of every candidate per origin, and a final fit of the winner. A
// series of 104 values without a season takes about 1.4 ms in all, a series of 60
// values with a season of 12 about 2.7 ms; O(n + Origins·Horizon) memory.
//
// [1] J. Lei, M. G'Sell, A. Rinaldo, R. J. Tibshirani, L. Wasserman,
// "Distribution-Free Predictive Inference for Regression", J. Am. Stat. Assoc.
// 113, 2018, pp. 1094–1111.
func (c Config) Fit(ctx context.Context, s Series) (*Model, Report, error) {
	if err := errors.Join(c.Validate(), s.Validate()); err != nil {
		return nil, Report{}, err
	}
	return c.fit(ctx, s)
}

// Result is the model of one series of many, and its report.
type Result struct {
	Model  *Model
	Report Report
}

// FitAll is [Config.Fit] for many series, shared among the workers. The results
// are in the order of the series and depend on neither the number of workers nor
// the other series.
//
// Errors: as Fit, with the number of the first such series, from 1, in words.
func (c Config) FitAll(ctx context.Context, all []Series) ([]Result, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	results := make([]Result, len(all))
	err := models.Parallel(ctx, c.Workers, len(all), func(i int) error {
		err := all[i].Validate()
		if err == nil {
			results[i].Model, results[i].Report, err = c.fit(ctx, all[i])
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("series %d: %w", i+1, err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func (c Config) fit(ctx context.Context, s Series) (*Model, Report, error) {
	n := len(s.Values)
	r := Report{Converged: true, Rows: n}
	m := &Model{n: n, nonNegative: c.NonNegative, levels: slices.Clone(c.Levels)}
	f := fitter{season: s.Season, window: c.Window}
	chosen, methods := 0, c.Methods
	var trials *trials
	if n < fewest {
		methods = []Method{Naive}
		r.warn("short_history", fmt.Sprintf("got %d periods, fewer than %d: the last one is repeated", n, fewest))
	} else {
		var err error
		if trials, err = c.try(ctx, s, &f); err != nil {
			return nil, Report{}, err
		}
		r.Iterations, r.Scores = trials.origins, trials.scores()
		chosen = trials.best()
		r.warnTrials(c.Methods, chosen)
	}
	if err := ctx.Err(); err != nil {
		return nil, Report{}, err
	}
	m.method = methods[chosen]
	m.fitted = f.fit(s.divided(), n, methods[chosen:chosen+1])[0]
	var errors []float64
	if trials != nil {
		errors = trials.errors[chosen]
	}
	m.widths = widths(c.Levels, errors)
	return m, r, nil
}

// warnTrials warns of methods that were not compared, and of a plain method that
// won.
func (r *Report) warnTrials(methods []Method, chosen int) {
	if r.Iterations == 0 {
		r.warn("no_origins", fmt.Sprintf("%d periods are too few to try methods on: %s is used, with the intervals of a normal distribution", r.Rows, methods[0]))
		return
	}
	plain := func(m Method) bool { return m == SeasonalNaive || m == Naive || m == LastMean }
	if m := methods[chosen]; plain(m) && !plain(methods[0]) {
		r.warn("benchmark_better", fmt.Sprintf("%s had a scaled error of %.3g on the past, %s %.3g: the plain method is used",
			methods[0], r.Scores[0].MASE, m, r.Scores[chosen].MASE))
	}
}

func (r *Report) warn(code, message string) {
	r.Warnings = append(r.Warnings, models.Warning{Code: code, Message: message, Count: 1})
}

// widths returns half the interval of each level in standard deviations, given
// the errors of the origins in standard deviations; the errors are sorted in
// place.
func widths(levels, errors []float64) []float64 {
	slices.Sort(errors)
	all := make([]float64, len(levels))
	for k, level := range levels {
		all[k] = math.Sqrt2 * math.Erfinv(level)
		if n := len(errors); n > 0 {
			rank := int(math.Ceil(float64(float64(n+1)*level) - 1e-12))
			if rank <= n {
				all[k] = errors[rank-1]
			} else {
				all[k] = max(all[k], errors[n-1])
			}
		}
		if k > 0 {
			all[k] = max(all[k], all[k-1])
		}
	}
	return all
}
