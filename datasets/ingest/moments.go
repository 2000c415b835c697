package ingest

import (
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// readTimes reads the time of each row and drops the rows without a time. Times
// of the usual form are read in ranges, including rows between the given rows;
// other times are read in turn.
func (w *mapper) readTimes(rows []uint32) []uint32 {
	at := w.m.at(Time)
	c := &w.frame.Columns[at]
	usual := w.momentReader(c)
	kept := rows[:0]
	for len(rows) > 0 {
		n := together(rows)
		if w.quiet { // the rows between have their times already
			n = int(consecutive(rows))
		}
		run := rows[:n]
		rows = rows[len(run):]
		for len(run) > 0 {
			i := run[0]
			i += uint32(usual(i, run[len(run)-1]+1))
			k := before(run, i)
			kept = append(kept, run[:k]...)
			if run = run[k:]; len(run) == 0 || run[0] != i {
				continue
			}
			if w.readTime(c, at, i) {
				kept = append(kept, i)
			}
			run = run[1:]
		}
	}
	return kept
}

// readTime reads the time of one row, and refuses the row where there is none.
func (w *mapper) readTime(c *datasets.Column, at int, i uint32) bool {
	if clock := w.column(Clock); w.isMissing(c, int(i)) || clock != nil && w.isMissing(clock, int(i)) {
		w.refuse(i, at, datasets.MissingKey, "a time")
		return false
	}
	t, ok := w.moment(c, i)
	if !ok || t < firstMoment || t > lastMoment {
		w.refuse(i, at, datasets.BadTime, w.wantedTime())
		return false
	}
	w.out.Time[i] = t
	return true
}

// The times that a row may have: the years 1 to 9999.
var (
	firstMoment = datasets.Moment(datasets.DayOf(1, 1, 1)) * datasets.FullDay
	lastMoment  = datasets.Moment(datasets.DayOf(10000, 1, 1))*datasets.FullDay - 1
)

func (w *mapper) wantedTime() string {
	if w.m.layout == nil {
		return "a time in the years 1 to 9999"
	}
	return fmt.Sprintf("a time in the format %q", w.m.layout.String())
}

func (w *mapper) moment(c *datasets.Column, i uint32) (datasets.Moment, bool) {
	switch c.Kind {
	case datasets.Date:
		days := c.Ints[i]
		if days < -1<<30 || days > 1<<30 {
			return 0, false
		}
		return datasets.Moment(days) * datasets.FullDay, true
	case datasets.Timestamp:
		if c.UTC {
			return w.clock.local(c.Ints[i]), true
		}
		return datasets.Moment(c.Ints[i]), true
	}
	cell := w.textOf(c, i)
	if clock := w.column(Clock); clock != nil {
		w.joined = append(append(append(w.joined[:0], cell...), ' '), w.textOf(clock, i)...)
		cell = w.joined
	}
	micros, zoned, ok := w.m.layout.Parse(cell)
	if zoned && ok {
		return w.clock.local(micros), true
	}
	return datasets.Moment(micros), ok
}

// momentReader returns a function that reads the times of rows from to to
// (excluded) up to a time that is not of the usual form, and returns the number
// of times read.
func (w *mapper) momentReader(c *datasets.Column) func(from, to uint32) int {
	switch t := &c.Texts; {
	case c.Valid != nil, w.m.at(Clock) >= 0:
	case c.Kind == datasets.Text && c.Codes == nil && t.Trimmed:
		return func(from, to uint32) int {
			return text.ParseTimes(w.m.layout, w.out.Time[from:to], t.Data, t.Start[from:to], t.End[from:to])
		}
	case c.Kind == datasets.Timestamp:
		return func(from, to uint32) int { return w.readTimestamps(w.out.Time[from:to], c.Ints[from:to], c.UTC) }
	case c.Kind == datasets.Date:
		return func(from, to uint32) int { return readDates(w.out.Time[from:to], c.Ints[from:to]) }
	}
	return func(uint32, uint32) int { return 0 }
}

// readTimestamps copies times up to the first that no row may have.
func (w *mapper) readTimestamps(dst []datasets.Moment, values []int64, utc bool) int {
	values = values[:len(dst)]
	done := 0
	for done < len(dst) {
		from, to, offset := int64(firstMoment), int64(lastMoment)+1, int64(0)
		if utc { // up to the next change of the clock
			w.clock.local(values[done])
			offset = w.clock.offset
			from, to = max(from-offset, w.clock.start), min(to-offset, w.clock.end)
		}
		n := shift(dst[done:], values[done:], from, to, offset)
		if done += n; n == 0 {
			break // no row may have this time
		}
	}
	return done
}

// shift adds offset to the instants up to the first that is not in [from, to), and
// returns the number of shifted instants.
func shift(dst []datasets.Moment, instants []int64, from, to, offset int64) int {
	span := uint64(max(to-from, 0))
	instants = instants[:len(dst)]
	for i, instant := range instants {
		if uint64(instant-from) >= span {
			return i
		}
		dst[i] = datasets.Moment(instant + offset)
	}
	return len(dst)
}

// readDates turns days into times up to the first that no row may have.
func readDates(dst []datasets.Moment, days []int64) int {
	first, last := int64(firstMoment/datasets.FullDay), int64(lastMoment/datasets.FullDay)
	days = days[:len(dst)]
	for i := range dst {
		if days[i] < first || days[i] > last {
			return i
		}
		dst[i] = datasets.Moment(days[i]) * datasets.FullDay
	}
	return len(dst)
}
