package churn

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models/metric"
)

// ratesOf returns rates a horizon of 90 days apart, of 10,000 customers each.
func ratesOf(churned ...int64) []BaseRate {
	var out []BaseRate
	for k, n := range churned {
		out = append(out, BaseRate{start + datasets.Day(90*k), 10_000, n, float64(n) / 10_000})
	}
	return out
}

func TestATrendMovesOneWayAndFartherThanChance(t *testing.T) {
	f := func(want bool, churned ...int64) {
		t.Helper()
		if got := trending(ratesOf(churned...)); got != want {
			t.Errorf("%v: got %v, want %v", churned, got, want)
		}
	}
	f(true, 3000, 3300, 3600)
	f(true, 3600, 3300, 3000)
	f(false, 3000, 3600, 3500)
	f(false, 3000, 3060, 3120) // 0.012 with a deviation of 0.0065: 1.86 deviations
	f(true, 3000, 3070, 3140)
	f(true, 3000, 3300)
	f(false, 3000, 3000)
	f(false, 3000)
	f(false)
}

func TestForecastByHand(t *testing.T) {
	// Log-odds −1.0986, −0.8472 and −0.4055 of 1/4, 3/10 and 2/5. The drift is
	// (1.0986 − 0.4055)/2 = 0.3466 a horizon, so the next log-odds are −0.0589.
	// The steps 0.2513 and 0.4418 leave ∓0.0952: s² = 2·0.0952²/1, s = 0.1347 a
	// horizon. t of one degree at 0.9 is tan(0.4π) = 3.0777: the margin is
	// 3.0777 · 0.1347 · √(1 + ½) = 0.5077.
	got := config().forecast(ratesOf(2500, 3000, 4000))
	want := Forecast{Cutoff: start + 270, Rate: 0.48528, Low: 0.36203, High: 0.61038}
	if got == nil || got.Cutoff != want.Cutoff || math.Abs(got.Rate-want.Rate) > 2e-4 || math.Abs(got.Low-want.Low) > 2e-4 || math.Abs(got.High-want.High) > 2e-4 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := config().forecast(ratesOf(2500, 3000)); got != nil {
		t.Errorf("got %+v of two rates, which have no interval", got)
	}
	if got := config().forecast(ratesOf(2500, 3000, 2900)); got != nil {
		t.Errorf("got %+v of rates that do not move one way", got)
	}
	var read Forecast
	text, err := json.Marshal(want)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil || read != want {
		t.Errorf("got %+v, %v from %s; want %+v", read, err, text, want)
	}
}

// drifting draws cohorts whose log-odds move by step from each to the next.
func drifting(n int, seed uint64, levels ...float64) []Cohort {
	var out []Cohort
	for k, level := range levels {
		c, _ := cohort(k, n, func(row []float32) float64 { return linearTruth(row) + level }, 0.05, seed)
		out = append(out, c)
	}
	return out
}

func TestTheLevelFollowsADriftThatGoesOn(t *testing.T) {
	c := config()
	c.Models = []string{Logistic}
	data := drifting(4000, 41, 0, 0.4, 0.8, 1.2)
	f := fit(t, c, data)
	if f.Forecast == nil || !f.Forecast.Followed {
		t.Fatalf("got the forecast %+v, want one that is followed", f.Forecast)
	}
	prob, _ := score(t, f.Model, data[3].X, 1)
	if got := average(prob); math.Abs(got-f.Forecast.Rate) > 1e-4 {
		t.Errorf("got the mean %v on the newest cohort, want the forecast %v", got, f.Forecast.Rate)
	}
	next := drifting(4000, 41, 0, 0, 0, 0, 1.6)[4]
	if f.Forecast.Low > f.Forecast.Rate || f.Forecast.High < f.Forecast.Rate {
		t.Errorf("got %+v, want the rate within the interval", f.Forecast)
	}
	if rate := float64(next.ChurnedAll) / 4000; rate < f.Forecast.Low || rate > f.Forecast.High {
		t.Errorf("got %+v, want the rate that came, %v, within", f.Forecast, rate)
	}
	// Against the same model at the level of the newest cohort.
	ctx := context.Background()
	raw, err := scores(ctx, f.Model.ranker, data[3].X, 1)
	if err != nil {
		t.Fatal(err)
	}
	kept := *f.Model
	if kept.calibration, err = kept.calibration.levelled(raw, f.BaseRates[3].Rate); err != nil {
		t.Fatal(err)
	}
	label := make([]float64, len(next.Churned))
	for i, left := range next.Churned {
		label[i] = number(left)
	}
	loss := func(m *Model) float64 {
		prob, _ := score(t, m, next.X, 1)
		v, err := metric.LogLoss(prob, label, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if with, without := loss(f.Model), loss(&kept); !(with < without) {
		t.Errorf("got log-loss %.4f with the drift followed and %.4f without, want less", with, without)
	}
}

func TestADriftThatTurnedIsNotFollowed(t *testing.T) {
	c := config()
	c.Models = []string{Logistic}
	if f := fit(t, c, drifting(3000, 42, 0, 0.5, 1, 0.4)); f.Forecast != nil {
		t.Errorf("got %+v, want no forecast of rates that turn", f.Forecast)
	}
	// Up by much, then hardly: the forecast from the first two would have
	// gone much too far.
	f := fit(t, c, drifting(3000, 43, 0, 1.2, 1.3))
	if f.Forecast == nil || f.Forecast.Followed {
		t.Errorf("got %+v, want a forecast that is not followed", f.Forecast)
	}
}
