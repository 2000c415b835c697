package linear

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

var ctx = context.Background()

// plain returns c without a penalty.
func plain(c Config) Config {
	c.L1, c.L2 = 0, 0
	return c
}

func matrix(cols ...[]float32) models.Matrix { return models.Matrix{Cols: cols} }

func warned(r Report, code string) bool {
	return slices.ContainsFunc(r.Warnings, func(w models.Warning) bool { return w.Code == code })
}

// With one yes-or-no column the coefficients are the log-odds of the two groups.
func TestLogisticByHand(t *testing.T) {
	// 1 of 4 without, 3 of 4 with: log-odds −ln 3 and ln 3.
	x := matrix([]float32{0, 0, 0, 0, 1, 1, 1, 1})
	m, r, err := plain(DefaultLogistic()).Fit(ctx, x, []float64{1, 0, 0, 0, 1, 1, 1, 0}, nil)
	if err != nil || !r.Converged {
		t.Fatal(r, err)
	}
	ln3 := math.Log(3)
	agree(t, "coefficients", coefficients(m), []float64{-ln3, 2 * ln3}, 1e-12)
	// The variance of a log-odds is 1/yes + 1/no: 1/1 + 1/3, and the sum of both.
	agree(t, "standard errors", values(m, func(c Coefficient) float64 { return c.StdError }),
		[]float64{math.Sqrt(4. / 3), math.Sqrt(8. / 3)}, 1e-12)
	agree(t, "log-likelihood", []float64{r.LogLikelihood}, []float64{2*math.Log(.25) + 6*math.Log(.75)}, 1e-12)
	agree(t, "null log-likelihood", []float64{r.NullLikelihood}, []float64{8 * math.Log(.5)}, 1e-12)
	got := make([]float64, 8)
	if err := m.PredictTo(got, x); err != nil {
		t.Fatal(err)
	}
	agree(t, "predictions", got, []float64{.25, .25, .25, .25, .75, .75, .75, .75}, 1e-12)
}

func TestPoissonByHand(t *testing.T) {
	x := matrix([]float32{0, 0, 1, 1})
	m, r, err := plain(DefaultPoisson()).Fit(ctx, x, []float64{1, 3, 6, 10}, nil) // means 2 and 8
	if err != nil || !r.Converged {
		t.Fatal(r, err)
	}
	agree(t, "coefficients", coefficients(m), []float64{math.Log(2), math.Log(4)}, 1e-12)
	got := make([]float64, 4)
	if err := m.PredictTo(got, x); err != nil {
		t.Fatal(err)
	}
	agree(t, "predictions", got, []float64{2, 2, 8, 8}, 1e-12)
}

func TestContributionsSumToTheLinearPredictor(t *testing.T) {
	x, y := draw(200, 4)
	m, _, err := DefaultLogistic().Fit(ctx, x, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	eta, parts := make([]float64, 200), make([]float64, 200*5)
	if err := errors.Join(m.LinearTo(eta, x), m.ContributionsTo(parts, x)); err != nil {
		t.Fatal(err)
	}
	sums := make([]float64, 200)
	total := make([]float64, 4)
	for i := range sums {
		for j, v := range parts[i*5 : i*5+5] {
			sums[i] += v
			if j < 4 {
				total[j] += v
			}
		}
	}
	agree(t, "sums", sums, eta, 1e-12)
	agree(t, "mean contributions of the training rows", total, make([]float64, 4), 1e-9)
}

// draw returns n rows of d correlated columns of different units, and a target.
func draw(n, d int) (models.Matrix, []float64) {
	rng := rand.New(rand.NewPCG(7, 0))
	x := models.Matrix{Cols: make([][]float32, d)}
	for j := range x.Cols {
		x.Cols[j] = make([]float32, n)
	}
	y := make([]float64, n)
	for i := range n {
		common, eta := rng.NormFloat64(), -0.3
		for j := range d {
			v := common + rng.NormFloat64()
			eta += v * float64(1-j%3) / 2
			x.Cols[j][i] = float32(v*math.Pow(10, float64(j%4)) + 3)
		}
		if rng.Float64() < 1/(1+math.Exp(-eta)) {
			y[i] = 1
		}
	}
	return x, y
}

// At the minimum the slope of the loss along each column equals the penalty:
// −l1·sign(β) − l2·β where β is not 0, and no more than l1 where it is.
func TestPenalisedFitMeetsTheConditionsOfAMinimum(t *testing.T) {
	x, y := draw(800, 8)
	for _, c := range []Config{
		{L1: 5}, {L1: 5, Standardized: true}, {L1: 3, L2: 4, Standardized: true}, {L2: 2}, {L1: 40, Standardized: true},
	} {
		for _, loss := range []Loss{Logistic, Poisson} {
			c.Loss, c.MaxIter, c.Tolerance, c.Workers = loss, 100, 1e-11, 2
			m, r, err := c.Fit(ctx, x, y, nil)
			if err != nil || !r.Converged {
				t.Fatalf("%+v: %+v, %v", c, r, err)
			}
			mu := make([]float64, len(y))
			if err := m.PredictTo(mu, x); err != nil {
				t.Fatal(err)
			}
			checkMinimum(t, c, m, x, y, mu)
		}
	}
}

func checkMinimum(t *testing.T, c Config, m *Model, x models.Matrix, y, mu []float64) {
	t.Helper()
	s, err := measure(ctx, x, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	zeros := 0
	for j, b := range m.Coefficients() {
		unit := 1.0
		if c.Standardized {
			unit = s.sd[j]
		}
		slope := 0.0
		for i, v := range x.Cols[j] {
			slope += (mu[i] - y[i]) * (float64(v) - s.mean[j]) / unit
		}
		beta := b.Value * unit
		want := -c.L2 * beta
		if beta > 0 {
			want -= c.L1
		} else if beta < 0 {
			want += c.L1
		}
		scale := s.sd[j] / unit * 800
		switch {
		case b.Value == 0 && math.Abs(slope) <= c.L1+1e-9*scale:
			zeros++
		case b.Value == 0 || math.Abs(slope-want) > 1e-9*scale:
			t.Errorf("%+v: column %d, coefficient %v: slope %v, want %v", c, j+1, b.Value, slope, want)
		}
	}
	if c.L1 == 40 && zeros == 0 {
		t.Errorf("%+v: no coefficient is 0", c)
	}
	if c.L1 == 0 && zeros > 0 {
		t.Errorf("%+v: %d coefficients are 0 without an L1 penalty", c, zeros)
	}
}

func TestUnitsDoNotMatter(t *testing.T) {
	x, y := draw(500, 4)
	scaled := models.Matrix{Cols: make([][]float32, 4)}
	for j, col := range x.Cols {
		scaled.Cols[j] = make([]float32, len(col))
		for i, v := range col {
			scaled.Cols[j][i] = v * 1024 // exact
		}
	}
	for _, c := range []Config{plain(DefaultLogistic()), DefaultLogistic(), {L1: 4, Standardized: true, MaxIter: 100, Tolerance: 1e-10, Workers: 1}} {
		a, _, err1 := c.Fit(ctx, x, y, nil)
		b, _, err2 := c.Fit(ctx, scaled, y, nil)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		pa, pb := make([]float64, 500), make([]float64, 500)
		if err := errors.Join(a.PredictTo(pa, x), b.PredictTo(pb, scaled)); err != nil {
			t.Fatal(err)
		}
		agree(t, "predictions after a change of units", pb, pa, 1e-9)
	}
}

func TestWeightTwoIsTheRowTwice(t *testing.T) {
	x, y := draw(300, 3)
	w := make([]float64, 300)
	twice, targets := models.Matrix{Cols: make([][]float32, 3)}, []float64(nil)
	for i := range w {
		w[i] = float64(1 + i%2)
		for range int(w[i]) {
			for j := range x.Cols {
				twice.Cols[j] = append(twice.Cols[j], x.Cols[j][i])
			}
			targets = append(targets, y[i])
		}
	}
	a, ra, err1 := DefaultLogistic().Fit(ctx, x, y, w)
	b, rb, err2 := DefaultLogistic().Fit(ctx, twice, targets, nil)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	agree(t, "coefficients", coefficients(a), coefficients(b), 1e-9)
	agree(t, "log-likelihood", []float64{ra.LogLikelihood}, []float64{rb.LogLikelihood}, 1e-12)
}

func TestSeparationIsSaid(t *testing.T) {
	f := func(name string, x models.Matrix, y []float64) {
		t.Helper()
		m, r, err := plain(DefaultLogistic()).Fit(ctx, x, y, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.Converged || !warned(r, "separation") || !strings.Contains(r.Warnings[len(r.Warnings)-1].Message, `"column 1"`) {
			t.Errorf("%s: got %+v, want the separation reported", name, r)
		}
		for _, c := range m.Coefficients() {
			if c.Value-c.Value != 0 || !math.IsNaN(c.StdError) {
				t.Errorf("%s: got %+v, want a finite coefficient without standard error", name, c)
			}
		}
		ridge, r, err := DefaultLogistic().Fit(ctx, x, y, nil)
		if err != nil || !r.Converged || len(r.Warnings) > 0 || ridge == nil {
			t.Errorf("%s with the default penalty: got %+v, %v; want convergence", name, r, err)
		}
	}
	f("complete", matrix([]float32{1, 2, 3, 4, 5, 6}), []float64{0, 0, 0, 1, 1, 1})
	f("quasi-complete", matrix([]float32{0, 0, 0, 0, 1, 1, 1}, []float32{1, 2, 3, 2, 1, 2, 3}), []float64{0, 1, 1, 0, 1, 1, 1})
}

func TestPoissonSeparationIsSaid(t *testing.T) {
	x := matrix([]float32{0, 0, 0, 1, 1, 1}) // nothing is ever bought where the column is 1
	_, r, err := plain(DefaultPoisson()).Fit(ctx, x, []float64{2, 3, 1, 0, 0, 0}, nil)
	if err != nil || r.Converged || !warned(r, "separation") {
		t.Errorf("got %+v, %v; want the separation reported", r, err)
	}
}

func TestConstantAndCollinearColumnsAreSaid(t *testing.T) {
	x, y := draw(300, 2)
	constant := make([]float32, 300)
	sum := make([]float32, 300)
	for i := range constant {
		constant[i], sum[i] = 5, x.Cols[0][i]*2-1
	}
	wide := models.Matrix{Names: []string{"a", "fixed", "b", "twice a"}, Cols: [][]float32{x.Cols[0], constant, x.Cols[1], sum}}
	m, r, err := plain(DefaultLogistic()).Fit(ctx, wide, y, nil)
	if err != nil || !r.Converged || !warned(r, "constant_column") || !warned(r, "collinear_column") {
		t.Fatalf("got %+v, %v; want both warnings", r, err)
	}
	narrow, _, err := plain(DefaultLogistic()).Fit(ctx, x, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, want := m.Coefficients(), narrow.Coefficients()
	agree(t, "coefficients", []float64{c[0].Value, c[1].Value, c[2].Value, c[3].Value}, []float64{want[0].Value, 0, want[1].Value, 0}, 1e-9)
	agree(t, "standard errors", []float64{c[0].StdError, c[2].StdError, m.Intercept().StdError},
		[]float64{want[0].StdError, want[1].StdError, narrow.Intercept().StdError}, 1e-9)
	if !math.IsNaN(c[1].StdError) || !math.IsNaN(c[3].StdError) {
		t.Errorf("got standard errors %v and %v for columns held at 0, want NaN", c[1].StdError, c[3].StdError)
	}
}

func TestFewStepsAreNotConvergence(t *testing.T) {
	x, y := draw(300, 3)
	c := plain(DefaultLogistic())
	c.MaxIter = 1
	if _, r, err := c.Fit(ctx, x, y, nil); err != nil || r.Converged || r.Iterations != 1 || !warned(r, "not_converged") {
		t.Errorf("got %+v, %v; want one step and a warning", r, err)
	}
}

// One customer with a thousand times the counts of the others makes the first
// full step overshoot to e⁹⁹, whence Newton's method would come back by one a step.
func TestOvershootingStepsAreHalved(t *testing.T) {
	x, y := matrix(make([]float32, 100)), make([]float64, 100)
	for i := range y {
		y[i] = 1
	}
	x.Cols[0][7], y[7] = 1, 1e6
	m, r, err := plain(DefaultPoisson()).Fit(ctx, x, y, nil)
	if err != nil || !r.Converged || r.Iterations > 30 {
		t.Fatalf("got %+v, %v; want convergence within 30 steps", r, err)
	}
	agree(t, "coefficients", coefficients(m), []float64{0, math.Log(1e6)}, 1e-9)
}

func TestHopelessTargetsAreErrors(t *testing.T) {
	x := matrix([]float32{1, 2, 3})
	f := func(c Config, y, w []float64, want string) {
		t.Helper()
		_, _, err := c.Fit(ctx, x, y, w)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(DefaultLogistic(), []float64{0, 0, 0}, nil, "got 0 in all 3 rows")
	f(DefaultLogistic(), []float64{1, 1, 1}, nil, "got 1 in all 3 rows")
	f(DefaultLogistic(), []float64{1, 1, 0}, []float64{1, 1, 0}, "got 1 in all 2 rows")
	f(DefaultPoisson(), []float64{0, 0, 0}, nil, "got 0 in all 3 rows")
	f(DefaultLogistic(), []float64{0, 1, 2}, nil, "row 3")
	f(DefaultPoisson(), []float64{0, -1, 2}, nil, "row 2")
}

func TestConfigReportsEveryFault(t *testing.T) {
	err := Config{Loss: 9, L1: -1, L2: math.NaN(), MaxIter: 0, Tolerance: 0, Workers: 0}.Validate()
	for _, field := range []string{"loss", "l1", "l2", "max_iter", "tolerance", "workers"} {
		if err == nil || !strings.Contains(err.Error(), "models: "+field+":") {
			t.Errorf("got %v, want a fault of %s", err, field)
		}
	}
	if err := errors.Join(DefaultLogistic().Validate(), DefaultPoisson().Validate(), DefaultPlatt().Validate(), DefaultIsotonic().Validate()); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

func TestJSONIsReadable(t *testing.T) {
	x := matrix([]float32{0, 0, 0, 0, 1, 1, 1, 1})
	x.Names = []string{"newbie"}
	m, _, err := plain(DefaultLogistic()).Fit(ctx, x, []float64{1, 0, 1, 0, 1, 1, 0, 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"model":"logistic"`, `"name":"newbie"`, `"coefficient":`, `"std_error":1.41421356`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("got %s, want %s in it", b, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"model":"logistic","version":1,"intercept":{"name":"intercept","coefficient":1},"columns":[{"name":"a","coefficient":2,"std_error":null}]}`))
	f.Add([]byte(`{"model":"platt","version":1,"slope":2,"intercept":-1}`))
	f.Add([]byte(`{"model":"isotonic","version":1,"scores":[1,2],"values":[0,1]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		reread := func(m, again interface {
			json.Marshaler
			json.Unmarshaler
		}) {
			if m.UnmarshalJSON(b) != nil {
				return
			}
			first, err := m.MarshalJSON()
			if err != nil {
				t.Fatalf("an accepted model cannot be written: %v", err)
			}
			if err := again.UnmarshalJSON(first); err != nil {
				t.Fatalf("a written model cannot be read: %v", err)
			}
			second, err := again.MarshalJSON()
			if err != nil || string(first) != string(second) {
				t.Fatalf("%s became %s, %v", first, second, err)
			}
		}
		reread(new(Model), new(Model))
		reread(new(Platt), new(Platt))
		reread(new(Isotonic), new(Isotonic))
		var iso Isotonic
		if iso.UnmarshalJSON(b) == nil {
			dst := make([]float64, 3)
			if err := iso.PredictTo(dst, []float64{-1, 1.5, 9}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
