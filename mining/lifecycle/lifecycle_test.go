package lifecycle

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

var english = words.MustOpen(words.English, "")

var example = Model{Map: mapV1, Second: 100, G80: 60, G95: 120}

func TestTheFirstRuleThatHoldsDecides(t *testing.T) {
	f := func(c standing, stage int32, text string) {
		t.Helper()
		by := example.decide(c)
		if stages[by] != stage || !strings.Contains(example.reason(c, by, english), text) {
			t.Errorf("%+v: got %s by %q, want %s and %q", c, names[stages[by]], example.reason(c, by, english), names[stage], text)
		}
	}
	nan := math.NaN()
	// Days, age, open, gap, money, money before. One-timers: usual 100, the end 200.
	f(standing{1, 201, 201, nan, 0, 0}, termination, "201 days, more than the 200")
	f(standing{1, 200, 200, nan, 0, 0}, decline, "200 days, more than the usual 100")
	f(standing{1, 100, 100, nan, 0, 5e6}, signing, "one purchase day, 100 days ago")
	f(standing{2, 89, 20, 69, 9e6, 0}, signing, "a customer for 89 days")
	f(standing{2, 90, 20, 70, 9e6, 0}, growth, "from 0.00 to 9.00")
	// A rhythm of 7 days: usual 30, at least half of g80; the end g95.
	f(standing{9, 300, 31, 7, 5e6, 5e6}, decline, "31 days, more than the usual 30")
	f(standing{9, 300, 30, 7, 5e6, 5e6}, maturity, "every 7 days (median)")
	f(standing{9, 300, 121, 7, 0, 0}, termination, "more than the 120")
	// A rhythm of 50 days: usual 120, at most g95; the end 240.
	f(standing{3, 400, 240, 50, 0, 0}, decline, "more than the usual 120")
	f(standing{3, 400, 241, 50, 0, 0}, termination, "more than the 240")
	// Money: 0.8 and 1.2 themselves are steady.
	f(standing{9, 300, 9, 7, 80e6, 100e6}, maturity, "80.00 after 100.00")
	f(standing{9, 300, 9, 7, 80e6 - 1, 100e6}, decline, "fell from 100.00 to 80.00")
	f(standing{9, 300, 9, 7, 120e6, 100e6}, maturity, "steady")
	f(standing{9, 300, 9, 7, 120e6 + 1, 100e6}, growth, "rose from 100.00")
	f(standing{9, 300, 9, 7, 0, 0}, maturity, "0.00 after 0.00")
}

// events returns a customer who spends 10 on each day, and returns goods on the days below 0.
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
		ev.Amount, ev.Return = append(ev.Amount, amount), append(ev.Return, returned)
	}
	return ev
}

func TestColumnsOfACustomer(t *testing.T) {
	f := func(ev *datasets.Events, want ...float64) {
		t.Helper()
		got := make([]float64, len(derived))
		if err := (deriver{}).NewDerive()(got, &mining.Customer{Past: features.Cut(*ev, 1000)}); err != nil {
			t.Fatal(err)
		}
		for k, v := range got {
			if v != want[k] && (v == v || want[k] == want[k]) {
				t.Errorf("%s: got %v, want %v", derived[k], v, want[k])
			}
		}
	}
	nan := math.NaN()
	f(events(800, 800, 810, -850, 840, 910, 911, 1000, 1001), 6, 200, 0, 30, 20e6, 20e6)
	f(events(820), 1, 180, 180, nan, 0, 0)
	f(events(821), 1, 179, 179, nan, 0, 10e6)
	f(events(-900), nan, nan, nan, nan, nan, nan)
	f(events(), nan, nan, nan, nan, nan, nan)
}

func TestGapsAreCountedAlikeByAnyNumberOfWorkers(t *testing.T) {
	customers := []*datasets.Events{events(1, 1, 5, 9), events(3), events(2, 50), events(-4), events(7, 8, 9, 10)}
	count := func(workers int) *gaps {
		task := &task{}
		var all []mining.Worker
		for w := range workers {
			all = append(all, task.Worker(w))
		}
		for i, ev := range customers {
			if err := all[i%workers].Customer(&mining.Customer{Past: features.Cut(*ev, 60)}); err != nil {
				t.Fatal(err)
			}
		}
		return task.counted()
	}
	for _, workers := range []int{1, 2, 5} {
		g := count(workers)
		if g.all.Closed() != 6 || g.all.Mean() != 59.0/6 || g.second.Closed() != 3 || g.second.Open() != 1 || g.second.Median() != 4 {
			t.Errorf("%d workers: got %+v", workers, g)
		}
	}
}

func TestModelsReadBackAndDamageIsRefused(t *testing.T) {
	text, err := json.Marshal(&example)
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := json.Unmarshal(text, &back); err != nil || back != example || back.Validate() != nil {
		t.Errorf("got %+v, %v, %v", back, err, back.Validate())
	}
	for _, bad := range []Model{
		{}, {Map: "other", Second: 1, G80: 1, G95: 1}, {Map: mapV1, Second: math.NaN(), G80: 1, G95: 1},
		{Map: mapV1, Second: 1, G80: 0, G95: 1}, {Map: mapV1, Second: 1, G80: 3, G95: 2},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v: got it accepted", bad)
		}
	}
}
