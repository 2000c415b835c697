package churn

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models/metric"
)

// reversed is a truth that tells the opposite of another.
func reversed(f truth) truth { return func(row []float32) float64 { return -f(row) } }

func TestWithoutASignalEveryoneGetsTheBaseRateAndNoReasons(t *testing.T) {
	data := cohorts(3, 1500, linearTruth, 31)
	data[2], _ = cohort(2, 1500, reversed(linearTruth), 0.05, 31)
	f := fit(t, config(), data)
	rate := float64(churned(data[2].Churned)) / 1500
	if f.State != NoSignal || f.AUC != 0.5 || math.Abs(f.PRAUC-rate) > 1e-12 || len(f.Importance) > 0 {
		t.Errorf("got %s, AUC %v, PR AUC %v, importance %v; want %s, 0.5, the base rate %v, none", f.State, f.AUC, f.PRAUC, f.Importance, NoSignal, rate)
	}
	for _, c := range f.Candidates {
		if c.Calibration != flat || c.AUC != 0.5 {
			t.Errorf("got %+v, want flat at 0.5", c)
		}
	}
	if w := f.Warnings[0]; w.Code != "no_signal" || !strings.Contains(w.Message, "base rate") {
		t.Errorf("got warnings %v, want no_signal first", f.Warnings)
	}
	text, err := json.Marshal(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	read := new(Model)
	if err := json.Unmarshal(text, read); err != nil {
		t.Fatal(err)
	}
	prob, reasons := score(t, read, data[0].X, 2)
	for i, p := range prob {
		if math.Abs(p-rate) > 1e-12 {
			t.Fatalf("customer %d: got %v, want the base rate %v", i+1, p, rate)
		}
	}
	for i, r := range reasons {
		if r.Feature != -1 {
			t.Fatalf("reason %d: got feature %d, want none", i+1, r.Feature)
		}
	}
}

func TestAModelThatRanksIsNotTurnedRoundByTheOldestCohort(t *testing.T) {
	// What the oldest cohort tells is the opposite of what the others do, and
	// is drowned by the second.
	data := cohorts(3, 4000, linearTruth, 32)
	data[0], _ = cohort(0, 600, reversed(linearTruth), 0.05, 32)
	c := config()
	c.Models = []string{Logistic}
	f := fit(t, c, data)
	if f.State != OK || f.AUC < 0.78 {
		t.Errorf("got %s, AUC %.4f; want ok, about 0.80", f.State, f.AUC)
	}
	if rate := f.BaseRates[1].Rate; math.Abs(f.LogLoss+rate*math.Log(rate)+(1-rate)*math.Log(1-rate)) > 0.01 {
		t.Errorf("got log-loss %.4f, want that of one rate for all, as the rehearsal knew no curve", f.LogLoss)
	}
	prob, _ := score(t, f.Model, data[2].X, 1)
	if low, high := byLabel(prob, data[2].Churned); !(low < high) {
		t.Errorf("got mean probabilities %.3f of those who stayed, %.3f of those who left", low, high)
	}
}

// byLabel returns the mean probability of those who stayed and of those who left.
func byLabel(prob []float64, left []bool) (stayed, gone float64) {
	var n [2]float64
	var sum [2]float64
	for i, p := range prob {
		k := int(number(left[i]))
		n[k]++
		sum[k] += p
	}
	return sum[0] / n[0], sum[1] / n[1]
}

// On CDNOW, the oldest cutoff knows six days. What is learned from it ranks the
// next cohort the wrong way round: with a falling curve, an AUC of 0.253.
func TestCDNOWAfterNineMonthsIsNotTurnedRound(t *testing.T) {
	const horizon = 90
	asOf := datasets.DayOf(1997, 10, 3)
	c := config()
	c.Models = []string{Logistic}
	data := cdnow(t).cohorts(t, features.Amount|features.Units, horizon, rolling(asOf, horizon, 3)...)
	f := fit(t, c, data)
	logFindings(t, f)
	if f.State != OK || f.AUC < 0.74 {
		t.Errorf("got %s, AUC %.4f; want ok, at least 0.74", f.State, f.AUC)
	}
	prob, _ := score(t, f.Model, data[2].X, 2)
	label := make([]float64, len(prob))
	for i, left := range data[2].Churned {
		label[i] = number(left)
	}
	auc, err := metric.ROCAUC(prob, label, nil)
	if err != nil || auc < 0.75 {
		t.Errorf("got AUC %.4f, %v of the published probabilities on the newest cohort, want at least 0.75", auc, err)
	}
	for k := range data {
		data[k].Since = datasets.DayOf(1997, 1, 1)
	}
	if f = fit(t, c, data); f.State != OK || f.AUC < 0.74 || f.Warnings[0].Code != "cohort_dropped" {
		t.Errorf("without the cutoff of six days: got %s, AUC %.4f, warnings %v; want ok, at least 0.74, cohort_dropped", f.State, f.AUC, f.Warnings)
	}
	logFindings(t, f)
}

func TestCutoffsWithHardlyAnyHistoryAreNotLearnedFrom(t *testing.T) {
	data := cohorts(3, 800, linearTruth, 33)
	since := func(day datasets.Day) []Cohort {
		for k := range data {
			data[k].Since = day
		}
		return data
	}
	f := fit(t, config(), since(start-44)) // 45 days with the cutoff: half of 90
	if len(f.Warnings) > 0 && f.Warnings[0].Code == "cohort_dropped" {
		t.Errorf("45 days: got %v, want none dropped", f.Warnings[0])
	}
	f = fit(t, config(), since(start-43))
	want := "a cutoff is not learned from: at 2020-01-01, the history is 44 days old, of at least 45 (30, or half the horizon)"
	if len(f.Warnings) == 0 || f.Warnings[0].Code != "cohort_dropped" || f.Warnings[0].Message != want {
		t.Errorf("44 days: got %v, want %q", f.Warnings, want)
	}
	got, err := config().Fit(context.Background(), since(start+90-43))
	if err != nil || got.State != Insufficient || !strings.Contains(got.Message, "at 2020-03-31, the history is 44 days old") {
		t.Errorf("44 days at the second of three: got %s, %q, %v; want insufficient_data", got.State, got.Message, err)
	}
	c := config()
	c.HorizonDays = 20
	if n := c.historyDays(); n != 30 {
		t.Errorf("a horizon of 20 days: got %d, want 30", n)
	}
}
