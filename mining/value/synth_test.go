package value_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// bought writes the purchases of customers who follow BG/NBD and gamma-gamma, in days since
// 2022-01-01, and returns the path of the file.
func bought(t *testing.T, customers, days int, r, alpha, a, b, p, q, gamma float64, seed uint64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	var out strings.Builder
	out.WriteString("customer,day,amount\n")
	line := func(id int, day, nu float64) {
		fmt.Fprintf(&out, "c%05d,%s,%.6f\n", id, time.Date(2022, 1, 1+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly), drawGamma(rng, p)/nu)
	}
	for id := range customers {
		day := math.Floor(rng.Float64() * float64(days) / 3)
		rate := drawGamma(rng, r) / alpha / 7
		x := drawGamma(rng, a)
		stop := x / (x + drawGamma(rng, b))
		nu := drawGamma(rng, q) / gamma
		at := day
		for {
			line(id, at, nu)
			if at > day && rng.Float64() < stop {
				break
			}
			if at += rng.ExpFloat64() / rate; at > float64(days) {
				break
			}
		}
	}
	path := filepath.Join(t.TempDir(), "bought.csv")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// drawGamma draws from Gamma(shape, 1) (Marsaglia and Tsang).
func drawGamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return drawGamma(rng, shape+1) * math.Pow(rng.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := rng.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v <= 0 {
			continue
		}
		if v = v * v * v; math.Log(rng.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// TestParametersOfMadeCustomersAreRecovered makes customers with known parameters. The bounds hold
// their level in the hold-out: a tenth of the customers spends more than clv_high, and no more than
// a tenth, of whom most spend nothing, less than clv_low.
func TestParametersOfMadeCustomersAreRecovered(t *testing.T) {
	const customers, days, seed = 6000, 730, 5
	want := map[string]float64{"r": 0.9, "alpha": 8, "a": 0.8, "b": 3}
	money := map[string]float64{"p": 4, "q": 4, "gamma": 60}
	path := bought(t, customers, days, want["r"], want["alpha"], want["a"], want["b"], money["p"], money["q"], money["gamma"], seed)
	r := stepcheck.Purchases(t, path, "2024-01-01", "{value: {models: [bgnbd, learned]}}")
	m := r.Manifest.Steps["value"]
	within := func(got, errs map[string]any, want map[string]float64) {
		for name, v := range want {
			g, e := got[name].(float64), errs[name].(float64)
			if !(math.Abs(g-v) < 4*e) {
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
