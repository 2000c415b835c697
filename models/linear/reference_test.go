package linear

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// What the tools' own stopping rules leave open, relative to 1 + |want|.
const (
	iterated  = 1e-6 // scikit-learn
	converged = 1e-9 // statsmodels at tolerance 1e-14
)

type inference struct {
	Coefficients, StdErrors, Z, P []float64
	LogLikelihood                 float64
}

type penalised struct {
	L1, L2       float64
	Coefficients []float64
}

type isotonicReference struct{ Scores, Values, At, Predicted []float64 }

type references struct {
	X                  [][]float32
	Yes, Count, Weight []float64
	Plain              struct{ Logistic, LogisticWeighted, Poisson, PoissonWeighted inference }
	Logistic           []penalised
	LogisticWeighted   []penalised
	Poisson            []penalised
	PoissonWeighted    []penalised
	Calibration        struct {
		Score, Label, Weight       []float64
		Platt, PlattWeighted       [2]float64
		Isotonic, IsotonicWeighted isotonicReference
	}
}

func loadReferences(t *testing.T) references {
	t.Helper()
	b, err := os.ReadFile("testdata/reference/linear.json")
	if err != nil {
		t.Fatal(err)
	}
	var r references
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func agree(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: got %d values, want %d", name, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("%s: value %d: got %v, want %v", name, i+1, got[i], want[i])
		}
	}
}

// values returns one field of the intercept and of the columns.
func values(m *Model, field func(Coefficient) float64) []float64 {
	out := []float64{field(m.Intercept())}
	for _, c := range m.Coefficients() {
		out = append(out, field(c))
	}
	return out
}

func coefficients(m *Model) []float64 {
	return values(m, func(c Coefficient) float64 { return c.Value })
}

func TestPlainRegressionAgreesWithStatsmodels(t *testing.T) {
	r := loadReferences(t)
	f := func(name string, c Config, y, w []float64, want inference) {
		t.Helper()
		c.L2 = 0
		m, report, err := c.Fit(context.Background(), models.Matrix{Cols: r.X}, y, w)
		if err != nil || !report.Converged || len(report.Warnings) > 0 {
			t.Fatalf("%s: %+v, %v", name, report, err)
		}
		agree(t, name+" coefficients", coefficients(m), want.Coefficients, converged)
		agree(t, name+" standard errors", values(m, func(c Coefficient) float64 { return c.StdError }), want.StdErrors, converged)
		agree(t, name+" z", values(m, func(c Coefficient) float64 { return c.Z }), want.Z, converged)
		agree(t, name+" p", values(m, func(c Coefficient) float64 { return c.P }), want.P, converged)
		agree(t, name+" log-likelihood", []float64{report.LogLikelihood}, []float64{want.LogLikelihood}, converged)
	}
	f("logistic", DefaultLogistic(), r.Yes, nil, r.Plain.Logistic)
	f("logistic, weighted", DefaultLogistic(), r.Yes, r.Weight, r.Plain.LogisticWeighted)
	f("poisson", DefaultPoisson(), r.Count, nil, r.Plain.Poisson)
	f("poisson, weighted", DefaultPoisson(), r.Count, r.Weight, r.Plain.PoissonWeighted)
}

func TestPenalisedRegressionAgreesWithScikitLearn(t *testing.T) {
	r := loadReferences(t)
	f := func(name string, c Config, y, w []float64, all []penalised) {
		t.Helper()
		for _, want := range all {
			c.L1, c.L2 = want.L1, want.L2
			m, report, err := c.Fit(context.Background(), models.Matrix{Cols: r.X}, y, w)
			if err != nil || !report.Converged {
				t.Fatalf("%s: %+v, %v", name, report, err)
			}
			agree(t, fmt.Sprintf("%s, l1 %g, l2 %g", name, c.L1, c.L2), coefficients(m), want.Coefficients, iterated)
			for j, c := range m.Coefficients() {
				if (c.Value == 0) != (want.Coefficients[j+1] == 0) {
					t.Errorf("%s, l1 %g, l2 %g: column %d is %v, want %v: not the same columns are left out",
						name, want.L1, want.L2, j+1, c.Value, want.Coefficients[j+1])
				}
			}
		}
	}
	f("logistic", DefaultLogistic(), r.Yes, nil, r.Logistic)
	f("logistic, weighted", DefaultLogistic(), r.Yes, r.Weight, r.LogisticWeighted)
	f("poisson", DefaultPoisson(), r.Count, nil, r.Poisson)
	f("poisson, weighted", DefaultPoisson(), r.Count, r.Weight, r.PoissonWeighted)
}

func TestPlattAgreesWithScipy(t *testing.T) {
	r := loadReferences(t).Calibration
	f := func(weight []float64, want [2]float64) {
		t.Helper()
		m, report, err := DefaultPlatt().Fit(context.Background(), r.Score, r.Label, weight)
		if err != nil || !report.Converged {
			t.Fatalf("%+v, %v", report, err)
		}
		slope, intercept := m.Curve()
		agree(t, "Platt", []float64{slope, intercept}, want[:], iterated)
	}
	f(nil, r.Platt)
	f(r.Weight, r.PlattWeighted)
}

func TestIsotonicAgreesWithScikitLearn(t *testing.T) {
	r := loadReferences(t).Calibration
	f := func(weight []float64, want isotonicReference) {
		t.Helper()
		m, _, err := DefaultIsotonic().Fit(context.Background(), r.Score, r.Label, weight)
		if err != nil {
			t.Fatal(err)
		}
		scores, values := m.Knots()
		agree(t, "knots", scores, want.Scores, converged)
		agree(t, "values", values, want.Values, converged)
		got := make([]float64, len(want.At))
		if err := m.PredictTo(got, want.At); err != nil {
			t.Fatal(err)
		}
		agree(t, "predictions", got, want.Predicted, converged)
	}
	f(nil, r.Isotonic)
	f(r.Weight, r.IsotonicWeighted)
}
