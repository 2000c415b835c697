package features

import (
	"sort"

	"github.com/quintile-dev/quintile/datasets"
)

// Past is one customer's history as known at the end of a day. Only a cut makes a
// Past. Compute cuts in the same way before reading: a feature cannot see an event
// later than its as-of day.
type Past struct {
	events datasets.Events
	asOf   datasets.Day
}

// Cut returns the events of ev on asOf or before, as a view of the same
// columns. ev is one customer's history, sorted by time, and is not modified.
//
// Cost: a binary search; no allocation.
func Cut(ev datasets.Events, asOf datasets.Day) Past {
	cut(&ev, asOf)
	return Past{events: ev, asOf: asOf}
}

// endsAfter reports whether there are events after the day.
func endsAfter(ev *datasets.Events, asOf datasets.Day) bool {
	n := len(ev.Time)
	return n > 0 && ev.Time[n-1].Day() > asOf
}

// cut leaves out the events after the day.
func cut(ev *datasets.Events, asOf datasets.Day) {
	if endsAfter(ev, asOf) {
		*ev = before(ev, asOf+1)
	}
}

// before returns the events of ev before a day.
func before(ev *datasets.Events, day datasets.Day) datasets.Events {
	return ev.Slice(0, sort.Search(ev.Len(), func(i int) bool { return ev.Time[i].Day() >= day }))
}

// Events returns the events of the past. The events share the memory of the
// original history.
func (p *Past) Events() *datasets.Events { return &p.events }

// AsOf returns the day at whose end the past ends.
func (p *Past) AsOf() datasets.Day { return p.asOf }
