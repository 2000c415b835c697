package forecast

import (
	"context"

	methods "github.com/quintile-dev/quintile/models/forecast"
)

// fewestTried is the number of values that a forecast to be tried begins from.
const fewestTried = 12

// trial is a forecast from a past day: as it would have been published then.
type trial struct {
	of     *series
	origin int // values known
}

// trials returns the past days that the forecast of a series is tried on: every half
// horizon back from half a horizon before the end, as long as the season is the same.
func (t *task) trials(s *series) []trial {
	step := (t.set.Horizon + 1) / 2
	n := len(s.values)
	least := fewestTried
	if season := t.calendar.season(n); season > 1 {
		least = max(least, 2*season)
	}
	var out []trial
	for origin := n - step; origin >= least && len(out) < t.set.Origins; origin -= step {
		out = append(out, trial{s, origin})
	}
	return out
}

// measured holds the errors of the published forecasts and of plain ones, from the same
// days.
type measured struct{ published, naive, seasonal, mean methods.Accuracy }

// try forecasts every published series from its past days, and measures the forecasts.
func (t *task) try(ctx context.Context, c methods.Config, list []*series) error {
	var all []trial
	var past []methods.Series
	for _, s := range list {
		if s.hidden || s.state == tooShort {
			continue
		}
		for _, one := range t.trials(s) {
			all = append(all, one)
			past = append(past, methods.Series{Values: s.values[:one.origin], Season: t.calendar.season(len(s.values))})
		}
	}
	results, err := c.FitAll(ctx, past)
	if err != nil {
		return err
	}
	for i, one := range all {
		y, m := one.of.values, past[i].Season
		actual := y[one.origin:min(one.origin+t.set.Horizon, len(y))]
		f, err := results[i].Model.Forecast(len(actual), nil)
		if err != nil {
			return err
		}
		a := &one.of.measured
		a.published.Add(past[i].Values, m, actual, f.Point)
		a.published.AddInterval(actual, f.Intervals[0].Lower, f.Intervals[0].Upper)
		naive, seasonal, mean := plain(past[i].Values, m, len(actual))
		a.naive.Add(past[i].Values, m, actual, naive)
		a.seasonal.Add(past[i].Values, m, actual, seasonal)
		a.mean.Add(past[i].Values, m, actual, mean)
	}
	return nil
}

// lastPeriods is the number of periods of the plain mean.
const lastPeriods = 4

// plain returns the forecasts of the next h periods by the last value, by the value a
// season before, and by the mean of the last periods.
func plain(y []float64, season, h int) (naive, seasonal, mean []float64) {
	sum := 0.0
	for _, v := range y[len(y)-lastPeriods:] {
		sum += v
	}
	for i := range h {
		naive = append(naive, y[len(y)-1])
		seasonal = append(seasonal, y[len(y)-season+i%season])
		mean = append(mean, sum/lastPeriods)
	}
	return naive, seasonal, mean
}
