package forecast

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	methods "github.com/quintile-dev/quintile/models/forecast"
)

// figures returns the figures of the manifest: those by series are maps.
func (t *task) figures(l *ledger, list, shown []*series) []mining.Figure {
	states, by := map[string]string{}, map[string]string{}
	errors := [4]map[string]any{{}, {}, {}, {}}
	coverage := map[string]any{}
	forecasts := 0
	inside, tried := 0.0, 0.0
	for _, s := range shown {
		name := s.name()
		states[name] = s.state
		if s.point == nil {
			continue
		}
		forecasts++
		by[name] = string(s.method)
		for i, mase := range s.errors() {
			errors[i][name] = mining.OrNull(mase)
		}
		share := s.measured.published.Measures().Coverage
		coverage[name] = mining.OrNull(share)
		if !math.IsNaN(share) {
			n := float64(s.measured.periods)
			inside, tried = inside+math.Round(share*n), tried+n
		}
	}
	figures := []mining.Figure{
		{Name: "series", Value: forecasts, Summary: true}, {Name: "periods", Value: l.n - l.begin},
		{Name: "first_period", Value: t.calendar.start(l.begin).String()}, {Name: "last_period", Value: t.calendar.start(l.n - 1).String()},
		{Name: "states", Value: states}, {Name: "method", Value: by},
		{Name: "mase", Value: errors[0]}, {Name: "mase_naive", Value: errors[1]}, {Name: "mase_seasonal_naive", Value: errors[2]},
		{Name: "mase_last_mean", Value: errors[3]}, {Name: "coverage", Value: coverage}, {Name: "coverage_all", Value: mining.OrNull(inside / tried)},
	}
	if total := find(list, money); total != nil {
		figures = append(figures, mining.Figure{Name: "next_money", Value: sum(total.point), Summary: true})
	}
	return figures
}

// errors returns the scaled errors of the published forecasts, the last value, the value a
// season before and the mean of the last periods, NaN where none was tried.
func (s *series) errors() [4]float64 {
	a := &s.measured
	return [4]float64{
		a.published.Measures().MASE, a.naive.Measures().MASE, a.seasonal.Measures().MASE, a.mean.Measures().MASE,
	}
}

// noBetter reports whether the published forecasts erred no less than the last value, or
// the mean of the last periods.
func (s *series) noBetter() bool {
	e := s.errors()
	return s.point != nil && s.method != methods.Naive && s.method != methods.LastMean && (e[0] >= e[1] || e[0] >= e[3])
}

// warnings returns a warning for each kind of trouble, with the affected series.
func (t *task) warnings(list []*series) []models.Warning {
	var out []models.Warning
	if !t.priced {
		out = append(out, models.Warning{Code: "no_money", Count: 1,
			Message: "no column holds money: units, orders and customers alone are forecast; map unit_price or amount under columns"})
	}
	if !t.counted {
		out = append(out, models.Warning{Code: "no_quantity", Count: 1,
			Message: "no column holds quantities: units are not forecast; map quantity under columns"})
	}
	warn := func(code, message string, has func(*series) bool) {
		var names []string
		for _, s := range list {
			if has(s) {
				names = append(names, s.name())
			}
		}
		if len(names) > 0 {
			out = append(out, models.Warning{Code: code, Count: len(names), Message: fmt.Sprintf(message, listed(names))})
		}
	}
	from := func(code string) func(*series) bool {
		return func(s *series) bool {
			return slices.ContainsFunc(s.warnings, func(w models.Warning) bool { return w.Code == code })
		}
	}
	warn("too_short", "fewer than 4 whole periods, and so no forecast, for %s", func(s *series) bool { return len(s.values) < fewest })
	warn("short_history", "fewer than 12 periods, continued by the last value: %s", from("short_history"))
	warn("no_origins", "the past is too short to try forecasts on: %s", func(s *series) bool {
		return t.set.Origins > 0 && s.state == ok && s.measured.trials == 0
	})
	warn("benchmark_better", "a plain method was clearly better on the past, and is published: %s", from("benchmark_better"))
	warn("worse_than_benchmark", "on the past the forecast erred no less than the last value or the mean of the last 4 periods: %s", (*series).noBetter)
	return out
}

// named is the number of series that a message names.
const named = 5

// listed writes the first names.
func listed(names []string) string {
	if len(names) <= named {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:named], ", "), len(names)-named)
}

func sum(values []float64) float64 {
	s := 0.0
	for _, v := range values {
		s += v
	}
	return s
}
