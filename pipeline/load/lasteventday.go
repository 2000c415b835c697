package load

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// A last event day stands alone if the gap before is longer than minLoneGap days
// and longer than loneGapTimes the 99th percentile of earlier gaps. Several last
// days stand alone together if they have at most one of loneShare line items.
const (
	minLoneGap   = 90
	loneGapTimes = 10
	loneShare    = 1000
)

// ScoringDate returns the scoring date: the date in the job, or the day after the last event.
func (d *Data) ScoringDate() (datasets.Day, error) {
	_, last, ok := d.Store.Span()
	if !ok {
		return 0, exit.Errorf(exit.BadData, "got no row to work with, want transactions of known customers; see the counts: %s%s", d.Fate(), d.fruitless())
	}
	asOf, named := d.Job.AsOfDay()
	if named {
		return asOf, nil
	}
	return last.Day() + 1, standsAlone(d.Store.Days())
}

// standsAlone returns an error where the last days with events stand alone, as with
// a mistyped year: the scoring date would follow the wrong year, and all customers
// would seem to have left. days rise.
func standsAlone(days []history.DayLines) error {
	total, after := int64(0), int64(0)
	for _, d := range days {
		total += d.Lines
	}
	for i := len(days) - 1; i > 0; i-- {
		after += days[i].Lines
		if i < len(days)-1 && after > total/loneShare {
			return nil
		}
		gap := int(days[i].Day - days[i-1].Day)
		if gap <= minLoneGap {
			continue
		}
		most := max(minLoneGap, loneGapTimes*usualGap(days[:i]))
		if gap <= most {
			continue
		}
		return loneDay(days[i-1].Day, days[i].Day, days[len(days)-1].Day, most, after)
	}
	return nil
}

// usualGap returns the 99th percentile of the gaps between the days, in rising
// order, by nearest rank; 0 without a gap.
func usualGap(days []history.DayLines) int {
	if len(days) < 2 {
		return 0
	}
	gaps := make([]int, len(days)-1)
	for i := range gaps {
		gaps[i] = int(days[i+1].Day - days[i].Day)
	}
	slices.Sort(gaps)
	return gaps[(99*len(gaps)+99)/100-1]
}

// loneDay names the days, and never the customers.
func loneDay(before, from, to datasets.Day, most int, lines int64) error {
	what, have := "the last event day "+from.String(), "it has"
	if to > from {
		what, have = "the last event days "+from.String()+" to "+to.String(), "they have"
	}
	return exit.Errorf(exit.BadData, "as_of: got %s, %d days after the event day before, %s, want at most %d days between (%s %d line items, and a mistyped year "+
		"looks like that); mend the times, name the scoring date (as_of: %s), or set such rows aside (set_aside, with a rule on the column time)",
		what, from-before, before, most, have, lines, before+1)
}
