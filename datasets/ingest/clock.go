package ingest

import (
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// clock turns instants into times on the wall clock of a zone. The period
// between two changes of the clock is remembered, so that a look-up is two
// comparisons.
type clock struct {
	zone       *time.Location
	start, end int64 // microseconds; the offset holds in [start, end)
	offset     int64 // microseconds
}

func newClock(zone *time.Location) clock { return clock{zone: zone} }

// local returns the wall clock's time at an instant in microseconds.
func (c *clock) local(instant int64) datasets.Moment {
	if instant < c.start || instant >= c.end {
		c.move(instant)
	}
	return datasets.Moment(instant + c.offset)
}

func (c *clock) move(instant int64) {
	t := time.UnixMicro(instant).In(c.zone)
	_, offset := t.Zone()
	c.offset = int64(offset) * int64(datasets.Second)
	start, end := t.ZoneBounds()
	c.start, c.end = -1<<63, 1<<63-1
	// Some zones have changes before all times that microseconds can tell.
	const most = (1<<63 - 1) / int64(datasets.Second)
	if !start.IsZero() && start.Unix() >= -most {
		c.start = start.UnixMicro()
	}
	if !end.IsZero() && end.Unix() <= most {
		c.end = end.UnixMicro()
	}
}
