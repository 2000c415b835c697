package portfolio

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/quintile-dev/quintile/mining"
)

func TestEveryClientHasOneClass(t *testing.T) {
	m := &Model{WindowDays: 180, Median: 100e6, GrowthCut: 0.25}
	nan := math.NaN()
	f := func(current, previous, target float64, want int32, attainment, growth float64) {
		t.Helper()
		a, g, class := m.standing(current*1e6, previous*1e6, target*1e6)
		same := func(x, y float64) bool { return math.Abs(x-y) < 1e-15 || x != x && y != y }
		if class != want || !same(a, attainment) || !same(g, growth) {
			t.Errorf("%v, %v, %v: got class %d, %v, %v; want %d, %v, %v", current, previous, target, class, a, g, want, attainment, growth)
		}
	}
	f(125, 100, 100, star, 1.25, 0.25)
	f(100, 100, 100, cashCow, 1, 0)
	f(50, 40, 100, questionMark, 0.5, 0.25)
	f(50, 60, 100, dog, 0.5, 50.0/60-1)
	f(50, 0, 100, newClient, 0.5, nan)
	f(0, 50, 100, lost, 0, -1)
	f(0, 0, 100, dormant, 0, nan)
	f(50, 60, nan, -1, nan, 50.0/60-1)
	f(50, 60, 0, -1, nan, 50.0/60-1) // a target of nothing is none
}

func TestModelsReadBackAndDamageIsRefused(t *testing.T) {
	m := &Model{WindowDays: 90, Median: 12.5, GrowthCut: 0.1, Scores: []Score{newScore("a", 1, []float64{1, 2, 2})}}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(*m, back) || back.Validate() != nil {
		t.Errorf("got %+v, %v, %v", back, err, back.Validate())
	}
	for _, bad := range []Model{
		{}, {WindowDays: 1, GrowthCut: math.NaN()}, {WindowDays: 1, Median: -1},
		{WindowDays: 1, Scores: []Score{{Ranks: mining.Ranks{Values: []float64{1, 2}, Ranks: []float64{1}}}}},
		{WindowDays: 1, Scores: []Score{{Ranks: mining.Ranks{Values: []float64{2, 1}, Ranks: []float64{0, 1}}}}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v: got it accepted", bad)
		}
	}
}
