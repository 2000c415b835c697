package churn

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models"
)

// everyone makes all customers of a cohort leave.
func everyone(c *Cohort) {
	c.Churned = slices.Repeat([]bool{true}, len(c.Churned))
	c.ChurnedAll = c.Customers
}

// empty returns a cohort of the same features without customers.
func empty(like Cohort, cutoff datasets.Day) Cohort {
	return Cohort{Cutoff: cutoff, X: like.X.Slice(0, 0)}
}

func TestTooLittleDataIsSaidWithTheNumbers(t *testing.T) {
	f := func(name string, data []Cohort, want ...string) {
		t.Helper()
		got, err := config().Fit(context.Background(), data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.State != Insufficient || got.Model != nil || got.Champion != "" || got.Candidates != nil {
			t.Errorf("%s: got %+v, want no model", name, got)
		}
		for _, part := range want {
			if !strings.Contains(got.Message, part) {
				t.Errorf("%s: got %q, want it to name %q", name, got.Message, part)
			}
		}
		if len(got.Warnings) != 1 || got.Warnings[0].Code != "insufficient_data" {
			t.Errorf("%s: got warnings %v, want insufficient_data", name, got.Warnings)
		}
	}
	few := cohorts(2, 499, linearTruth, 3)
	f("499 customers", few, "2020-03-31", "499 customers", "at least 500 customers")

	silent := cohorts(3, 600, linearTruth, 3)
	everyone(&silent[2])
	f("nobody bought after the newest cutoff", silent, "of 600 customers 600 bought nothing in the horizon and 0 did")

	one := cohorts(2, 600, linearTruth, 3)
	one[0] = empty(one[0], one[0].Cutoff)
	f("nothing before the newest cutoff", one, "2020-01-01", "of 0 customers")

	none := cohorts(2, 600, linearTruth, 3)
	none[0], none[1] = empty(none[0], none[0].Cutoff), empty(none[1], none[1].Cutoff)
	f("no customers at all", none, "2020-03-31", "of 0 customers")
	if got, err := config().Fit(context.Background(), none); err != nil || len(got.BaseRates) != 0 {
		t.Errorf("got base rates %v, %v of no customers, want none", got.BaseRates, err)
	}
}

func TestCohortsBeforeTheDataBeginsAreLeftOut(t *testing.T) {
	data := cohorts(3, 1500, linearTruth, 4)
	want := fit(t, config(), data)
	early := slices.Concat([]Cohort{empty(data[0], start-180)}, data)
	got := fit(t, config(), early)
	if got.AUC != want.AUC || got.LogLoss != want.LogLoss {
		t.Errorf("got AUC %v, log-loss %v with an empty cohort before; want %v, %v as without", got.AUC, got.LogLoss, want.AUC, want.LogLoss)
	}
	if len(got.Warnings) == 0 || got.Warnings[0].Code != "cohort_dropped" || !strings.Contains(got.Warnings[0].Message, "2019-07-05") {
		t.Errorf("got warnings %v, want cohort_dropped first, with the cutoff", got.Warnings)
	}
	if len(got.BaseRates) != 3 {
		t.Errorf("got %d base rates, want those of the 3 cutoffs with customers", len(got.BaseRates))
	}
}

func TestBaseRatesCountAllCustomersWhateverTheSample(t *testing.T) {
	data := cohorts(2, 800, linearTruth, 4)
	data[0].Customers, data[0].ChurnedAll = 10_000, 2_500
	f := fit(t, config(), data)
	want := BaseRate{data[0].Cutoff, 10_000, 2_500, 0.25}
	if f.BaseRates[0] != want {
		t.Errorf("got %+v, want %+v", f.BaseRates[0], want)
	}
}

func TestLabelsThatLookIntoLaterFeaturesAreRefused(t *testing.T) {
	data := cohorts(3, 600, linearTruth, 5)
	if _, err := config().Fit(context.Background(), data); err != nil {
		t.Fatalf("90 days apart with a horizon of 90: %v", err)
	}
	data[2].Cutoff--
	_, err := config().Fit(context.Background(), data)
	var fault *models.ConfigError
	if !errors.As(err, &fault) || fault.Field != "cohorts[2].cutoff" {
		t.Fatalf("got %v, want a *models.ConfigError of cohorts[2].cutoff", err)
	}
	if want := "models: cohorts[2].cutoff: got 2020-06-28, want 2020-06-29 or later, when the 90 days after the cutoff before, 2020-03-31, are over"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	slices.Reverse(data)
	if _, err := config().Fit(context.Background(), data); !errors.As(err, &fault) {
		t.Errorf("newest first: got %v, want a *models.ConfigError", err)
	}
}

func TestCohortsThatContradictThemselvesAreRefused(t *testing.T) {
	f := func(name, want string, change func([]Cohort)) {
		t.Helper()
		data := cohorts(2, 600, linearTruth, 6)
		change(data)
		if _, err := config().Fit(context.Background(), data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, want)
		}
	}
	f("labels missing", "churned: got length 599, want 600", func(d []Cohort) { d[1].Churned = d[1].Churned[1:] })
	f("other features", "cohorts[1]: got other features", func(d []Cohort) { d[1].X.Names = slices.Concat([]string{"x"}, d[1].X.Names[1:]) })
	f("no names", "cohorts[0]: got no named columns", func(d []Cohort) { d[0].X.Names = nil })
	f("a name twice", `"feature_1" twice`, func(d []Cohort) {
		for k := range d {
			d[k].X.Names = slices.Concat([]string{"feature_1"}, d[k].X.Names[1:])
		}
	})
	f("more rows than customers", "got 10 customers, 5 of them churned, for 600 rows", func(d []Cohort) { d[1].Customers, d[1].ChurnedAll = 10, 5 })
	f("more churned than customers", "got 600 customers, 601 of them churned", func(d []Cohort) { d[1].ChurnedAll = 601 })
	f("uneven columns", "cohorts[1]: models: column 2", func(d []Cohort) { d[1].X.Cols[1] = d[1].X.Cols[1][1:] })
	f("an infinity", `column 3 ("feature_2"): got +Inf`, func(d []Cohort) { d[1].X.Cols[2][7] = float32(math.Inf(1)) })
}

func TestOneCohortIsRefused(t *testing.T) {
	var fault *models.ConfigError
	if _, err := config().Fit(context.Background(), cohorts(1, 600, linearTruth, 7)); !errors.As(err, &fault) || fault.Field != "cohorts" {
		t.Errorf("got %v, want a *models.ConfigError of cohorts", err)
	}
}

func TestValidateReportsAllFaults(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	err := Config{Models: []string{"boost", "forest", "boost"}, Reasons: -1}.Validate()
	for _, field := range []string{"horizon_days", "models[1]", "models[2]", "reasons", "workers"} {
		if err == nil || !strings.Contains(err.Error(), "models: "+field+": ") {
			t.Errorf("got %v, want a fault of %s", err, field)
		}
	}
	if err := (Config{HorizonDays: 1, Workers: 1}).Validate(); err == nil {
		t.Error("got no fault without models")
	}
}

func TestCancellingEndsAFit(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := config().Fit(ctx, cohorts(2, 600, linearTruth, 8)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
