package mining

import (
	"math"
	"testing"
)

func durations(closed, open []int) *Durations {
	var d Durations
	for _, days := range closed {
		d.Close(days)
	}
	for _, days := range open {
		d.Leave(days)
	}
	return &d
}

// The times of remission of Freireich et al., 1963, the group under 6-MP: the example of
// many textbooks, where S(23) is 0.448 and the median is 23 weeks.
func TestKaplanMeierOfATextbook(t *testing.T) {
	d := durations([]int{6, 6, 6, 7, 10, 13, 16, 22, 23}, []int{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35})
	curve := d.Survival()
	for days, want := range map[int]float64{5: 1, 6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448, 35: 0.448} {
		if math.Abs(curve[days]-want) > 5e-4 {
			t.Errorf("S(%d): got %v, want %v", days, curve[days], want)
		}
	}
	if d.Median() != 23 || d.Closed() != 9 || d.Open() != 12 {
		t.Errorf("got the median %v of %d closed and %d open", d.Median(), d.Closed(), d.Open())
	}
}

func TestHalfOfFourIsTheMedian(t *testing.T) {
	if m := durations([]int{1, 3, 5, 7}, nil).Median(); m != 3 {
		t.Errorf("got %v, want 3", m)
	}
	if m := durations([]int{1}, []int{9, 9, 9}).Median(); !math.IsNaN(m) {
		t.Errorf("got %v of a curve that ends above a half, want NaN", m)
	}
}

func TestQuantilesOfDurationsAreThoseOfTheList(t *testing.T) {
	days := []int{1, 1, 2, 5, 8, 8, 8, 30}
	var list []float64
	for _, v := range days {
		list = append(list, float64(v))
	}
	d := durations(days, nil)
	for _, p := range []float64{0, 0.1, 0.5, 0.8, 0.95, 1} {
		if got, want := d.Quantile(p), Quantile(list, p); got != want {
			t.Errorf("quantile %v: got %v, want %v", p, got, want)
		}
	}
	if d.Mean() != 63.0/8 {
		t.Errorf("got the mean %v, want %v", d.Mean(), 63.0/8)
	}
	if d = new(Durations); !math.IsNaN(d.Quantile(0.5)) || !math.IsNaN(d.Mean()) || !math.IsNaN(d.Median()) {
		t.Error("got a number of nothing, want NaN")
	}
}

func TestMergedDurationsAreThoseOfAll(t *testing.T) {
	a, b := durations([]int{1, 4}, []int{2}), durations([]int{9}, []int{3, 12})
	a.Merge(b)
	all := durations([]int{1, 4, 9}, []int{2, 3, 12})
	x, y := a.Survival(), all.Survival()
	if len(x) != len(y) {
		t.Fatalf("got %d days, want %d", len(x), len(y))
	}
	for i := range x {
		if x[i] != y[i] {
			t.Errorf("day %d: got %v, want %v", i, x[i], y[i])
		}
	}
}
