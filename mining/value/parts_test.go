package value

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models/lifetime"
)

func TestWindowsLieBeforeTheHoldout(t *testing.T) {
	first := datasets.DayOf(2010, 12, 1)
	f := func(asOf, holdout, cut, learn datasets.Day, days ...datasets.Day) {
		t.Helper()
		w := newWindows(first, asOf, holdout)
		if w.cut != cut || w.learn != learn || !slices.Equal(w.days, days) {
			t.Errorf("got the cut %v, windows of %d days and the days %v; want %v, %d and %v", w.cut, w.learn, w.days, cut, learn, days)
		}
	}
	// a hold-out of 100 days, and windows as long that begin every 50 days after a month
	f(first+373, 100, first+273, 100, first+73, first+123, first+173, first+223, first+273)
	// auto: a third
	f(first+299, 0, first+199, 99, first+52, first+101, first+150, first+199)
	// the days before are fewer than two windows
	f(first+373, 273, first+100, 50, first+50, first+75, first+100)
	// too little to learn from
	f(first+60, 0, first+30, 15, first+30)
	f(first+40, 0, first+10, 0, first+10)
	// auto is at most a year, and the season of a year ago is among the days
	w := newWindows(first, first+2000, 0)
	if w.holdout() != 365 || !slices.Contains(w.days, w.cut-365) || w.learn != 365 {
		t.Errorf("got %d days and %v", w.holdout(), w.days)
	}
	for k, d := range w.days[:w.over(w.cut)] {
		if d+w.learn > w.cut {
			t.Errorf("day %d: the window of %v is not over by %v", k, d, w.cut)
		}
	}
}

func TestSeasonSharesItsQuarters(t *testing.T) {
	day := datasets.DayOf(2011, 9, 15)
	s := seasonOf(day, day, 30) // 15 days of September, 15 of October
	if s.quarters != [4]float64{0, 0, 0.5, 0.5} && math.Abs(s.quarters[2]-0.5)+math.Abs(s.quarters[3]-0.5) > 1e-12 {
		t.Errorf("got %v, want a half in each of the last quarters", s.quarters)
	}
	same := func(day, target datasets.Day) float32 { s := seasonOf(day, target, 30); return s.same }
	if same(day-365, day) != 1 || same(day-320, day) != 1 || same(day-410, day) != 1 || same(day-300, day) != 0 || same(day-180, day) != 0 {
		t.Error("got another season for a window a year ago, or the same for one of another time of the year")
	}
	habit := s.habit([4][]float32{{0}, {0.25}, {0.25}, {0.5}}, 0)
	if math.Abs(float64(habit)-0.375) > 1e-6 {
		t.Errorf("got a habit of %v, want 0.375", habit)
	}
}

func TestBoundsCoverWhatTheyWereMadeFrom(t *testing.T) {
	var predicted, actual []float64
	for i := range 1000 {
		predicted = append(predicted, float64(1+i))
		actual = append(actual, float64(1+i)*float64(i%10)/5) // a tenth nothing, the most 1.8 of what was predicted
	}
	c := newConformal(predicted, actual, 0.8)
	if err := c.validate(); err != nil {
		t.Fatal(err)
	}
	inside := 0
	for i, p := range predicted {
		if low, high := c.bounds(p); actual[i] >= low && actual[i] <= high {
			inside++
		}
	}
	if inside < 790 || inside > 910 {
		t.Errorf("got %d of 1,000 inside, want 800 and what ties add", inside)
	}
	if low, high := newConformal(nil, nil, 0.8).bounds(5); low != 0 || high != 0 {
		t.Errorf("got %v to %v from nothing", low, high)
	}
}

func TestDiscountIsYearly(t *testing.T) {
	f := func(days float64, months int, monthDays, rate float64) {
		t.Helper()
		d := discount(days, 0.1)
		if d.Months != months || math.Abs(d.MonthLength*week-monthDays) > 1e-9 || math.Abs(d.YearlyRate-rate) > 1e-12 {
			t.Errorf("%v days: got %+v, want %d months of %v days at %v", days, d, months, monthDays, rate)
		}
	}
	f(365.25, 12, 365.25/12, 0.1)
	f(730.5, 24, 365.25/12, 0.1)
	f(30, 1, 30, math.Pow(1.1, 30*12/365.25)-1)
	f(1, 1, 1, math.Pow(1.1, 12/365.25)-1)
}

func TestErrorsAndRatiosByHand(t *testing.T) {
	rmse, ratio := errorOf([]float64{1, 2, 3}, []float64{1, 4, 1})
	if math.Abs(rmse-math.Sqrt(8.0/3)) > 1e-15 || ratio != 1 {
		t.Errorf("got %v and %v, want %v and 1", rmse, ratio, math.Sqrt(8.0/3))
	}
	if _, ratio := errorOf([]float64{1}, []float64{0}); !math.IsNaN(ratio) {
		t.Errorf("got the ratio %v of nothing, want NaN", ratio)
	}
	prob, bought := make([]float64, 20), make([]float64, 20)
	for i := range prob {
		prob[i] = 0.25
		bought[i] = float64(i % 2)
	}
	if got := calibration(prob, bought); math.Abs(got-0.25) > 1e-15 {
		t.Errorf("got a calibration error of %v, want 0.25", got)
	}
}

// made returns customers who buy every few weeks, and who stop.
func made(n int) customers {
	c := customers{mean: make([]float64, n)}
	for i := range n {
		x := float64(i % 7)
		c.X, c.T = append(c.X, x), append(c.T, float64(20+i%30))
		c.Tx = append(c.Tx, x*float64(1+i%3))
		if x > 0 {
			c.mean[i] = float64(10 + (i*37)%50)
		}
	}
	return c
}

func TestModelComesBackToTheLastBit(t *testing.T) {
	ctx, c := context.Background(), made(400)
	l, err := fitLife(ctx, mbgnbd, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if l.Spend, l.Mean, _, err = fitSpend(ctx, c, 1); err != nil || l.Spend == nil {
		t.Fatal(err)
	}
	m := &Model{HorizonDays: 365.25, Discount: 0.1, Margin: 0.3, Interval: 0.8, Money: true, Life: l}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	again := new(Model)
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	if err := again.Validate(); err != nil {
		t.Fatal(err)
	}
	column := func(name string) []float64 {
		out := make([]float64, len(c.X))
		for i := range out {
			switch name {
			case "btyd_x":
				out[i] = c.X[i]
			case "btyd_t_x":
				out[i] = c.Tx[i] * week
			case "btyd_t":
				out[i] = c.T[i] * week
			case "btyd_money":
				out[i] = c.mean[i]
			}
		}
		return out
	}
	seeds := rowSeeds(len(c.X), 1)
	a, err1 := m.value(ctx, column, seeds, 1)
	b, err2 := again.value(ctx, column, seeds, 2)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if !slices.Equal(a.worth, b.worth) || !slices.Equal(a.low, b.low) || !slices.Equal(a.high, b.high) || !slices.Equal(a.any, b.any) {
		t.Error("got other values from the model read back")
	}
	for i := range a.worth {
		if !(a.worth[i] > 0 && a.low[i] >= 0 && a.low[i] <= a.high[i]) {
			t.Fatalf("customer %d: got the value %v in %v to %v", i, a.worth[i], a.low[i], a.high[i])
		}
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"lifetime": {}}`,
		`{"horizon_days": 365.25, "interval": 0.8, "margin": 1, "lifetime": {"kind": "mbgnbd", "mean": -1}}`,
	} {
		m := new(Model)
		if err := json.Unmarshal([]byte(text), m); err == nil && m.Validate() == nil {
			t.Errorf("%s: got no error", text)
		}
	}
	if err := (&learned{Window: 30}).validate(false); err == nil {
		t.Error("got no error of a learned model without trees")
	}
}

func TestTrackingAddsUpCustomersByTheirAge(t *testing.T) {
	ctx, c := context.Background(), made(400)
	l, err := fitLife(ctx, bgnbd, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr := &tracker{first: 100, cut: 109, asOf: 116} // 17 days: two weeks and a part
	tr.workers = []*tally{nil, {won: make([]int64, 17), repeats: make([]int64, 17)}}
	tr.workers[1].won[0], tr.workers[1].won[8] = 5, 2
	tr.workers[1].repeats[3], tr.workers[1].repeats[7], tr.workers[1].repeats[16] = 1, 4, 2
	got, err := tr.track(ctx, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.actual, []int64{1, 4, 2}) || !slices.Equal(got.through, []datasets.Day{106, 113, 116}) {
		t.Errorf("got %v by %v, want 1, 4 and 2", got.actual, got.through)
	}
	for k, ages := range [][2]float64{{6, -1}, {13, 5}, {16, 8}} {
		want := 5 * expected(t, l, ages[0])
		if ages[1] >= 0 {
			want += 2 * expected(t, l, ages[1])
		}
		if math.Abs(got.expected[k]-want) > 1e-12 {
			t.Errorf("week %d: got %v, want %v", k+1, got.expected[k], want)
		}
	}
}

// expected returns the mean repeat purchases of a customer so many days after the first.
func expected(t *testing.T, l *life, days float64) float64 {
	t.Helper()
	dst := make([]float64, 1)
	fresh := lifetime.Customers{X: make([]float64, 1), Tx: make([]float64, 1), T: make([]float64, 1)}
	if err := l.Orders.ExpectedTo(context.Background(), dst, fresh, days/week, 1); err != nil {
		t.Fatal(err)
	}
	return dst[0]
}
