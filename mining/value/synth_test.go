package value_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// TestParametersOfMadeCustomersAreRecovered draws customers by known parameters, which the step
// finds within three of its own standard errors. The bounds hold
// their level in the hold-out: a tenth of the customers spends more than clv_high, and no more than
// a tenth, of whom most spend nothing, less than clv_low.
func TestParametersOfMadeCustomersAreRecovered(t *testing.T) {
	c := synth.DefaultLifetimes()
	c.Customers, c.R, c.Alpha, c.A, c.B, c.P, c.Q, c.Gamma = 6000, 0.9, 8, 0.8, 3, 4, 4, 60
	want := map[string]float64{"r": c.R, "alpha": c.Alpha, "a": c.A, "b": c.B}
	money := map[string]float64{"p": c.P, "q": c.Q, "gamma": c.Gamma}
	path := filepath.Join(t.TempDir(), "bought.csv")
	var text bytes.Buffer
	if err := errors.Join(c.WriteCSV(t.Context(), &text), os.WriteFile(path, text.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	r := stepcheck.Purchases(t, path, (c.Start + datasets.Day(c.Days)).String(), "{value: {models: [bgnbd, learned]}}")
	m := r.Manifest.Steps["value"]
	within := func(got, errs map[string]any, want map[string]float64) {
		for name, v := range want {
			g, e := got[name].(float64), errs[name].(float64)
			if !(math.Abs(g-v) < 3*e) {
				t.Errorf("%s: got %v ± %v, want %v", name, g, e, v)
			}
		}
	}
	within(m["parameters"].(map[string]any), m["standard_errors"].(map[string]any), want)
	spend := m["gamma_gamma"].(map[string]any)
	within(spend, spend["standard_errors"].(map[string]any), money)
	for _, c := range m["holdout"].([]map[string]any) {
		if c["coverage"] == nil {
			continue
		}
		above, below := c["above"].(float64), c["below"].(float64)
		if !(math.Abs(above-0.1) <= 0.03 && below <= 0.13) {
			t.Errorf("%v: got %v of the customers above their interval of 80 %% and %v below it, want 10 %% ± 3 and no more than that", c["model"], above, below)
		}
		if ratio := c["ratio_money"].(float64); !(math.Abs(ratio-1) < 0.15) {
			t.Errorf("%v: got %v of the money, want about 1", c["model"], ratio)
		}
	}
}
