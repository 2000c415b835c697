package forecast

import (
	"errors"
	"math"
	"runtime"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Config holds the settings of [Config.Fit]. Start from [DefaultConfig].
type Config struct {
	Horizon     int       // periods that the origins are measured on, 1 to 1,000; usually those to be forecast
	Window      int       // periods of LastMean, 1 to 1,000
	Origins     int       // at most so many rolling origins, 0 to 1,000; more cost as many fits of each method
	Methods     []Method  // candidates, at least one, none twice; ties go to the first
	Levels      []float64 // of the intervals, each in (0,1), ascending; none for no intervals
	NonNegative bool      // forecasts and limits below 0 become 0: for counts and gross money
	Workers     int       // ≥ 1; FitAll shares the series among them; never changes a result
}

// DefaultConfig returns all methods, the mean of the last 4 periods, a horizon
// of 4, at most 8 origins, and intervals of 80 and 95 %.
func DefaultConfig() Config {
	return Config{
		Horizon: 4, Window: 4, Origins: 8,
		Methods: []Method{ThetaETS, Theta, ETS, SeasonalNaive, Naive, LastMean},
		Levels:  []float64{0.8, 0.95}, Workers: runtime.GOMAXPROCS(0),
	}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c Config) Validate() error {
	var faults []error
	wrong := func(bad bool, field string, got any, want string) {
		if bad {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	wrong(c.Horizon < 1 || c.Horizon > 1000, "horizon", c.Horizon, "an integer from 1 to 1000")
	wrong(c.Window < 1 || c.Window > 1000, "window", c.Window, "an integer from 1 to 1000")
	wrong(c.Origins < 0 || c.Origins > 1000, "origins", c.Origins, "an integer from 0 to 1000")
	wrong(len(c.Methods) == 0, "methods", c.Methods, "at least one method")
	for i, m := range c.Methods {
		wrong(!slices.Contains(methods(), m), "methods", m, "theta_ets, theta, ets, seasonal_naive, naive or last_mean")
		wrong(slices.Contains(c.Methods[:i], m), "methods", m, "each method once")
	}
	for i, level := range c.Levels {
		wrong(!(level > 0 && level < 1), "levels", level, "a number above 0 and below 1")
		wrong(i > 0 && !(level > c.Levels[i-1]), "levels", level, "levels in ascending order")
	}
	wrong(c.Workers < 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(faults...)
}

// Series is what a method learns from.
type Series struct {
	// Values are the values of the periods, oldest first, without gaps: a
	// period in which nothing happened is 0. Only whole periods belong here.
	Values []float64
	// Season is the number of periods of a season, m: 12 for months, 52 for two
	// years of weeks or more, 7 for days, 1 for none.
	Season int
	// Divisor is a factor known beforehand for each period, such as the number of
	// trading days; nil for none. The methods see the values divided by the
	// divisors, and each forecast is multiplied by the divisor of its period. A
	// period with the divisor 0 is closed: its value is ignored, the methods see
	// the value of the last open period instead, and its forecast is 0.
	Divisor []float64
}

// Validate checks that the values are finite, the season is ≥ 1 and at most
// 10,000, and the divisors are as many as the values, finite, not negative and
// not all 0.
func (s Series) Validate() error {
	if len(s.Values) == 0 {
		return errors.New("forecast: got a series without values, want at least one; leave it out")
	}
	if s.Season < 1 || s.Season > 10_000 {
		return &models.ConfigError{Field: "season", Got: s.Season, Want: "an integer from 1 to 10000"}
	}
	for i, v := range s.Values {
		if v-v != 0 || math.Abs(v) > largest {
			return &models.ValueError{Row: i + 1, Name: "value", Got: v, Want: "a finite number of at most 1e100"}
		}
	}
	if s.Divisor == nil {
		return nil
	}
	if len(s.Divisor) != len(s.Values) {
		return &models.ShapeError{What: "divisors", Got: len(s.Divisor), Want: len(s.Values)}
	}
	return checkDivisor(s.Divisor)
}

// largest keeps squares and their sums finite.
const largest = 1e100

func checkDivisor(divisor []float64) error {
	for i, d := range divisor {
		if !(d == 0 || d >= 1/largest && d <= largest) {
			return &models.ValueError{Row: i + 1, Name: "divisor", Got: d, Want: "0 for a closed period, or a positive number"}
		}
	}
	return nil
}

// divided returns the values over their divisors. A closed period has the value
// of the last open period before, or of the first open period where none is
// before.
func (s Series) divided() []float64 {
	if s.Divisor == nil {
		return s.Values
	}
	out := make([]float64, len(s.Values))
	last := 0.0
	if first := slices.IndexFunc(s.Divisor, func(d float64) bool { return d > 0 }); first >= 0 {
		last = s.Values[first] / s.Divisor[first]
	}
	for t, d := range s.Divisor {
		if d > 0 {
			last = s.Values[t] / d
		}
		out[t] = last
	}
	return out
}
