package lifetime

import (
	"context"
	"math"
	"slices"
	"testing"
)

// Figures that the literature prints for the CDNOW sample, to the digits
// printed there; testdata/reference/README.md has the sources.
func TestModelsMeetThePublishedFiguresOfCDNOW(t *testing.T) {
	h := observe(readPurchases(t, "cdnow_sample"), dayOf(t, "2006-01-02", "1997-09-30"))
	fit := func(kind Kind) (*Model, Report) {
		t.Helper()
		m, r, err := Default(kind).Fit(context.Background(), h.Customers, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m, r
	}
	within := func(what string, got, want, half float64) {
		t.Helper()
		if !(math.Abs(got-want) <= half) {
			t.Errorf("%s: got %.7g, want %v ± %g", what, got, want, half)
		}
	}
	expected := func(m *Model, x, tx, age, horizon float64) float64 {
		t.Helper()
		dst := make([]float64, 1)
		one := Customers{X: []float64{x}, Tx: []float64{tx}, T: []float64{age}}
		if err := m.ExpectedTo(context.Background(), dst, one, horizon, 1); err != nil {
			t.Fatal(err)
		}
		return dst[0]
	}
	alive := func(m *Model, x, tx, age float64) float64 {
		t.Helper()
		dst := make([]float64, 1)
		if err := m.AliveTo(context.Background(), dst, Customers{[]float64{x}, []float64{tx}, []float64{age}}, 1); err != nil {
			t.Fatal(err)
		}
		return dst[0]
	}

	bg, r := fit(BGNBD)
	for i, v := range []float64{0.2426, 4.4136, 0.7929, 2.4259} {
		within("BG/NBD "+r.Parameters[i].Name, r.Parameters[i].Value, v, 1e-4)
	}
	within("BG/NBD log-likelihood", r.LogLikelihood, -9582.429, 1e-3)
	within("E[X(39)] of x 2, tx 30.43, T 38.86", expected(bg, 2, 30.43, 38.86, 39), 1.226, 5e-4)
	within("E[X(52)] of a new customer", expected(bg, 0, 0, 0, 52), 1.444, 5e-4)
	within("P(alive) of x 26, tx 30.857, T 31", alive(bg, 26, 30.857, 31), 0.96885, 5e-6)

	_, r = fit(MBGNBD)
	for i, v := range []float64{0.525, 6.183, 0.891, 1.614} {
		within("MBG/NBD "+r.Parameters[i].Name, r.Parameters[i].Value, v, 5e-4)
	}

	pareto, r := fit(ParetoNBD)
	for i, v := range []struct{ value, half, se, seHalf float64 }{
		{0.5533, 1e-4, 0.0476, 5e-5}, {10.5776, 1e-3, 0.843, 5e-4}, {0.6062, 1e-4, 0.187, 5e-4}, {11.6687, 1e-3, 6.21, 5e-3},
	} {
		within("Pareto/NBD "+r.Parameters[i].Name, r.Parameters[i].Value, v.value, v.half)
		within("Pareto/NBD standard error of "+r.Parameters[i].Name, r.Parameters[i].StdError, v.se, v.seHalf)
	}
	within("Pareto/NBD log-likelihood", r.LogLikelihood, -9594.976, 1e-3)
	within("E[X(52)] of x 26, tx 30.86, T 31", expected(pareto, 26, 30.86, 31, 52), 25.46, 5e-3)
	within("P(alive) of x 26, tx 30.86, T 31", alive(pareto, 26, 30.86, 31), 0.9979, 5e-5)

	s, r, err := DefaultSpend().Fit(context.Background(), h.X, h.mean, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range []float64{6.25, 3.74, 15.44} {
		within("gamma-gamma "+r.Parameters[i].Name, r.Parameters[i].Value, v, 5e-3)
	}
	within("gamma-gamma log-likelihood", r.LogLikelihood, -4055.918, 1e-3)
	means := make([]float64, len(h.X))
	if err := s.MeanTo(means, h.X, h.mean); err != nil {
		t.Fatal(err)
	}
	var first []string // the sample's own order
	for _, p := range readPurchases(t, "cdnow_sample") {
		if !slices.Contains(first, p.id) {
			first = append(first, p.id)
		}
		if len(first) == 10 {
			break
		}
	}
	for k, v := range []float64{24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17} {
		within("E[M] of one of the first ten customers", means[slices.Index(h.id, first[k])], v, 6e-3)
	}
}
