package value_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline"
)

// The keys were computed with SciPy (L-BFGS-B in logarithms, then Newton).
const (
	fitTolerance   = 1e-6 // relative, plus half of the last digit printed
	errorTolerance = 1e-4 // of standard errors, whose key is a Hessian by differences
)

// cdnow runs the step on the CDNOW master, scored at a day.
func cdnow(t *testing.T, asOf, settings string) *pipeline.Result {
	t.Helper()
	return stepcheck.CDNOW(t, asOf, "{value: "+settings+"}")
}

// near compares a figure with a key that has so many digits after the point.
func near(t *testing.T, what string, got any, want float64, digits int, tolerance float64) {
	t.Helper()
	v, ok := got.(float64)
	if !ok || !(math.Abs(v-want) <= tolerance*math.Abs(want)+0.5*math.Pow10(-digits)) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// fitted compares the fit of a run with its key: in the order of names, then the log-likelihood.
func fitted(t *testing.T, r *pipeline.Result, names []string, values, errs []float64, likelihood float64) {
	t.Helper()
	m := r.Manifest.Steps["value"]
	for i, name := range names {
		near(t, name, m["parameters"].(map[string]any)[name], values[i], 6, fitTolerance)
		if errs != nil {
			near(t, "standard error of "+name, m["standard_errors"].(map[string]any)[name], errs[i], 6, errorTolerance)
		}
	}
	near(t, "log_likelihood", m["log_likelihood"], likelihood, 4, fitTolerance)
}

// segment returns columns of a customer in segments.parquet.
func segment(t *testing.T, r *pipeline.Result, id string, columns ...string) []float64 {
	t.Helper()
	p, err := parquetio.Open(filepath.Join(r.Folder, "segments.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	var at []int
	for _, name := range append([]string{"customer"}, columns...) {
		at = append(at, slices.IndexFunc(p.Fields(), func(f datasets.Field) bool { return f.Name == name }))
	}
	if err := p.Select(at); err != nil {
		t.Fatal(err)
	}
	var out []float64
	var frame datasets.Frame
	for {
		part, err := p.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		err = part.Each(&frame, func() error {
			for i := range frame.Rows {
				if text(&frame.Columns[0], i) == id {
					for k := range columns {
						out = append(out, frame.Columns[k+1].Floats[i])
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if out == nil {
		t.Fatalf("got no customer %s", id)
	}
	return out
}

func text(c *datasets.Column, i int) string {
	if c.Codes != nil {
		return string(c.Dict.At(int(c.Codes[i])))
	}
	return string(c.Texts.At(i))
}

// customer is the key of one: E[M], P(alive), E[X] of a year, and the value.
type customer struct {
	id   string
	want [4]float64
}

func valued(t *testing.T, r *pipeline.Result, customers []customer, total float64) {
	t.Helper()
	near(t, "clv_total", r.Manifest.Steps["value"]["clv_total"], total, 4, fitTolerance)
	for _, c := range customers {
		got := segment(t, r, c.id, "expected_order_value", "alive_prob", "expected_orders", "clv", "clv_low", "clv_high", "buy_prob")
		for k, digits := range []int{6, 8, 8, 6} {
			near(t, fmt.Sprintf("customer %s, column %d", c.id, k), got[k], c.want[k], digits, fitTolerance)
		}
		if low, high, prob := got[4], got[5], got[6]; !(low >= 0 && low <= high && prob > 0 && prob <= 1) {
			t.Errorf("customer %s: got the interval %v to %v and the probability %v", c.id, low, high, prob)
		}
	}
}

func TestFitsOfCDNOWAreThoseOfSciPy(t *testing.T) {
	for _, f := range []struct {
		model        string
		names        []string
		values, errs []float64
		likelihood   float64
		customers    []customer
		total        float64
	}{
		{"bgnbd", []string{"r", "alpha", "a", "b"}, []float64{0.251624, 4.788943, 0.723434, 2.161088},
			[]float64{0.004202, 0.131255, 0.053929, 0.198588}, -95368.4439, []customer{
				{"00004", [4]float64{24.676749, 0.72939038, 1.57489777, 37.040965}},
				{"00021", [4]float64{18.864336, 0.21610651, 0.26616361, 4.783763}},
				{"00050", [4]float64{35.827703, 1, 0.25929168, 8.844898}},
			}, 777701.1572},
		{"mbgnbd", []string{"r", "alpha", "a", "b"}, []float64{0.63714, 7.31029, 0.807474, 1.228394},
			[]float64{0.036207, 0.293264, 0.037612, 0.111946}, -95336.9583, []customer{
				{"00004", [4]float64{24.676749, 0.7014523, 1.62629299, 38.267568}},
				{"00018", [4]float64{35.827703, 0.32109391, 0.1922721, 6.56314}},
			}, 729833.2916},
		{"paretonbd", []string{"r", "alpha", "s", "beta"}, []float64{0.59742, 11.585658, 0.522186, 8.827759},
			[]float64{0.017373, 0.296764, 0.046341, 1.474215}, -95415.1186, []customer{
				{"00004", [4]float64{24.676749, 0.87916519, 1.91381673, 45.002624}},
				{"00021", [4]float64{18.864336, 0.17060786, 0.22840512, 4.105792}},
			}, 795946.5735},
	} {
		t.Run(f.model, func(t *testing.T) {
			r := cdnow(t, "1997-09-30", "{models: ["+f.model+"]}")
			fitted(t, r, f.names, f.values, f.errs, f.likelihood)
			valued(t, r, f.customers, f.total)
			money := r.Manifest.Steps["value"]["gamma_gamma"].(map[string]any)
			for k, name := range []string{"p", "q", "gamma"} {
				near(t, name, money[name], []float64{6.275359, 3.62445, 14.983687}[k], 6, fitTolerance)
				near(t, "standard error of "+name, money["standard_errors"].(map[string]any)[name], []float64{0.399699, 0.090554, 1.344043}[k], 6, errorTolerance)
			}
			near(t, "log_likelihood", money["log_likelihood"], -40763.4763, 4, fitTolerance)
			near(t, "correlation", money["correlation"], 0.080154, 6, fitTolerance)
			if money["customers"] != 9450 {
				t.Errorf("got the money of %v customers, want 9450", money["customers"])
			}
		})
	}
}

func TestOnlineRetailShowsNobodyWhoStops(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-08-31", stepcheck.CleanRetail, "{value: {models: [mbgnbd]}}")
	fitted(t, r, []string{"r", "alpha"}, []float64{0.722644, 9.42454}, nil, -21755.348)
	m := r.Manifest.Steps["value"]
	if p := m["parameters"].(map[string]any); p["a"] != nil || p["b"] != nil {
		t.Errorf("got %v, want no a and b", p)
	}
	if !slices.ContainsFunc(r.Manifest.Warnings, func(w models.Warning) bool { return w.Code == "value.no_dropout" }) {
		t.Errorf("got the warnings %v, want value.no_dropout", r.Manifest.Warnings)
	}
	valued(t, r, []customer{
		{"12347", [4]float64{498.98206, 1, 5.1804557, 2455.811824}},
		{"14911", [4]float64{928.92797, 1, 85.902999, 75811.057885}},
		{"16446", [4]float64{412.474681, 1, 1.54379695, 604.964183}},
	}, 5980861.1675)
}

// row is what the hold-out should say of a model.
type row struct {
	model                                          string
	rmseOrders, rmseMoney, ratioOrders, ratioMoney float64
	buyProb, brier, ece                            float64 // 0: no key
}

func heldOut(t *testing.T, r *pipeline.Result, want []row) map[string]map[string]any {
	t.Helper()
	got := map[string]map[string]any{}
	for _, c := range r.Manifest.Steps["value"]["holdout"].([]map[string]any) {
		got[c["model"].(string)] = c
	}
	for _, w := range want {
		for k, v := range []float64{w.rmseOrders, w.rmseMoney, w.ratioOrders, w.ratioMoney, w.buyProb, w.brier, w.ece} {
			if v == 0 {
				continue
			}
			name := []string{"rmse_orders", "rmse_money", "ratio_orders", "ratio_money", "buy_prob", "brier", "ece"}[k]
			near(t, w.model+" "+name, got[w.model][name], v, 6, fitTolerance)
		}
	}
	return got
}

// score is what the step compares: the geometric mean of both errors.
func score(c map[string]any) float64 {
	return math.Sqrt(c["rmse_orders"].(float64) * c["rmse_money"].(float64))
}

func TestHoldoutOfCDNOWIsThatOfSciPy(t *testing.T) {
	got := heldOut(t, cdnow(t, "1998-06-30", "{holdout_days: 273}"), []row{
		{"bgnbd", 1.732911, 92.938674, 0.857231, 0.826733, 0.265595, 0.165394, 0.048400},
		{"mbgnbd", 1.739618, 93.222082, 0.809470, 0.780804, 0.237410, 0.166143, 0.062039},
		{"paretonbd", 1.726153, 92.867847, 0.871428, 0.841755, 0.229023, 0.165578, 0.070425},
		{"rate", 2.158216, 132.667240, 1.473819, 1.455692, 0, 0, 0},
		{"last_window", 2.267842, 129.219269, 2.433804, 2.218070, 0, 0, 0},
	})
	for _, name := range []string{"bgnbd", "mbgnbd", "paretonbd", "rate", "last_window"} {
		if a, b := score(got["learned"]), score(got[name]); a > 1.01*b {
			t.Errorf("got an error of %v of the learned model, want none worse than %v of %s", a, b, name)
		}
	}
}

func TestLearnedModelBeatsAllOthersInOnlineRetailsAutumn(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-09", stepcheck.CleanRetail, "{value: {holdout_days: 100}}")
	got := heldOut(t, r, []row{
		{"bgnbd", 1.625545, 4240.652130, 0.756010, 0.568357, 0.482667, 0.215316, 0.105816},
		{"mbgnbd", 1.625546, 4240.652396, 0.756010, 0.568357, 0.482667, 0.215316, 0.105817},
		{"paretonbd", 1.625545, 4240.651952, 0.756011, 0.568357, 0.482667, 0.215316, 0.105816},
		{"rate", 1.590287, 4037.719439, 0.699893, 0.561491, 0, 0, 0},
		{"last_window", 1.559106, 3899.389469, 0.815023, 0.672867, 0, 0, 0},
	})
	for name, c := range got {
		if name == "learned" {
			continue
		}
		for _, figure := range []string{"rmse_orders", "rmse_money"} {
			if a, b := got["learned"][figure].(float64), c[figure].(float64); !(a < b) {
				t.Errorf("%s: got %v of the learned model, want less than %v of %s", figure, a, b, name)
			}
		}
	}
	if m := r.Manifest.Steps["value"]; m["model"] != "learned" || m["state"] != "ok" {
		t.Errorf("got %v with the state %v, want learned with ok", m["model"], m["state"])
	}
}

func TestSeasonThatNoModelKnowsIsSaid(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-09", stepcheck.CleanRetail, "{value: {models: [mbgnbd], holdout_days: 100}}")
	if state := r.Manifest.Steps["value"]["state"]; state != "worse_than_naive" {
		t.Errorf("got the state %v, want worse_than_naive", state)
	}
	// README of the data: BG/NBD of the whole window
	fitted(t, stepcheck.OnlineRetail(t, "2011-12-09", stepcheck.CleanRetail, "{value: {models: [bgnbd]}}"),
		[]string{"r", "alpha"}, []float64{0.826542, 9.84359}, nil, -37645.5376)
}
