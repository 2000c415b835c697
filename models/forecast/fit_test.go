package forecast

import (
	"math"
	"testing"
)

func mustForecast(t *testing.T, c Config, s Series, h int, divisor []float64) (Forecast, Report) {
	t.Helper()
	m, r, err := c.Fit(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(h, divisor)
	if err != nil {
		t.Fatal(err)
	}
	return f, r
}

func TestForecastsKeepUnits(t *testing.T) {
	for _, s := range made(5, 60, 12) {
		want, _ := mustForecast(t, DefaultConfig(), s, 6, nil)
		y := make([]float64, len(s.Values))
		for i, v := range s.Values {
			y[i] = 4 * v
		}
		got, _ := mustForecast(t, DefaultConfig(), Series{Values: y, Season: 12}, 6, nil)
		for h := range want.Point {
			within(t, "forecast", got.Point[h], 4*want.Point[h], 1e-6*math.Abs(want.Point[h]))
			within(t, "limit", got.Intervals[0].Upper[h], 4*want.Intervals[0].Upper[h], 1e-6*math.Abs(want.Intervals[0].Upper[h]))
		}
	}
}

func TestADivisorIsAKnownCalendar(t *testing.T) {
	// The same sales a day, in weeks of 4, 5 and 6 days.
	days := make([]float64, len(weekly))
	y := make([]float64, len(weekly))
	for i, v := range weekly {
		days[i] = float64(4 + i%3)
		y[i] = v * days[i]
	}
	next := []float64{5, 0, 6}
	// The errors at the origins are those of whole weeks, so that with several
	// candidates another one could win.
	c := DefaultConfig()
	c.Methods = []Method{ThetaETS}
	plain, _ := mustForecast(t, c, Series{Values: weekly, Season: 1}, 3, nil)
	got, _ := mustForecast(t, c, Series{Values: y, Season: 1, Divisor: days}, 3, next)
	for h, d := range next {
		within(t, "forecast", got.Point[h], d*plain.Point[h], 1e-6*plain.Point[h])
	}
	if got.Point[1] != 0 || got.Intervals[0].Upper[1] != 0 {
		t.Errorf("a closed period: got %v", got)
	}
}

func TestAClosedPeriodCountsForNothing(t *testing.T) {
	days := make([]float64, len(weekly))
	for i := range days {
		days[i] = 1
	}
	days[3] = 0 // a week without sales
	other := append([]float64(nil), weekly...)
	other[3] = 1e6
	c := DefaultConfig()
	c.Methods = []Method{ThetaETS}
	a, _ := mustForecast(t, c, Series{Values: weekly, Season: 1, Divisor: days}, 4, nil)
	b, _ := mustForecast(t, c, Series{Values: other, Season: 1, Divisor: days}, 4, nil)
	for h := range a.Point {
		within(t, "forecast", b.Point[h], a.Point[h], 0)
	}
}

func TestShortAndUntestedHistoriesSaySo(t *testing.T) {
	f, r := mustForecast(t, DefaultConfig(), Series{Values: []float64{3, 1, 4, 1, 5}, Season: 1}, 2, nil)
	if f.Point[0] != 5 || len(r.Warnings) != 1 || r.Warnings[0].Code != "short_history" {
		t.Errorf("got %v, %v", f.Point, r.Warnings)
	}
	_, r = mustForecast(t, DefaultConfig(), Series{Values: weekly[:13], Season: 1}, 2, nil)
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "no_origins" || r.Scores != nil {
		t.Errorf("got %v, %v", r.Warnings, r.Scores)
	}
}

func TestAClearWinnerOfThePastPublishes(t *testing.T) {
	// A pattern of five periods that no other method can follow.
	y := make([]float64, 60)
	for i := range y {
		y[i] = []float64{1, 9, 4, 30, 2}[i%5] + 0.01*float64(i%3)
	}
	c := DefaultConfig()
	c.Methods = []Method{LastMean, Naive, SeasonalNaive}
	m, r, err := c.Fit(t.Context(), Series{Values: y, Season: 5})
	if err != nil {
		t.Fatal(err)
	}
	best, _ := r.Score(SeasonalNaive)
	first, _ := r.Score(LastMean)
	if m.Method() != SeasonalNaive || !(best.MASE < first.MASE) {
		t.Errorf("got %s; scores %v", m.Method(), r.Scores)
	}
	if _, ok := r.Score(Theta); ok {
		t.Error("got a score of a method that was no candidate")
	}
}

func TestWidthsAreRanksOfThePastErrors(t *testing.T) {
	// Of nine errors the 80 % width is the ⌈10·0.8⌉ = 8th; for 95 % nine are too few.
	got := widths([]float64{0.8, 0.95}, []float64{9, 1, 2, 3, 4, 5, 6, 7, 8})
	if got[0] != 8 || got[1] != 9 {
		t.Errorf("got %v, want 8 and 9", got)
	}
	got = widths([]float64{0.8, 0.95}, []float64{0.1})
	within(t, "80 % of one small error", got[0], 1.281551566, 1e-9)
	within(t, "95 % of one small error", got[1], 1.959963985, 1e-9)
}

func TestNonNegativeForecastsStopAtZero(t *testing.T) {
	y := make([]float64, 20)
	for i := range y {
		y[i] = float64(40 - 2*i)
	}
	c := DefaultConfig()
	c.Methods = []Method{ETS}
	f, _ := mustForecast(t, c, Series{Values: y, Season: 1}, 5, nil)
	if !(f.Point[4] < 0) {
		t.Fatalf("got %v, want a forecast below 0 without the setting", f.Point)
	}
	c.NonNegative = true
	f, _ = mustForecast(t, c, Series{Values: y, Season: 1}, 5, nil)
	if f.Point[4] != 0 || f.Intervals[0].Lower[4] != 0 {
		t.Errorf("got %v", f)
	}
}
