package forecast

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Model is a fitted method of one series. A Model is immutable and safe for
// concurrent use; only [Config.Fit], [Config.FitAll] and reading its JSON make
// one.
type Model struct {
	method      Method
	n           int
	nonNegative bool
	fitted      fitted
	levels      []float64
	widths      []float64 // half an interval, in standard deviations, per level
}

// Forecast holds the expected values of the periods after the last learned
// period.
type Forecast struct {
	Point     []float64  // expected value per period
	Intervals []Interval // one per level of the config, in its order
}

// Interval holds the limits between which a share of the values is expected.
type Interval struct {
	Level        float64 // in (0,1)
	Lower, Upper []float64
}

// Method returns the method.
func (m *Model) Method() Method { return m.method }

// Periods returns the number of periods that the model learned from.
func (m *Model) Periods() int { return m.n }

// Forecast forecasts the next h periods:
//
//	Point = d·f,  Lower, Upper = d·(f ∓ w·sd)
//
// f and sd are the forecast and the standard deviation by the method, d is the
// divisor, and w is the width of the level that [Config.Fit] found.
//
// Shape: h ≥ 1; divisor has h entries, or is nil for a model of a series
// without divisors. The result is the caller's.
//
// Errors: *models.ConfigError for h, *models.ShapeError and *models.ValueError
// for the divisors.
//
// Cost: O(h) time and memory per level.
func (m *Model) Forecast(h int, divisor []float64) (Forecast, error) {
	if h < 1 || h > 10_000 {
		return Forecast{}, &models.ConfigError{Field: "horizon", Got: h, Want: "an integer from 1 to 10000"}
	}
	if divisor != nil && len(divisor) != h {
		return Forecast{}, &models.ShapeError{What: "divisors", Got: len(divisor), Want: h}
	}
	if err := checkDivisor(divisor); err != nil {
		return Forecast{}, err
	}
	spread := make([]float64, h)
	f := Forecast{Point: make([]float64, h), Intervals: make([]Interval, len(m.levels))}
	m.fitted.forecastTo(f.Point, spread)
	for i := range f.Point {
		if divisor != nil {
			f.Point[i] *= divisor[i]
			spread[i] *= divisor[i]
		}
	}
	for k, level := range m.levels {
		limits := Interval{level, make([]float64, h), make([]float64, h)}
		for i, value := range f.Point {
			width := float64(m.widths[k] * spread[i])
			limits.Lower[i], limits.Upper[i] = m.floor(value-width), m.floor(value+width)
		}
		f.Intervals[k] = limits
	}
	for i, value := range f.Point {
		f.Point[i] = m.floor(value)
	}
	return f, nil
}

func (m *Model) floor(v float64) float64 {
	if m.nonNegative {
		return math.Max(v, 0)
	}
	return v
}

// String names the method and its parameters, such as "theta, alpha 0.31, slope
// 2533.9".
func (m *Model) String() string {
	s := string(m.method)
	if t := m.fitted.Theta; t != nil {
		s += fmt.Sprintf(", theta with alpha %.4g and slope %.6g", t.Smoothing.Alpha, t.Slope)
		s += wordSeason(t.Season)
	}
	if e := m.fitted.ETS; e != nil {
		s += fmt.Sprintf(", ets with alpha %.4g and %s trend", e.Alpha, e.Trend)
		if len(e.States) > 0 {
			s += fmt.Sprintf(", additive season of %d states", len(e.States))
		}
		s += wordSeason(e.Season)
	}
	return s
}

func wordSeason(s seasonal) string {
	switch {
	case len(s.Index) == 0:
		return ""
	case s.Multiplicative:
		return fmt.Sprintf(", multiplicative season of %d", len(s.Index))
	}
	return fmt.Sprintf(", additive season of %d", len(s.Index))
}
