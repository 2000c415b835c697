package lifecycle_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
)

// Stages of Online Retail, reckoned with pandas.
func TestStagesOfOnlineRetail(t *testing.T) {
	first := run(t, "2011-09-10", [3]float64{106, 63, 124}, map[string]any{
		"signing": 624, "growth": 622, "maturity": 277, "decline": 1449, "termination": 398})
	got := first.Manifest.Steps["lifecycle"]
	f := func(stage string, days, open, money float64) {
		t.Helper()
		of := func(figure string) float64 { return got[figure].(map[string]any)[stage].(float64) }
		if math.Abs(of("mean_days")-days) > 5e-7 || of("open_days") != open || math.Abs(of("money")-money) > 1e-6 {
			t.Errorf("%s: got %v days, %v open, money %v; want %v, %v, %v", stage, of("mean_days"), of("open_days"), of("money"), days, open, money)
		}
	}
	f("decline", 3.012422, 118, 274125.64)
	f("growth", 5.125402, 22, 867333)
	f("maturity", 7.072202, 25, 444208.41)
	f("signing", 1.237179, 44, 258949.841)
	f("termination", 1.314070, 247, 0)

	last := run(t, "2011-12-10", [3]float64{104, 70, 155}, map[string]any{
		"signing": 987, "growth": 1281, "maturity": 267, "decline": 1090, "termination": 713})
	next(t, first, last)

	run(t, "2011-06-10", [3]float64{95, 55, 103}, map[string]any{
		"signing": 1004, "growth": 479, "maturity": 229, "decline": 1059, "termination": 40})
}

// run runs the step at a day, and compares g50, g80, g95 and the sizes.
func run(t *testing.T, asOf string, gaps [3]float64, sizes map[string]any) *pipeline.Result {
	t.Helper()
	r := stepcheck.OnlineRetail(t, asOf, stepcheck.CleanRetail, "{lifecycle: {}}")
	got := r.Manifest.Steps["lifecycle"]
	if fmt.Sprint(got["sizes"]) != fmt.Sprint(sizes) {
		t.Errorf("%s: got the sizes %v, want %v", asOf, got["sizes"], sizes)
	}
	for k, name := range []string{"g50", "g80", "g95"} {
		if got[name] != gaps[k] {
			t.Errorf("%s: got %s %v, want %v", asOf, name, got[name], gaps[k])
		}
	}
	return r
}

// next looks at who of each stage bought in the 90 days after 2011-09-10.
func next(t *testing.T, first, last *pipeline.Result) {
	t.Helper()
	recency := map[string]string{}
	ids, days := stepcheck.Cells(t, last.Folder, "customer"), stepcheck.Cells(t, last.Folder, "recency_days")
	for i, id := range ids {
		recency[id] = days[i]
	}
	all, bought := map[string]int{}, map[string]int{}
	ids, stages := stepcheck.Cells(t, first.Folder, "customer"), stepcheck.Cells(t, first.Folder, "lifecycle_stage")
	for i, id := range ids {
		since, err := strconv.ParseFloat(recency[id], 64)
		if err != nil {
			t.Fatal(err)
		}
		all[stages[i]]++
		if since <= 90 { // 2011-09-11 or later, seen from 2011-12-10
			bought[stages[i]]++
		}
	}
	for stage, want := range map[string]float64{
		"decline": 0.550725, "growth": 0.747588, "maturity": 0.808664, "signing": 0.483974, "termination": 0.331658,
	} {
		if got := float64(bought[stage]) / float64(all[stage]); math.Abs(got-want) > 5e-7 {
			t.Errorf("%s: got %v who bought afterwards, want %v", stage, got, want)
		}
	}
}
