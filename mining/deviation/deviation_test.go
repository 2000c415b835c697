package deviation

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// events returns a customer who spends 10 on each day for products 0, 1, 2 and so on, and
// returns goods on the days below 0.
func events(days ...int) *datasets.Events {
	ev := &datasets.Events{}
	for i, day := range days {
		returned := day < 0
		amount := 10 * datasets.Unit
		if returned {
			day, amount = -day, -amount
		}
		ev.Time = append(ev.Time, datasets.Moment(day)*datasets.FullDay+datasets.Hour)
		ev.Order, ev.Quantity = append(ev.Order, uint32(i)), append(ev.Quantity, datasets.One)
		ev.Amount, ev.Return, ev.Product = append(ev.Amount, amount), append(ev.Return, returned), append(ev.Product, uint32(i%3))
	}
	return ev
}

func TestColumnsOfACustomerAreWorkedByHand(t *testing.T) {
	w := windows{length: 10, past: 2, minDays: 2}
	nan := math.NaN()
	f := func(ev *datasets.Events, want ...float64) {
		t.Helper()
		got := make([]float64, len(w.Derived()))
		if err := w.NewDerive()(got, &mining.Customer{Past: features.Cut(*ev, 100)}); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = slices.Repeat([]float64{nan}, len(got))
		}
		for k, v := range got {
			if v != want[k] && (v == v || want[k] == want[k]) {
				t.Errorf("%s: got %v, want %v", w.Derived()[k], v, want[k])
			}
		}
	}
	// The windows are 91–100, 81–90 and 71–80. Days after 100 and returns do not count.
	f(events(71, 80, 81, 81, -85, 90, 91, 91, 91, 91, 100, 101), 2, 50e6, 2, 3, 30e6, 2, 2, 20e6, 2, 2)
	// First on day 72: window 2 does not lie wholly after it.
	f(events(72, 80, 100), 1, 10e6, 1, 1, 0, 0, 0, nan, nan, nan)
	// First on day 85: no window lies wholly after it, and the one that holds it counts.
	f(events(85, 86), 1, 0, 0, 0, 20e6, 2, 2, nan, nan, nan)
	// One purchase day before the window, none at all, and silence through all windows.
	f(events(85, 95, 96))
	f(events())
	f(events(10, 20, 30, 70))
	// The last day of the last window that counts is enough.
	f(events(10, 20, 71), 2, 0, 0, 0, 0, 0, 0, 10e6, 1, 1)
}

func TestChangesAndReasonsOfACustomer(t *testing.T) {
	f := func(now [3]float64, past [3][]float64, direction int32, want string) {
		t.Helper()
		h := &history{now: now, past: past}
		got := h.judge()
		if text := got.words(h, 60, words.MustOpen(words.English, "")); got.direction != direction || text != want {
			t.Errorf("%v after %v: got %s, %q; want %s, %q", now, past, directions[got.direction], text, directions[direction], want)
		}
	}
	steady := [3][]float64{{100, 120, 100, 110}, {4, 4, 5, 4}, {10, 10, 10, 10}}
	f([3]float64{18, 4, 10}, steady, down, "spent 82 % less than in each of the last 4 windows of 60 days")
	f([3]float64{480, 4, 10}, steady, up, "spent 300 % more than in each of the last 4 windows of 60 days")
	f([3]float64{110, 4, 40}, steady, up, "bought 300 % more products than in each of the last 4 windows of 60 days")
	f([3]float64{110, 1, 8}, steady, down, "bought on 75 % fewer days than in each of the last 4 windows of 60 days")
	f([3]float64{0, 0, 0}, steady, down, "bought nothing in 60 days, after purchases in each of the last 4 windows of 60 days")
	f([3]float64{0, 0, 0}, [3][]float64{{0, 50, 0}, {0, 1, 0}, {0, 2, 0}}, down, "bought nothing in 60 days, after purchases in 1 of the last 3 windows of 60 days")
	f([3]float64{500, 2, 3}, [3][]float64{{0, 0}, {0, 0}, {0, 0}}, up, "spent 500.00 in 60 days, after nothing in the last 2 windows of 60 days")
	f([3]float64{30, 1, 1}, [3][]float64{{100}, {1}, {1}}, down, "spent 70 % less than in the 60 days before")
	f([3]float64{1000, 1, 1}, [3][]float64{{10, 10, 5000}, {1, 1, 1}, {1, 1, 1}}, up, "spent 9900 % more than in the median of the last 3 windows of 60 days")
	f([3]float64{20, 4, 40}, steady, other, "an unusual mix in 60 days: spent 20.00 on 4 days for 40 products, usually 105.00 on 4 days for 10 products")

	h := &history{now: [3]float64{math.E - 1}, past: [3][]float64{{0, math.E*math.E - 1}}}
	if got := h.change(money); math.Abs(got) > 1e-15 {
		t.Errorf("got a change of %v, want 1 less the mean of 0 and 2", got)
	}
	// Two equal windows: the spread is the floor of a half.
	if got := robustZ(math.E-1, []float64{0, 0}); math.Abs(got-2) > 1e-15 {
		t.Errorf("got z %v, want 1 / 0.5", got)
	}
}

// Two hundred days that rise by a hundredth, with strong Sundays; day 90 has a fifth.
func TestADayIsJudgedAgainstSeasonTrendAndWeekday(t *testing.T) {
	y := make([]float64, 200)
	for i := range y {
		y[i] = 100 * math.Exp(float64(i)/100+0.05*math.Sin(float64(i*i)))
		if i%7 == 0 {
			y[i] *= 3
		}
	}
	y[90] /= 5
	list := judgeDays(y, func(at int) int { return at % 7 })
	if err := adjust(list); err != nil {
		t.Fatal(err)
	}
	for _, j := range list {
		inside := j.at >= trendDays/2 && j.at < len(y)-trendDays/2 // the trend of the ends is one-sided
		if flagged := j.q <= 0.05; inside && flagged != (j.at == 90) {
			t.Errorf("day %d: got flagged %v with %v after %v, q %v", j.at, flagged, j.actual, j.expected, j.q)
		}
		if j.at == 90 && math.Abs(j.actual/j.expected-0.2) > 0.03 {
			t.Errorf("got %v where %v was expected, want a fifth", j.actual, j.expected)
		}
	}
	if judgeDays(y[:59], func(at int) int { return at % 7 }) != nil || judgeDays(slices.Repeat([]float64{5}, 99), func(at int) int { return at % 7 }) != nil {
		t.Error("got too few days, and days that are all alike, judged")
	}
}

// Six stores over 40 weeks: week 20 is good for all, week 30 bad for store 2.
func TestAWeekThatIsGoodForAllIsNoDepartureOfAny(t *testing.T) {
	var list []*weekly
	for m := range 6 {
		y := make([]float64, 40)
		for i := range y {
			y[i] = 1000 * math.Exp(0.05*math.Sin(float64((m+3)*i*i)))
		}
		y[20] *= 4
		if m == 2 {
			y[30] /= 4
		}
		w, ok := newWeekly(m, y)
		if !ok {
			t.Fatal("got a store with 40 weeks refused")
		}
		list = append(list, w)
	}
	got := judgeWeeks(list, 40)
	if err := adjust(got...); err != nil {
		t.Fatal(err)
	}
	for m, weeks := range got {
		for _, j := range weeks {
			if flagged := j.q <= 0.05; flagged != (m == 2 && j.at == 30) {
				t.Errorf("store %d, week %d: got flagged %v", m, j.at, flagged)
			}
		}
	}
}

func TestAMemberThatStopsIsTold(t *testing.T) {
	f := func(weeks string, taken bool, stopped int) {
		t.Helper()
		y := make([]float64, len(weeks))
		for i, c := range weeks {
			if c == 'x' {
				y[i] = 5
			}
		}
		w, ok := newWeekly(0, y)
		if ok != taken || ok && w.stopped != stopped {
			t.Errorf("%s: got %v, %+v; want %v, stopped for %d", weeks, ok, w, taken, stopped)
		}
	}
	busy := strings.Repeat("x", 26)
	f(busy, true, 0)
	f(busy[1:], false, 0)
	f("...."+busy+".", true, 0)  // a week may be late
	f("...."+busy+"..", true, 2) // before the first sale nothing is missed
	f(busy+".x..", true, 0)      // twice its longest pause
	f(busy+".x...", true, 3)
	f(strings.Repeat("xx.", 20), false, 0)
}

func TestADayThatCameTwiceIsTold(t *testing.T) {
	c := &collector{first: 100, asOf: 200, monday: 100}
	w := c.Worker(0).(*worker)
	for day := 100; day <= 200; day++ {
		ev := events(slices.Repeat([]int{day}, 12)...)
		for i := range ev.Order {
			ev.Order[i] = uint32(i / 4)
			ev.Product[i] = uint32(i)
			if day == 150 {
				ev.Product[i] = uint32(i / 2) // each line twice
			}
		}
		if err := w.Customer(&mining.Customer{Past: features.Cut(*ev, 200)}); err != nil {
			t.Fatal(err)
		}
	}
	f := &found{first: 100, measure: moneyMeasure, members: map[string]int{}}
	task := &task{collector: collector{first: 100}, priced: true, set: Default()}
	if err := task.judgeTotal(f, c.collected().days); err != nil {
		t.Fatal(err)
	}
	if len(f.rows) != 1 || f.rows[0].from != 150 || f.rows[0].direction != "twice" || f.days != 101 || len(f.warnings) != 1 {
		t.Errorf("got %+v, %d days, warnings %v; want day 150 alone", f.rows, f.days, f.warnings)
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	for _, bad := range []Model{{}, {WindowDays: 60}, {WindowDays: 60, PastWindows: 5}, {WindowDays: 60, PastWindows: 5, MinDays: 4}} {
		if bad.Validate() == nil {
			t.Errorf("%+v: got it accepted", bad)
		}
	}
}
