package churn

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

// averaged ranks by the mean of the log-odds of both models. The regression
// extends lines, and the trees find steps and interactions: their errors differ,
// and the mean of both has less of either.
type averaged struct {
	logistic *logistic
	boosted  boosted
}

func (a averaged) base() float64 { return (a.logistic.base() + a.boosted.base()) / 2 }

func (a averaged) scoreTo(ctx context.Context, odds, effects []float64, x models.Matrix) error {
	if err := a.logistic.scoreTo(ctx, odds, effects, x); err != nil {
		return err
	}
	others := make([]float64, len(odds))
	var otherEffects []float64
	if effects != nil {
		otherEffects = make([]float64, len(effects))
	}
	if err := a.boosted.scoreTo(ctx, others, otherEffects, x); err != nil {
		return err
	}
	meanTo(odds, others)
	meanTo(effects, otherEffects)
	return nil
}

// check reports the first fault of both.
func (a averaged) check(names []string) error {
	if err := a.logistic.check(names); err != nil {
		return err
	}
	return a.boosted.check(names)
}

// meanTo sets dst to the mean of dst and other.
func meanTo(dst, other []float64) {
	for i, v := range other {
		dst[i] = (dst[i] + v) / 2
	}
}

// meanOf returns the mean of two lists of scores.
func meanOf(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = (v + b[i]) / 2
	}
	return out
}

// fitBoth returns the fit of both models and their average.
func fitBoth(line, trees learner) func(ctx context.Context, s set) (fitted, error) {
	return func(ctx context.Context, s set) (fitted, error) {
		first, err := line.fit(ctx, s)
		if err != nil {
			return fitted{}, err
		}
		second, err := trees.fit(ctx, s)
		if err != nil {
			return fitted{}, err
		}
		return joined(first, second), nil
	}
}

// joined joins two fits, one of each kind.
func joined(line, trees fitted) fitted {
	out := fitted{converged: line.converged && trees.converged}
	out.warnings = append(append(out.warnings, line.warnings...), trees.warnings...)
	a := averaged{}
	a.logistic, _ = line.ranker.(*logistic)
	a.boosted, _ = trees.ranker.(boosted)
	out.ranker = a
	return out
}
