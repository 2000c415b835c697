package drift

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

var nan, inf = math.NaN(), math.Inf(1)

func TestPSIByHand(t *testing.T) {
	got, err := PSI([]float64{0.5, 0.5}, []float64{0.25, 0.75}, DefaultPSIFloor)
	want := -0.25*math.Log(0.5) + 0.25*math.Log(1.5)
	if err != nil || !near(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	// A bin that empties: (0.01 − 0.5) ln(0.01/0.5) + (1 − 0.5) ln(1/0.5).
	got, err = PSI([]float64{0.5, 0.5}, []float64{0, 1}, 0.01)
	want = -0.49*math.Log(0.02) + 0.5*math.Ln2
	if err != nil || !near(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestJensenShannonByHand(t *testing.T) {
	if got, err := JensenShannon([]float64{1, 0}, []float64{0, 1}); err != nil || !near(got, math.Ln2) {
		t.Errorf("disjoint: got %v, %v; want ln 2", got, err)
	}
	if got, err := JensenShannon([]float64{0.3, 0.7}, []float64{0.3, 0.7}); err != nil || got != 0 {
		t.Errorf("equal: got %v, %v; want 0", got, err)
	}
}

func TestKSByHand(t *testing.T) {
	// At or below the edges: 0.2, 0.7 against 0.5, 0.6.
	if got, err := KS([]float64{0.2, 0.5, 0.3}, []float64{0.5, 0.1, 0.4}); err != nil || !near(got, 0.3) {
		t.Errorf("on bins: got %v, %v; want 0.3", got, err)
	}
	f := func(a, b []float64, want float64) {
		t.Helper()
		if got := TwoSampleKS(a, b); !(got == want || got != got && want != want) {
			t.Errorf("%v and %v: got %v, want %v", a, b, got, want)
		}
	}
	f([]float64{1, 2}, []float64{3, 4}, 1)
	f([]float64{3, 4}, []float64{1, 2}, 1)
	f([]float64{1, 1, 2}, []float64{1, 2, 2}, 2./3-1./3)
	f([]float64{1, nan, 2}, []float64{2, 1, nan, nan}, 0) // NaN is left out
	f([]float64{-inf, 1}, []float64{1, inf}, 0.5)
	f([]float64{nan}, []float64{1}, nan)
	f(nil, nil, nan)
}

func TestSharesCountEveryValueOnce(t *testing.T) {
	b := Bins{Edges: []float64{1, 2}}
	got := Shares(b, []float64{-inf, 1, 1.5, 2, 2.5, inf, nan, nan})
	want := []float64{2. / 8, 2. / 8, 2. / 8, 2. / 8} // ≤ 1, (1,2], > 2, missing
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestQuantileBinsMergeEqualEdges(t *testing.T) {
	b, err := QuantileBins([]float32{0, 0, 0, 0, 0, 0, 0, 1, 2, 3, float32(nan)}, 4)
	if err != nil || len(b.Edges) != 2 || b.Edges[0] != 0 || b.Edges[1] != 0.75 {
		t.Errorf("got %v, %v; want edges 0 and 0.75", b.Edges, err)
	}
	if b, err := QuantileBins([]float64{nan}, 4); err != nil || len(b.Edges) != 0 {
		t.Errorf("nothing known: got %v, %v; want one bin", b.Edges, err)
	}
	far := []float64{-math.MaxFloat64, math.MaxFloat64} // whose difference is no number
	if b, err := QuantileBins(far, 4); err != nil || len(b.Edges) != 3 || b.Edges[1] != 0 {
		t.Errorf("the ends of all numbers: got %v, %v; want three edges around 0", b.Edges, err)
	}
}

// Each relation changes the samples in a way whose effect is known.
func TestDriftRelations(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, 0))
	before, now := make([]float64, 1000), make([]float64, 700)
	for i := range before {
		before[i] = rng.ExpFloat64()
	}
	for i := range now {
		now[i] = 1.5 * rng.ExpFloat64()
	}
	r, err := Learn(before, DefaultBins)
	if err != nil {
		t.Fatal(err)
	}
	psi := func(values []float64) float64 {
		t.Helper()
		got, err := r.PSI(values)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := psi(before); got != 0 {
		t.Errorf("the reference against itself (seed %d): got a PSI of %v, want 0", seed, got)
	}
	if got, want := psi(append(now, now...)), psi(now); got != want {
		t.Errorf("every value twice (seed %d): got a PSI of %v, want %v", seed, got, want)
	}
	shuffled := append([]float64(nil), now...)
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got, want := psi(shuffled), psi(now); got != want {
		t.Errorf("another order (seed %d): got a PSI of %v, want %v", seed, got, want)
	}
	p, q := r.Shares, Shares(r.Bins, now)
	binned, err := KS(p, q)
	if err != nil {
		t.Fatal(err)
	}
	if exact := TwoSampleKS(before, now); binned > exact+tolerance || exact > binned+0.1 {
		t.Errorf("KS on ten bins (seed %d): got %v, want at most %v, and no more than a bin below", seed, binned, exact)
	}
	for name, f := range map[string]func(p, q []float64) (float64, error){"JS": JensenShannon, "KS": KS} {
		there, err1 := f(p, q)
		back, err2 := f(q, p)
		if err1 != nil || err2 != nil || !near(there, back) || there <= 0 {
			t.Errorf("%s (seed %d): got %v, %v one way and %v, %v the other; want the same above 0", name, seed, there, err1, back, err2)
		}
	}
	scaled := make([]float64, len(before))
	for i, v := range before {
		scaled[i] = 150 * v
	}
	if got := psi(scaled); got < MajorPSI {
		t.Errorf("another scale (seed %d): got a PSI of %v, want a major shift", seed, got)
	}
}

func TestReferencesSurviveJSONToTheLastBit(t *testing.T) {
	r, err := Learn([]float64{0.1, 1. / 3, nan, math.Pi, 1e300, 5e-324, -2, 7}, DefaultBins)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Reference
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("got %v, %v; want %v", back, err, r)
	}
	if err := back.Validate(); err != nil {
		t.Error(err)
	}
}

func TestDamagedReferencesAreRefused(t *testing.T) {
	f := func(name string, edges, shares []float64, good bool) {
		t.Helper()
		r := Reference{Bins{edges}, shares}
		if err := r.Validate(); (err == nil) != good {
			t.Errorf("%s: got %v, want an error: %v", name, err, !good)
		}
	}
	f("whole", []float64{1, 2}, []float64{0.25, 0.25, 0.25, 0.25}, true)
	f("one bin", nil, []float64{0.5, 0.5}, true)
	f("edges that fall", []float64{2, 1}, []float64{0.25, 0.25, 0.25, 0.25}, false)
	f("equal edges", []float64{1, 1}, []float64{0.25, 0.25, 0.25, 0.25}, false)
	f("an edge that is no number", []float64{nan}, []float64{0.5, 0.25, 0.25}, false)
	f("an infinite edge", []float64{1, inf}, []float64{0.25, 0.25, 0.25, 0.25}, false)
	f("a share too few", []float64{1, 2}, []float64{0.5, 0.25, 0.25}, false)
	f("a sum above 1", []float64{1}, []float64{0.5, 0.5, 0.25}, false)
	f("a negative share", []float64{1}, []float64{0.75, 0.5, -0.25}, false)
}

func TestWrongSharesAreErrors(t *testing.T) {
	value := func(err error, row int, name string) {
		t.Helper()
		var v *models.ValueError
		if !errors.As(err, &v) || v.Row != row || v.Name != name {
			t.Errorf("got %v, want an error of row %d, %s", err, row, name)
		}
	}
	half, two := []float64{0.5, 0.5}, []float64{0, 1}
	for name, f := range map[string]func(p, q []float64) (float64, error){
		"PSI": func(p, q []float64) (float64, error) { return PSI(p, q, 0.01) }, "JS": JensenShannon, "KS": KS,
	} {
		_, err := f(half, []float64{0.5, -0.5})
		value(err, 2, "share")
		_, err = f(half, []float64{0.5, nan})
		value(err, 2, "share")
		_, err = f(half, []float64{0.5, 0.2})
		value(err, 2, "sum of the shares")
		_, err = f(two, []float64{0, 1, 0})
		var shape *models.ShapeError
		if !errors.As(err, &shape) {
			t.Errorf("%s of shares of other bins: got %v, want a shape error", name, err)
		}
	}
	var config *models.ConfigError
	if _, err := PSI(half, half, 0); !errors.As(err, &config) {
		t.Errorf("no floor: got %v, want a config error", err)
	}
	if _, err := QuantileBins(half, 0); !errors.As(err, &config) {
		t.Errorf("no bins: got %v, want a config error", err)
	}
	var shape *models.ShapeError
	if _, err := Learn([]float64(nil), 10); !errors.As(err, &shape) {
		t.Errorf("no values: got %v, want a shape error", err)
	}
}
