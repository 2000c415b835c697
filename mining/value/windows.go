package value

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

const (
	leastHoldout = 30  // days, of auto
	mostHoldout  = 365 // days, of auto
	leastPast    = 30  // days of history before a day that is learned from
	leastWindow  = 14  // days, of what is learned
	mostSteps    = 8   // past days, each half a window earlier
	yearDays     = 365
)

// windows are the days that the comparison and the learned model look at.
type windows struct {
	first, asOf datasets.Day
	cut         datasets.Day   // the last day before the hold-out
	learn       datasets.Day   // length of what the learned model predicts; 0: there is nothing to learn from
	days        []datasets.Day // past days, rising; the last is cut
}

// newWindows lays the hold-out and the days to learn from into the history.
//
// The hold-out ends on the scoring date. The learned model predicts windows as long as the
// hold-out, or half of the history before the hold-out where shorter, so that at least one
// window with as much history before is complete when the hold-out begins. Windows begin every
// half window, and in the season of the windows to predict.
func newWindows(first, asOf datasets.Day, holdout datasets.Day) windows {
	w := windows{first: first, asOf: asOf}
	if holdout == 0 {
		holdout = min(mostHoldout, max(leastHoldout, (asOf-first+1)/3))
	}
	w.cut = asOf - holdout
	w.days = []datasets.Day{w.cut}
	if w.learn = min(holdout, (w.cut-first)/2); w.learn < leastWindow {
		w.learn = 0
		return w
	}
	step := max(1, w.learn/2)
	for k := datasets.Day(1); k <= mostSteps; k++ {
		w.days = append(w.days, w.cut-k*step)
	}
	for year := datasets.Day(yearDays); year <= 2*yearDays; year += yearDays {
		w.days = append(w.days, w.cut-year, asOf-year)
	}
	w.days = slices.DeleteFunc(w.days, func(d datasets.Day) bool {
		return d != w.cut && (d < first+leastPast || d > w.cut)
	})
	slices.Sort(w.days)
	w.days = slices.Compact(w.days)
	return w
}

// holdout returns the length of the hold-out.
func (w *windows) holdout() datasets.Day { return w.asOf - w.cut }

// over returns the number of days whose window is over by a day.
func (w *windows) over(by datasets.Day) int {
	n := 0
	for n < len(w.days) && w.days[n]+w.learn <= by {
		n++
	}
	return n
}
