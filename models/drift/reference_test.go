package drift

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// tolerance is relative to 1 + |want|: the tools sum in another order.
const tolerance = 1e-12

func near(got, want float64) bool {
	return math.Abs(got-want) <= tolerance*(1+math.Abs(want))
}

// reference is a case of drift.json: two samples, and what NumPy and SciPy make of them.
type reference struct {
	Reference, Current      []*float64 // nil for a missing value
	Edges, Expected, Actual []float64
	PSI, JS, BinnedKS, KS   float64
	before, now             []float64
}

func load(t *testing.T) []reference {
	t.Helper()
	text, err := os.ReadFile("testdata/reference/drift.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []reference }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("got no cases")
	}
	for i := range file.Cases {
		c := &file.Cases[i]
		c.before, c.now = missing(c.Reference), missing(c.Current)
	}
	return file.Cases
}

func missing(values []*float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		if out[i] = math.NaN(); v != nil {
			out[i] = *v
		}
	}
	return out
}

func TestMeasuresAgreeWithNumPyAndSciPy(t *testing.T) {
	for i, r := range load(t) {
		figure := func(name string, want float64) func(float64, error) {
			return func(got float64, err error) {
				t.Helper()
				if err != nil || !near(got, want) {
					t.Errorf("case %d, %s: got %v, %v; want %v", i, name, got, err, want)
				}
			}
		}
		list := func(name string, got, want []float64) {
			t.Helper()
			if len(got) != len(want) {
				t.Fatalf("case %d, %s: got %d, want %d", i, name, len(got), len(want))
			}
			for j := range got {
				if !near(got[j], want[j]) {
					t.Errorf("case %d, %s %d: got %v, want %v", i, name, j, got[j], want[j])
				}
			}
		}
		learned, err := Learn(r.before, DefaultBins)
		if err != nil {
			t.Fatal(err)
		}
		actual := Shares(learned.Bins, r.now)
		list("edge", learned.Edges, r.Edges)
		list("expected share", learned.Shares, r.Expected)
		list("actual share", actual, r.Actual)
		figure("PSI", r.PSI)(PSI(learned.Shares, actual, DefaultPSIFloor))
		figure("PSI of the reference", r.PSI)(learned.PSI(r.now))
		figure("JS", r.JS)(JensenShannon(learned.Shares, actual))
		figure("KS on bins", r.BinnedKS)(KS(learned.Shares, actual))
		figure("KS", r.KS)(TwoSampleKS(r.before, r.now), nil)
	}
}
