package forecast

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Each trial is what Fit gives for the values that were known.
func TestTrialsAreWhatFitWouldHavePublished(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	made := func(n, season int, days bool) Series {
		s := Series{Season: season}
		for i := range n {
			s.Values = append(s.Values, math.Max(0, 100+3*float64(i)+40*math.Sin(float64(i)*2*math.Pi/12)+30*rng.NormFloat64()))
			if days {
				s.Divisor = append(s.Divisor, float64(20+i%4))
			}
		}
		return s
	}
	all := []Series{
		{Values: weekly, Season: 1}, made(60, 12, false), made(40, 12, true), made(31, 1, true), made(13, 1, false), made(11, 1, false), made(26, 12, false),
	}
	for _, horizon := range []int{1, 4, 7} {
		c := DefaultConfig()
		c.Horizon, c.NonNegative = horizon, true
		got, err := c.BacktestAll(t.Context(), all, 8)
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for i, s := range all {
			for k, one := range got[i] {
				o := len(s.Values) - (k+1)*((horizon+1)/2)
				h := min(horizon, len(s.Values)-o)
				known, ahead := Series{Values: s.Values[:o], Season: s.Season}, []float64(nil)
				if s.Divisor != nil {
					known.Divisor, ahead = s.Divisor[:o], s.Divisor[o:o+h]
				}
				m, _, err := c.Fit(t.Context(), known)
				if err != nil {
					t.Fatal(err)
				}
				want, err := m.Forecast(h, ahead)
				if err != nil {
					t.Fatal(err)
				}
				if one.Origin != o || one.Method != m.Method() || !reflect.DeepEqual(one.Forecast, want) {
					t.Errorf("seed %d, series %d, horizon %d: got the trial %+v, want %s from %d: %+v", seed, i, horizon, one, m.Method(), o, want)
				}
				total++
			}
		}
		if total < 24 || len(got[5]) != 0 {
			t.Errorf("horizon %d: got %d trials, and %d of a series of 11 values; want most series tried, and that not", horizon, total, len(got[5]))
		}
	}
}

func TestTrialsWantSoundSettings(t *testing.T) {
	if _, err := DefaultConfig().BacktestAll(t.Context(), nil, -1); err == nil {
		t.Error("got no error for −1 origins")
	}
	if _, err := DefaultConfig().BacktestAll(t.Context(), []Series{{}}, 1); err == nil {
		t.Error("got no error for a series without values")
	}
}
