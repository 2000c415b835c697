package churn

import (
	"math"
	"testing"

	"github.com/quintile-dev/quintile/models/metric"
)

func candidate(t *testing.T, f *Findings, name string) Candidate {
	t.Helper()
	for _, c := range f.Candidates {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("got no candidate %s", name)
	return Candidate{}
}

func TestLinearTruthIsRankedAsWellAsItCanBeAndCalibrated(t *testing.T) {
	var data []Cohort
	var prob []float64
	for k := range 3 {
		c, p := cohort(k, 8000, linearTruth, 0, 1)
		data, prob = append(data, c), p
	}
	label := make([]float64, len(prob))
	for i, left := range data[2].Churned {
		label[i] = number(left)
	}
	bayes, err := metric.ROCAUC(prob, label, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := fit(t, config(), data)
	t.Logf("Bayes %.4f; %+v; slope %.3f, intercept %.3f, ECE %.4f", bayes, f.Candidates, f.CalibrationSlope, f.CalibrationIntercept, f.ECE)
	if f.State != OK || f.Champion != Logistic {
		t.Errorf("got %s, champion %s; want %s, %s", f.State, f.Champion, OK, Logistic)
	}
	if f.AUC < bayes-0.005 || f.AUC > bayes+0.001 {
		t.Errorf("AUC: got %.4f, want about that of the truth, %.4f", f.AUC, bayes)
	}
	if f.ECE > 0.03 || math.Abs(f.CalibrationSlope-1) > 0.1 || math.Abs(f.CalibrationIntercept) > 0.15 {
		t.Errorf("got ECE %.4f, slope %.3f, intercept %.3f; want about 0, 1, 0", f.ECE, f.CalibrationSlope, f.CalibrationIntercept)
	}
	if f.Importance[0].Feature != "feature_0" || f.Importance[1].Feature != "feature_1" {
		t.Errorf("importance: got %v, want feature_0 and feature_1 first", f.Importance)
	}
}

func TestBoostingWinsWhereFeaturesInteract(t *testing.T) {
	f := fit(t, config(), cohorts(3, 4000, interactingTruth, 2))
	l, b := candidate(t, f, Logistic), candidate(t, f, Boost)
	t.Logf("%+v", f.Candidates)
	if f.Champion != Boost || b.AUC < l.AUC+0.2 {
		t.Errorf("got champion %s, AUC %.3f of boosting and %.3f of the regression, want boosting far ahead", f.Champion, b.AUC, l.AUC)
	}
}
