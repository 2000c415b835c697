package mining

import (
	"math"
	"slices"
	"testing"
)

func TestQuantilesInterpolateBetweenNeighbours(t *testing.T) {
	f := func(p, want float64, values ...float64) {
		t.Helper()
		if got := Quantile(values, p); math.Abs(got-want) > 1e-12 {
			t.Errorf("quantile %v of %v: got %v, want %v", p, values, got, want)
		}
	}
	f(0.5, 2.5, 1, 2, 3, 4)
	f(0.5, 2, 1, 2, 3)
	f(0.8, 3.4, 1, 2, 3, 4)
	f(0, 1, 1, 2)
	f(1, 2, 1, 2)
	f(0.3, 7, 7)
	if got := Quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("got %v of nothing, want NaN", got)
	}
	if got := Present([]float64{3, math.NaN(), 1}); !slices.Equal(got, []float64{1, 3}) {
		t.Errorf("got %v, want the values that are there, rising", got)
	}
}
