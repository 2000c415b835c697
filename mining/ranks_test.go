package mining

import (
	"math"
	"reflect"
	"testing"
)

func TestRanksArePercentiles(t *testing.T) {
	s := NewRanks([]float64{3, 1, math.NaN(), 1, 5}, 10)
	if want := []float64{1, 3, 5}; !reflect.DeepEqual(s.Values, want) {
		t.Errorf("got %v, want %v", s.Values, want)
	}
	for v, want := range map[float64]float64{1: 0.25, 3: 0.625, 5: 0.875, 2: 0.4375, 0: 0.25, 9: 0.875} {
		if got := s.Of(v); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: got the rank %v, want %v", v, got, want)
		}
	}
	if got := s.Of(math.NaN()); got == got {
		t.Errorf("got the rank %v of nothing", got)
	}
}

func TestManyValuesAreThinnedAndKeepTheirEnds(t *testing.T) {
	const maxRanks = 4096
	values := make([]float64, 3*maxRanks)
	for i := range values {
		values[i] = float64(i)
	}
	s := NewRanks(values, maxRanks)
	if len(s.Values) != maxRanks || s.Values[0] != 0 || s.Values[maxRanks-1] != float64(len(values)-1) {
		t.Fatalf("got %d values from %v to %v", len(s.Values), s.Values[0], s.Values[len(s.Values)-1])
	}
	for _, v := range []float64{0, 1, 777, 6000} {
		if want := (v + 0.5) / float64(len(values)); math.Abs(s.Of(v)-want) > 1e-4 {
			t.Errorf("%v: got %v, want %v", v, s.Of(v), want)
		}
	}
}

func TestThinnedRanksKeepWhatManyShare(t *testing.T) {
	var values []float64
	for i := range 1000 {
		values = append(values, float64(i))
	}
	for range 100 {
		values = append(values, 500.25) // a tenth share it
	}
	r := NewRanks(values, 20)
	if want := (501 + 50.0) / 1100; len(r.Values) > 20 || math.Abs(r.Of(500.25)-want) > 1e-12 {
		t.Errorf("got %d values and the rank %v, want %v", len(r.Values), r.Of(500.25), want)
	}
}
