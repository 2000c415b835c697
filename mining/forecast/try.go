package forecast

import (
	"context"

	methods "github.com/quintile-dev/quintile/models/forecast"
)

// measured holds the errors of the published forecasts and of plain ones, from the same past
// days.
type measured struct {
	trials, periods                  int // past days, and periods forecast from them
	published, naive, seasonal, mean methods.Accuracy
}

// try forecasts every published series from its past days as if published at that time,
// and measures the forecasts.
func (t *task) try(ctx context.Context, c methods.Config, list []*series) error {
	var tried []*series
	var past []methods.Series
	for _, s := range list {
		if !s.hidden && s.state == ok {
			tried = append(tried, s)
			past = append(past, methods.Series{Values: s.values, Season: t.calendar.season(len(s.values))})
		}
	}
	trials, err := c.BacktestAll(ctx, past, t.set.Origins)
	if err != nil {
		return err
	}
	for i, s := range tried {
		for _, one := range trials[i] {
			s.measured.add(s.values, past[i].Season, one)
		}
	}
	return nil
}

// add measures a forecast from a past day beside the plain ones.
func (a *measured) add(values []float64, season int, one methods.Trial) {
	y := values[:one.Origin]
	actual := values[one.Origin:][:len(one.Forecast.Point)]
	a.trials++
	a.periods += len(actual)
	a.published.Add(y, season, actual, one.Forecast.Point)
	limits := one.Forecast.Intervals[0]
	a.published.AddInterval(actual, limits.Lower, limits.Upper)
	naive, seasonal, mean := plain(y, season, len(actual))
	a.naive.Add(y, season, actual, naive)
	a.seasonal.Add(y, season, actual, seasonal)
	a.mean.Add(y, season, actual, mean)
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
