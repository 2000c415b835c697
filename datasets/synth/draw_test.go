package synth

import (
	"math"
	"testing"
)

func TestAliasDrawsByWeight(t *testing.T) {
	weights := []float64{0, 5, 1, 0.5, 3.5}
	a, s := newAlias(weights), streamOf(1, 0, 0)
	const n = 200_000
	var got [5]float64
	for range n {
		got[a.draw(&s)]++
	}
	for i, w := range weights {
		want := n * w / 10
		if math.Abs(got[i]-want) > 5*math.Sqrt(want) {
			t.Errorf("index %d drawn %.0f times, want about %.0f", i, got[i], want)
		}
	}
	if one := newAlias([]float64{3}); one.draw(&s) != 0 {
		t.Error("one weight, but not one answer")
	}
}

func TestDrawsHaveTheirMeans(t *testing.T) {
	const n = 200_000
	f := func(name string, mean, sd float64, draw func(*stream) float64) {
		t.Helper()
		s := streamOf(2, 0, 0)
		sum, squares := 0.0, 0.0
		for range n {
			v := draw(&s)
			sum += v
			squares += v * v
		}
		got := sum / n
		if math.Abs(got-mean) > 5*sd/math.Sqrt(n) {
			t.Errorf("%s: mean %.4f, want %g", name, got, mean)
		}
		if dev := math.Sqrt(squares/n - got*got); math.Abs(dev-sd) > 0.03*sd {
			t.Errorf("%s: standard deviation %.4f, want %g", name, dev, sd)
		}
	}
	f("unit", 0.5, math.Sqrt(1.0/12), (*stream).unit)
	f("normal", 0, 1, (*stream).normal)
	f("exponential", 1, 1, (*stream).exponential)
	f("geometric", 3, math.Sqrt(6), func(s *stream) float64 { return float64(s.geometric(3)) })
	f("poisson", 4, 2, func(s *stream) float64 { return float64(s.poisson(4)) })
	f("poisson by the normal law", 100, 10, func(s *stream) float64 { return float64(s.poisson(100)) })
	f("below", 4.5, math.Sqrt(99.0/12), func(s *stream) float64 { return float64(s.below(10)) })
	s := streamOf(2, 0, 0)
	if s.geometric(1) != 1 || s.geometric(0.5) != 1 {
		t.Error("a geometric number of mean 1 is 1")
	}
}

func TestStreamsDoNotResembleOneAnother(t *testing.T) {
	// Neighbouring customers, seeds and purposes: bits agree by chance only.
	base := streamOf(1, 1, 1)
	for _, other := range []stream{streamOf(1, 1, 2), streamOf(2, 1, 1), streamOf(1, 2, 1), streamOf(1, 2, 0)} {
		a, agree := base, 0
		for range 1000 {
			if a.Uint64()&1 == other.Uint64()&1 {
				agree++
			}
		}
		if agree < 400 || agree > 600 {
			t.Errorf("%d of 1000 bits agree", agree)
		}
	}
}

func TestCalendarFindsItsDay(t *testing.T) {
	c := Default()
	k := newCalendar(&c, &segments[0])
	for _, days := range [][2]int{{0, c.Days - 1}, {10, 10}, {100, 130}} {
		if got := k.at(days[0], days[1], 0); got != days[0] {
			t.Errorf("weight 0 since day %d falls on %d", days[0], got)
		}
		if got := k.at(days[0], days[1], k.between(days[0], days[1])); got != days[1] {
			t.Errorf("all the weight since day %d falls on %d, want %d", days[0], got, days[1])
		}
	}
	for day := 100; day <= 130; day++ {
		before := k[day] - k[100]
		if got := k.at(100, 130, before+(k[day+1]-k[day])/2); got != day {
			t.Errorf("the middle of day %d falls on %d", day, got)
		}
	}
}
