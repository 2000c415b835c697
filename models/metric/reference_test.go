package metric

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// tolerance is relative to 1 + |want|: the tools sum in another order.
const tolerance = 1e-12

func near(got, want float64) bool {
	return math.Abs(got-want) <= tolerance*(1+math.Abs(want))
}

type rankingWant struct {
	ROCAUC, AveragePrecision, LogLoss, Brier, BrierSkill, KS, Intercept, Slope, InTheLarge float64
}

type classesWant struct {
	Accuracy, Balanced    float64
	Confusion             [][]float64
	Macro, Weighted       [3]float64
	Precision, Recall, F1 []float64
}

type regressionWant struct{ RMSE, MAE, R2, PoissonDeviance float64 }

type curveWant struct {
	Rows []int
	Gain []float64
}

type references struct {
	Ranking []struct {
		Label, Prob, Weight []float64
		Want, WantWeighted  rankingWant
		Bins                struct {
			Rows                []int
			Predicted, Observed []float64
			ECE                 float64
		}
	}
	Classes struct {
		Actual, Predicted  []int
		Weight             []float64
		Classes            int
		Want, WantWeighted classesWant
	}
	Regression struct {
		Predicted, Actual, Weight []float64
		Want, WantWeighted        regressionWant
	}
	Partitions []struct {
		A, B     []int
		ARI, NMI float64
	}
	Silhouette struct {
		X                    [][]float32
		Label, Codes         []int
		Centres              [][]float64
		Rows, Groups, Simple []float64
		Mean, SimpleMean     float64
	}
	Uplift []struct {
		Uplift, Outcome          []float64
		Treated                  []bool
		QiniCurve, UpliftCurve   curveWant
		SteppedQini, SteppedGain []float64
		Want                     map[string]float64
	}
}

func load(t *testing.T) references {
	t.Helper()
	b, err := os.ReadFile("testdata/reference/metric.json")
	if err != nil {
		t.Fatal(err)
	}
	var r references
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// agree fails unless the figure was computed and is near want.
func agree(t *testing.T, name string, want float64) func(got float64, err error) {
	t.Helper()
	return func(got float64, err error) {
		t.Helper()
		if err != nil || !near(got, want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
	}
}

func agreeAll(t *testing.T, name string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", name, len(got), len(want))
	}
	for i := range got {
		if !near(got[i], want[i]) {
			t.Errorf("%s: value %d: got %v, want %v", name, i+1, got[i], want[i])
		}
	}
}

func TestRankingAgreesWithScikitLearn(t *testing.T) {
	for d, r := range load(t).Ranking {
		check := func(weight []float64, want rankingWant) {
			t.Helper()
			name := func(s string) string { return fmt.Sprintf("%s of data %d, weighted %t", s, d, weight != nil) }
			agree(t, name("ROC AUC"), want.ROCAUC)(ROCAUC(r.Prob, r.Label, weight))
			agree(t, name("average precision"), want.AveragePrecision)(AveragePrecision(r.Prob, r.Label, weight))
			agree(t, name("KS"), want.KS)(KS(r.Prob, r.Label, weight))
			agree(t, name("log-loss"), want.LogLoss)(LogLoss(r.Prob, r.Label, weight))
			agree(t, name("Brier"), want.Brier)(Brier(r.Prob, r.Label, weight))
			agree(t, name("Brier skill"), want.BrierSkill)(BrierSkill(r.Prob, r.Label, weight))
			c, err := FitCalibration(r.Prob, r.Label, weight)
			if !c.Converged {
				t.Errorf("%s: did not converge", name("calibration"))
			}
			agree(t, name("intercept"), want.Intercept)(c.Intercept, err)
			agree(t, name("slope"), want.Slope)(c.Slope, err)
			agree(t, name("in the large"), want.InTheLarge)(c.InTheLarge, err)
		}
		check(nil, r.Want)
		check(r.Weight, r.WantWeighted)
	}
}

func TestReliabilityBinsAgreeWithScikitLearn(t *testing.T) {
	for d, r := range load(t).Ranking {
		bins, err := CalibrationBins(r.Prob, r.Label, 12)
		if err != nil || len(bins) != len(r.Bins.Rows) {
			t.Fatalf("data %d: got %d bins, %v; want %d", d, len(bins), err, len(r.Bins.Rows))
		}
		for i, b := range bins {
			if b.Rows != r.Bins.Rows[i] || !near(b.Predicted, r.Bins.Predicted[i]) || !near(b.Observed, r.Bins.Observed[i]) {
				t.Errorf("data %d, bin %d: got %+v, want %d rows, %v, %v", d, i+1, b, r.Bins.Rows[i], r.Bins.Predicted[i], r.Bins.Observed[i])
			}
		}
		agree(t, "ECE", r.Bins.ECE)(ECE(bins), nil)
	}
}

func TestConfusionAgreesWithScikitLearn(t *testing.T) {
	r := load(t).Classes
	check := func(weight []float64, want classesWant) {
		t.Helper()
		m, err := Confuse(r.Actual, r.Predicted, r.Classes, weight)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, "accuracy", want.Accuracy)(m.Accuracy(), nil)
		agree(t, "balanced accuracy", want.Balanced)(m.BalancedAccuracy(), nil)
		for c := range r.Classes {
			agreeAll(t, "counts", m.Counts[c], want.Confusion[c])
			agree(t, "precision", want.Precision[c])(orZero(m.Precision(c)), nil)
			agree(t, "recall", want.Recall[c])(m.Recall(c), nil)
			agree(t, "F1", want.F1[c])(m.F1(c), nil)
		}
		macro, weighted := m.Macro(), m.Weighted()
		agreeAll(t, "macro", []float64{macro.Precision, macro.Recall, macro.F1}, want.Macro[:])
		agreeAll(t, "weighted", []float64{weighted.Precision, weighted.Recall, weighted.F1}, want.Weighted[:])
	}
	check(nil, r.Want)
	check(r.Weight, r.WantWeighted)
}

func TestRegressionAgreesWithScikitLearn(t *testing.T) {
	r := load(t).Regression
	check := func(weight []float64, want regressionWant) {
		t.Helper()
		agree(t, "RMSE", want.RMSE)(RMSE(r.Predicted, r.Actual, weight))
		agree(t, "MAE", want.MAE)(MAE(r.Predicted, r.Actual, weight))
		agree(t, "R²", want.R2)(R2(r.Predicted, r.Actual, weight))
		agree(t, "Poisson deviance", want.PoissonDeviance)(PoissonDeviance(r.Predicted, r.Actual, weight))
	}
	check(nil, r.Want)
	check(r.Weight, r.WantWeighted)
}

func TestPartitionsAgreeWithScikitLearn(t *testing.T) {
	for i, p := range load(t).Partitions {
		agree(t, fmt.Sprintf("ARI of pair %d", i), p.ARI)(AdjustedRand(p.A, p.B))
		agree(t, fmt.Sprintf("NMI of pair %d", i), p.NMI)(NMI(p.A, p.B))
	}
}

func TestSilhouetteAgreesWithScikitLearn(t *testing.T) {
	r := load(t).Silhouette
	x := models.Matrix{Cols: r.X}
	for _, workers := range []int{1, 2, 8} {
		s, err := Silhouette(context.Background(), x, r.Label, workers)
		if err != nil {
			t.Fatal(err)
		}
		agreeAll(t, "rows", s.Rows, r.Rows)
		agreeAll(t, "groups", s.Groups, r.Groups)
		agree(t, "mean", r.Mean)(s.Mean, nil)
		simple, err := SimplifiedSilhouette(context.Background(), x, r.Codes, r.Centres, workers)
		if err != nil {
			t.Fatal(err)
		}
		agreeAll(t, "simplified rows", simple.Rows, r.Simple)
		agree(t, "simplified mean", r.SimpleMean)(simple.Mean, nil)
	}
}

func TestUpliftAgreesWithScikitUpliftAndCausalML(t *testing.T) {
	for d, r := range load(t).Uplift {
		trial := Trial{r.Uplift, r.Outcome, r.Treated}
		curve := func(name string, f func(Trial, Convention) ([]UpliftPoint, error), c Convention, want curveWant) {
			t.Helper()
			points, err := f(trial, c)
			if err != nil || len(points) != len(want.Gain) {
				t.Fatalf("%s of data %d: got %d points, %v; want %d", name, d, len(points), err, len(want.Gain))
			}
			for i, p := range points {
				if want.Rows != nil && p.Rows != want.Rows[i] || !near(p.Gain, want.Gain[i]) {
					t.Errorf("%s of data %d, point %d: got %+v, want %v", name, d, i, p, want.Gain[i])
				}
			}
		}
		curve("Qini curve", QiniCurve, DistinctThresholds, r.QiniCurve)
		curve("uplift curve", UpliftCurve, DistinctThresholds, r.UpliftCurve)
		agree(t, "Qini", r.Want["qini"])(QiniAUC(trial, DistinctThresholds))
		agree(t, "AUUC", r.Want["auuc"])(AUUC(trial, DistinctThresholds))
		if r.SteppedQini == nil {
			continue // causalml leaves the order of ties to its sort
		}
		curve("stepped Qini curve", QiniCurve, RowStepped, curveWant{Gain: r.SteppedQini})
		curve("stepped uplift curve", UpliftCurve, RowStepped, curveWant{Gain: r.SteppedGain})
		agree(t, "stepped Qini", r.Want["steppedQini"])(QiniAUC(trial, RowStepped))
		agree(t, "stepped AUUC", r.Want["steppedAUUC"])(AUUC(trial, RowStepped))
		for _, k := range []float64{0.1, 0.3, 0.55} {
			if want, ok := r.Want[fmt.Sprintf("overall%g", k)]; !ok || math.IsNaN(want) {
				t.Fatalf("no reference for a share of %g", k)
			}
			agree(t, "overall uplift", r.Want[fmt.Sprintf("overall%g", k)])(UpliftAt(trial, k, Overall))
			agree(t, "uplift by arm", r.Want[fmt.Sprintf("byArm%g", k)])(UpliftAt(trial, k, ByArm))
		}
	}
}
