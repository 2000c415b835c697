package value

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/mining"
)

// task is the step in a run.
type task struct {
	set      Settings
	windows  windows
	money    bool     // line items have money
	features []string // that the learned model reads
	tracker
}

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	t := &task{set: *s, windows: newWindows(r.First, r.AsOf, datasets.Day(s.HoldoutDays)), money: has(r, "btyd_money"), features: featuresOf(r)}
	if !slices.Contains(s.Models, learnedBy) {
		t.windows.days, t.windows.learn = []datasets.Day{t.windows.cut}, 0
	}
	t.tracker = tracker{first: r.First, cut: t.windows.cut, asOf: r.AsOf}
	return t, nil
}

// net reports whether money is less returns.
func (t *task) net() bool { return t.set.Money == "net" }

// The labels of the panel. Money is in the currency: float32 holds some seven digits, more
// than a root mean squared error needs.
const (
	learnOrders  = iota // purchase days in the window that is learned
	learnMoney          // money in it
	heldOrders          // in the hold-out
	heldMoney           //
	beforeOrders        // in as many days up to the day: what a plain rule goes by
	beforeMoney         //
	labels
)

// Panel asks for the customers of past days, and for their behaviour in the windows after
// each day.
func (t *task) Panel() panel.Request {
	w := t.windows
	held := w.holdout()
	list := make([]panel.Label, labels)
	for at, span := range map[int]func(day datasets.Day) (from, to datasets.Day){
		learnOrders:  func(day datasets.Day) (from, to datasets.Day) { return day + 1, day + w.learn },
		heldOrders:   func(day datasets.Day) (from, to datasets.Day) { return day + 1, day + held },
		beforeOrders: func(day datasets.Day) (from, to datasets.Day) { return day - held + 1, day },
	} {
		list[at] = func(ev *datasets.Events, day datasets.Day) float32 {
			from, to := span(day)
			return float32(purchaseDays(ev, from, to))
		}
		list[at+1] = func(ev *datasets.Events, day datasets.Day) float32 {
			from, to := span(day)
			return float32(moneyOf(ev, from, to, t.net()).Float())
		}
	}
	return panel.Request{Days: w.days, HorizonDays: int(max(held, w.learn)), MaxRows: t.set.MaxRows, Labels: list}
}

// purchaseDays counts the days from and to and in between with a purchase.
func purchaseDays(ev *datasets.Events, from, to datasets.Day) int {
	first, end := panel.Between(ev, from, to)
	n, last := 0, from-1
	for i := first; i < end; i++ {
		if ev.Return[i] {
			continue
		}
		if day := ev.Time[i].Day(); n == 0 || day != last {
			n, last = n+1, day
		}
	}
	return n
}

// moneyOf adds up the purchases of the days from and to and in between, less the returns of
// these days if net.
func moneyOf(ev *datasets.Events, from, to datasets.Day, net bool) datasets.Money {
	var sum datasets.Money
	first, end := panel.Between(ev, from, to)
	for i := first; i < end; i++ {
		if net || !ev.Return[i] {
			sum += ev.Amount[i]
		}
	}
	return sum
}

// Memory covers the rows to learn from and their copies, and the forecasts of all
// customers.
func (t *task) Memory(customers int) int64 {
	rows := min(int64(t.set.MaxRows), int64(customers)*int64(len(t.windows.days)))
	return rows*int64(len(t.features)+len(added))*13 + 160*int64(customers)
}
