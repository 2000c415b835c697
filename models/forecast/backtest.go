package forecast

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// Trial is a forecast of the past, as it would have been published then.
type Trial struct {
	Origin   int      // number of values that were known, ≥ 12
	Method   Method   // that was chosen by them
	Forecast Forecast // of the next periods: Horizon, or as many as the series has
}

// BacktestAll measures the published forecasts of many series on the past: for each series,
// the results of [Config.Fit] and [Model.Forecast] for the first o values, for at most so many
// origins o, half a horizon apart, the last half a horizon before the end. The choice of the
// method and the width of the intervals are repeated at every origin, so that errors and
// coverage of the trials are equal to the experience of a user at that time.
//
// Trials begin from 12 values, and from two seasons where the series has a season, the
// latest first. A shorter series has none.
//
// Shape, units and missing values: as [Config.FitAll]. With divisors, forecasts are for the
// periods of the divisors.
//
// Determinism: as [Config.FitAll].
//
// Errors: as [Config.FitAll]; *models.ConfigError for a negative number of origins.
//
// Cost: every origin is fitted once, however many trials use the fit: about (1 +
// count/Origins) times the cost of [Config.FitAll].
func (c Config) BacktestAll(ctx context.Context, all []Series, count int) ([][]Trial, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if count < 0 {
		return nil, &models.ConfigError{Field: "count", Got: count, Want: "an integer ≥ 0"}
	}
	out := make([][]Trial, len(all))
	err := models.Parallel(ctx, c.Workers, len(all), func(i int) error {
		err := all[i].Validate()
		if err == nil {
			out[i], err = c.backtest(ctx, all[i], count)
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("series %d: %w", i+1, err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (c Config) backtest(ctx context.Context, s Series, count int) ([]Trial, error) {
	n, step := len(s.Values), (c.Horizon+1)/2
	least := fewest
	if s.Season > 1 {
		least = max(least, 2*s.Season)
	}
	f := fitter{season: s.Season, window: c.Window}
	y := s.divided()
	fits := map[int][]fitted{} // by origin
	fit := func(o int) error {
		if err := ctx.Err(); err != nil || fits[o] != nil {
			return err
		}
		fits[o] = f.fit(y[:o], n, c.Methods)
		return nil
	}
	var out []Trial
	for o := n - step; o >= least && len(out) < count; o -= step {
		t := c.newTrials()
		for _, before := range c.origins(o, s.Season) {
			if err := fit(before); err != nil {
				return nil, err
			}
			t.measure(s, before, min(c.Horizon, o-before), fits[before])
		}
		if err := fit(o); err != nil {
			return nil, err
		}
		best := t.best()
		m := Model{method: c.Methods[best], n: o, nonNegative: c.NonNegative, fitted: fits[o][best], levels: c.Levels, widths: widths(c.Levels, t.errors[best])}
		h := min(c.Horizon, n-o)
		var divisor []float64
		if s.Divisor != nil {
			divisor = s.Divisor[o : o+h]
		}
		forecast, err := m.Forecast(h, divisor)
		if err != nil {
			return nil, err
		}
		out = append(out, Trial{o, m.method, forecast})
	}
	return out, nil
}
