package lifetime

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
)

// How near the keys are met, relative to the value: parameters, standard
// errors and answers are given to about six digits.
const (
	parameterDigits = 5e-6
	errorDigits     = 1e-4
	answerDigits    = 5e-6
	likelihoodNear  = 1e-3
)

const year, month = 365.25 / 7, 365.25 / 12 / 7 // weeks

func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	const printed = 6e-7 // half of the last digit of keys, and a little
	if !(math.Abs(got-want) <= relative*math.Abs(want)+printed) {
		t.Errorf("%s: got %.9g, want %.9g", what, got, want)
	}
}

// fitted fits a kind to a data set and holds the fit to its key.
func fitted(t *testing.T, kind Kind, h histories, want keyFit) *Model {
	t.Helper()
	m, report, err := Default(kind).Fit(context.Background(), h.Customers, nil)
	if err != nil || !report.Converged {
		t.Fatalf("%v: %+v, %v", kind, report, err)
	}
	t.Logf("%v: %v, %d of %d distinct, %d steps, LL %.4f", kind, report.State, report.Distinct, report.Rows,
		report.Iterations, report.LogLikelihood)
	if math.Abs(report.LogLikelihood-want.LogLikelihood) > likelihoodNear {
		t.Errorf("%v: log-likelihood: got %.5f, want %.4f", kind, report.LogLikelihood, want.LogLikelihood)
	}
	for i, p := range report.Parameters {
		if report.State == NoDropout && i > 1 {
			continue
		}
		near(t, fmt.Sprintf("%v: %s", kind, p.Name), p.Value, want.Parameters[i], parameterDigits)
		near(t, fmt.Sprintf("%v: standard error of %s", kind, p.Name), p.StdError, want.StdErrors[i], errorDigits)
	}
	return m
}

func TestModelsMeetTheKeysOfFourDataSets(t *testing.T) {
	for _, k := range loadKeys(t) {
		t.Run(k.Name, func(t *testing.T) {
			h := observe(readPurchases(t, k.Name), dayOf(t, "2006-01-02", k.End))
			repeaters := 0
			for _, x := range h.X {
				if x > 0 {
					repeaters++
				}
			}
			if len(h.X) != k.N || repeaters != k.Repeaters || sum(h.X) != k.Purchases {
				t.Fatalf("got %d customers, %d repeaters, %g purchases; want %d, %d, %g", len(h.X), repeaters, sum(h.X),
					k.N, k.Repeaters, k.Purchases)
			}
			means := meetsSpend(t, h, k)
			for kind := range ParetoNBD + 1 {
				want := k.Fits[kind.String()]
				m := fitted(t, kind, h, want)
				meetsAnswers(t, m, h, k, want, means)
			}
		})
	}
}

// meetsSpend fits the money, holds it to its key and returns each customer's E[M].
func meetsSpend(t *testing.T, h histories, k key) []float64 {
	t.Helper()
	want := k.Fits["gamma_gamma"]
	s, report, err := DefaultSpend().Fit(context.Background(), h.X, h.mean, nil)
	if err != nil || !report.Converged || report.Rows != want.Rows {
		t.Fatalf("spend: %+v, %v; want %d rows", report, err, want.Rows)
	}
	if math.Abs(report.LogLikelihood-want.LogLikelihood) > likelihoodNear {
		t.Errorf("spend: log-likelihood: got %.5f, want %.4f", report.LogLikelihood, want.LogLikelihood)
	}
	for i, p := range report.Parameters {
		near(t, p.Name, p.Value, want.Parameters[i], parameterDigits)
		near(t, "standard error of "+p.Name, p.StdError, want.StdErrors[i], errorDigits)
	}
	means := make([]float64, len(h.X))
	if err := s.MeanTo(means, h.X, h.mean); err != nil {
		t.Fatal(err)
	}
	one := make([]float64, 1)
	if err := s.MeanTo(one, []float64{0}, []float64{0}); err != nil {
		t.Fatal(err)
	}
	near(t, "E[M]", one[0], want.Mean, answerDigits)
	return means
}

// meetsAnswers holds what a model says of all and of the named customers to the
// keys. Without drop-out the keys carry a trace of it, of 3 in a million.
func meetsAnswers(t *testing.T, m *Model, h histories, k key, want keyFit, means []float64) {
	t.Helper()
	n := len(h.X)
	flat := make([]float64, 5*n)
	f := Forecasts{Alive: flat[:n], Any: flat[n : 2*n], Expected: flat[2*n : 3*n], Discounted: flat[3*n : 4*n]}
	ask := Ask{Horizon: k.HoldoutWeeks, Discount: Discount{Months: 12, MonthLength: month, YearlyRate: 0.1}}
	if err := m.ForecastTo(context.Background(), f, h.Customers, ask, 2); err != nil {
		t.Fatal(err)
	}
	near(t, m.kind.String()+": mean P(alive)", sum(f.Alive)/float64(n), want.MeanAlive, answerDigits)
	near(t, m.kind.String()+": mean P(any)", sum(f.Any)/float64(n), want.MeanAny, answerDigits)
	var count, total [8]float64
	value := 0.0
	for i, x := range h.X {
		group := min(7, int(x))
		count[group]++
		total[group] += f.Expected[i]
		value += f.Discounted[i] * means[i]
	}
	for x := range total {
		near(t, fmt.Sprintf("%v: mean E[X] of x = %d", m.kind, x), total[x]/count[x], want.HoldoutByX[x], answerDigits)
	}
	near(t, m.kind.String()+": total CLV", value, want.TotalCLV, answerDigits)
	expected := flat[4*n:]
	if err := m.ExpectedTo(context.Background(), expected, h.Customers, year, 2); err != nil {
		t.Fatal(err)
	}
	for _, c := range k.Customers {
		i := slices.Index(h.id, c.ID)
		got := []float64{h.X[i], h.Tx[i], h.T[i], h.mean[i]}
		for j, v := range got {
			near(t, "customer "+c.ID, v, c.Row[j], 1e-7)
		}
		near(t, "E[M] of customer "+c.ID, means[i], c.Mean, answerDigits)
		answers := map[Kind][]float64{BGNBD: c.BG, MBGNBD: c.MBG, ParetoNBD: c.Pareto}[m.kind]
		for j, v := range []float64{f.Alive[i], expected[i], f.Discounted[i] * means[i]} {
			near(t, fmt.Sprintf("%v: answer %d of customer %s", m.kind, j+1, c.ID), v, answers[j], answerDigits)
		}
	}
}

// The whole window of Online Retail: hardly any drop-out, but for BG/NBD and
// MBG/NBD just enough; for Pareto/NBD none.
func TestModelsMeetTheKeysOfTheWholeOnlineRetail(t *testing.T) {
	h := observe(readPurchases(t, "online_retail"), dayOf(t, "2006-01-02", "2011-12-09"))
	f := func(kind Kind, state State, logLikelihood float64, parameters ...float64) {
		t.Helper()
		_, report, err := Default(kind).Fit(context.Background(), h.Customers, nil)
		if err != nil || !report.Converged || report.State != state {
			t.Errorf("%v: %+v, %v; want state %s", kind, report, err, state)
			return
		}
		if math.Abs(report.LogLikelihood-logLikelihood) > likelihoodNear {
			t.Errorf("%v: log-likelihood: got %.5f, want %.4f", kind, report.LogLikelihood, logLikelihood)
		}
		for i, v := range parameters {
			// Without drop-out little is known of a and b, and the key has four digits.
			near(t, fmt.Sprintf("%v: %s", kind, report.Parameters[i].Name), report.Parameters[i].Value, v, 5e-4)
		}
		t.Logf("%v: %+v", kind, report)
	}
	f(BGNBD, OK, -37645.5376, 0.826542, 9.84359, 0.003437, 6.745122)
	f(MBGNBD, OK, -37645.6397, 0.827424, 9.862143, 0.001856, 11.893448)
	f(ParetoNBD, NoDropout, -37645.6574, 0.827555, 9.870332)

	_, report, err := DefaultSpend().Fit(context.Background(), h.X, h.mean, nil)
	if err != nil || math.Abs(report.LogLikelihood+19083.3306) > likelihoodNear {
		t.Errorf("spend: %+v, %v", report, err)
	}
	for i, v := range []float64{2.103382, 3.451179, 485.888499} {
		near(t, report.Parameters[i].Name, report.Parameters[i].Value, v, parameterDigits)
	}
}
