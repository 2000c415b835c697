package ingest

import (
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// clock turns instants into times on the wall clock of a zone. It remembers the
// stretch between two changes of the clock, so that a look-up is two
// comparisons.
type clock struct {
	zone       *time.Location
	start, end int64 // seconds; the offset holds in [start, end)
	offset     int64 // microseconds
}

func newClock(zone *time.Location) clock { return clock{zone: zone} }

// local returns the wall clock's time at an instant in microseconds.
func (c *clock) local(instant int64) datasets.Moment {
	seconds := instant / int64(datasets.Second)
	if instant < 0 && instant%int64(datasets.Second) != 0 {
		seconds--
	}
	if seconds < c.start || seconds >= c.end {
		c.move(seconds)
	}
	return datasets.Moment(instant + c.offset)
}

func (c *clock) move(seconds int64) {
	t := time.Unix(seconds, 0).In(c.zone)
	_, offset := t.Zone()
	c.offset = int64(offset) * int64(datasets.Second)
	start, end := t.ZoneBounds()
	c.start, c.end = -1<<63, 1<<63-1
	if !start.IsZero() {
		c.start = start.Unix()
	}
	if !end.IsZero() {
		c.end = end.Unix()
	}
}
