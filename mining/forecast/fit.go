package forecast

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	methods "github.com/quintile-dev/quintile/models/forecast"
)

// The states of a series.
const (
	ok           = "ok"
	shortHistory = "short_history"
	tooShort     = "insufficient_data"
)

// outcome is what came of a series.
type outcome struct {
	state            string
	method           methods.Method
	point, low, high []float64 // of the periods to come; nil where there is no forecast
	warnings         []models.Warning
	measured         measured
}

// Memory covers the members being kept, of the series and of their trials.
func (t *task) Memory(int) int64 {
	kept := int64(len(t.dimensions)*t.set.Top + 1)
	return t.memory + kept*int64(t.calendar.n)*(int64(cellBytes)+16) + kept*int64(1+2*t.set.Origins)*4096
}

// Fit forecasts the series.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	l, err := t.ledger()
	if err != nil {
		return nil, err
	}
	list, groups := t.assemble(in, l)
	shown := slices.DeleteFunc(slices.Clone(list), func(s *series) bool { return s.hidden })
	if n := l.n - l.begin; n < fewest || len(list) == 0 {
		return &mining.Result{
			State: mining.Insufficient, Figures: []mining.Figure{{Name: "periods", Value: n}, {Name: "series", Value: 0, Summary: true}},
			Warnings: t.warnings(shown),
		}, nil
	}
	c := methods.DefaultConfig()
	c.Horizon, c.Origins, c.Levels = t.set.Horizon, t.set.Origins, []float64{float64(t.set.Level)}
	c.NonNegative, c.Workers = true, in.Workers
	if err := t.predict(ctx, c, list); err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := reconcile(list[g.first:g.end], list[g.total]); err != nil {
			return nil, err
		}
	}
	if err := t.try(ctx, c, list); err != nil {
		return nil, err
	}
	return &mining.Result{
		State: mining.OK, Figures: t.figures(l, list, shown), Warnings: t.warnings(shown),
		Tables: []mining.Table{t.table(shown)}, Section: t.section(in, list, shown),
	}, nil
}

// predict forecasts every series of sufficient length, and the rests of any length.
func (t *task) predict(ctx context.Context, c methods.Config, list []*series) error {
	var long []*series
	var past []methods.Series
	for _, s := range list {
		if s.state = stateOf(len(s.values)); s.state != tooShort || s.group >= 0 && s.hidden {
			long = append(long, s)
			past = append(past, methods.Series{Values: s.values, Season: t.calendar.season(len(s.values))})
		}
	}
	results, err := c.FitAll(ctx, past)
	if err != nil {
		return err
	}
	for i, s := range long {
		f, err := results[i].Model.Forecast(t.set.Horizon, nil)
		if err != nil {
			return err
		}
		s.method, s.warnings = results[i].Model.Method(), results[i].Report.Warnings
		if s.method == methods.SeasonalNaive && past[i].Season == 1 {
			s.method = methods.Naive // the same, by its plain name
		}
		s.point, s.low, s.high = f.Point, f.Intervals[0].Lower, f.Intervals[0].Upper
	}
	return nil
}

// fewestChosen is the number of periods from which on a method is chosen by the past; fewer
// are continued by the last value.
const fewestChosen = 12

// stateOf returns the state of a series of so many periods.
func stateOf(periods int) string {
	switch {
	case periods < fewest:
		return tooShort
	case periods < fewestChosen:
		return shortHistory
	}
	return ok
}

// reconcile scales the forecasts of parts, and their intervals, to the forecast of the
// total by their shares.
func reconcile(parts []*series, total *series) error {
	var points [][]float64
	for _, s := range parts {
		if s.point != nil {
			points = append(points, s.point)
		}
	}
	factors, err := methods.Reconcile(points, total.point)
	if err != nil {
		return err
	}
	for _, s := range parts {
		for h := range s.point {
			s.low[h] *= factors[h]
			s.high[h] *= factors[h]
		}
	}
	return nil
}

// find returns the series of a total by its measure, nil for none.
func find(list []*series, measure string) *series {
	at := slices.IndexFunc(list, func(s *series) bool { return s.dimension == all && s.measure == measure })
	if at < 0 {
		return nil
	}
	return list[at]
}
