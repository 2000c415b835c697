package deviation

import (
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// The bounds of the analysis. An odd date of long ago must not make a long series, and no
// bound depends on the memory of the run, so that every machine finds the same deviations.
const (
	longestDays  = 7305 // 20 years
	longestWeeks = 156  // 3 years
	mostMembers  = 2000 // of a dimension
)

// dimension is a column whose members are judged week by week.
type dimension struct {
	name    string
	codes   func(*datasets.Events) []uint32 // nil where the events have none
	of      datasets.Dimension
	members int
}

// dayTotals are the sales of a day.
type dayTotals struct {
	money  datasets.Sum
	orders int64 // whose first line is of the day
	lines  int64
	copies int64 // lines that equal the line before in everything
}

// cell is the sales of a member in a week.
type cell struct {
	money datasets.Sum
	lines int64
}

// collector adds up the sales of days, and of the weeks of members.
type collector struct {
	first, asOf datasets.Day // first day that is looked at
	monday      datasets.Day // first day of the first whole week
	weeks       int          // whole weeks
	dimensions  []dimension
	skipped     []dimension // of too many members
	anonymous   bool

	mu      sync.Mutex
	workers []*worker
}

// plan finds the days, the weeks and the dimensions.
func (t *task) plan(r *mining.Run) {
	c := &t.collector
	c.anonymous, c.asOf = t.set.Anonymous, r.AsOf
	c.first = max(r.First, r.AsOf-longestDays+1)
	c.monday = c.first + datasets.Day((8-int(c.first.Weekday()))%7)
	c.weeks = max(0, int(r.AsOf+1-c.monday)/7)
	if c.weeks > longestWeeks {
		c.monday += datasets.Day(7 * (c.weeks - longestWeeks))
		c.weeks = longestWeeks
	}
	for _, d := range []struct {
		dimension
		held features.Columns
	}{
		{dimension{of: datasets.Channel, codes: func(e *datasets.Events) []uint32 { return e.Channel }}, features.Channel},
		{dimension{of: datasets.Store, codes: func(e *datasets.Events) []uint32 { return e.Store }}, features.Store},
		{dimension{of: datasets.Region, codes: func(e *datasets.Events) []uint32 { return e.Region }}, features.Region},
	} {
		if !r.Mapped.Has(d.held) {
			continue
		}
		d.name, d.members = d.of.String(), r.Dictionary(d.of).Len()
		if d.members > mostMembers {
			c.skipped = append(c.skipped, d.dimension)
			continue
		}
		c.dimensions = append(c.dimensions, d.dimension)
	}
}

// memory bounds the size of the cells of one worker.
func (c *collector) memory() int64 {
	cells := int64(longestDays)
	for _, d := range c.dimensions {
		cells += int64(d.members) * int64(c.weeks)
	}
	return 64 * cells
}

// Begin has nothing to make ready: what workers hold is bounded by days, weeks and members.
func (c *collector) Begin(*mining.Resources) error {
	c.workers = nil
	return nil
}

// Worker returns the sums of one goroutine.
func (c *collector) Worker(int) mining.Worker {
	w := &worker{collector: c, totals: newTotals(c)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers = append(c.workers, w)
	return w
}

// Close lets go of the sums.
func (c *collector) Close() error {
	c.workers = nil
	return nil
}

// totals are the sales by day, and by dimension, member and week.
type totals struct {
	days    []dayTotals
	members [][][]cell // nil for a member without a sale
}

func newTotals(c *collector) totals {
	t := totals{days: make([]dayTotals, max(0, int(c.asOf-c.first)+1)), members: make([][][]cell, len(c.dimensions))}
	for k, d := range c.dimensions {
		t.members[k] = make([][]cell, d.members)
	}
	return t
}

// collected returns the sums of all workers.
func (c *collector) collected() totals {
	all := newTotals(c)
	for _, w := range c.workers {
		for i := range w.days {
			a, b := &all.days[i], &w.days[i]
			a.money.Merge(&b.money)
			a.orders, a.lines, a.copies = a.orders+b.orders, a.lines+b.lines, a.copies+b.copies
		}
		for k := range w.members {
			for m, cells := range w.members[k] {
				for at := range cells {
					a := all.cell(k, uint32(m), at, c.weeks)
					a.money.Merge(&cells[at].money)
					a.lines += cells[at].lines
				}
			}
		}
	}
	return all
}

// cell returns the cell of a member in a week.
func (t *totals) cell(dimension int, member uint32, week, weeks int) *cell {
	of := &t.members[dimension][member]
	if *of == nil {
		*of = make([]cell, weeks)
	}
	return &(*of)[week]
}

type worker struct {
	*collector
	totals
	seen  []bool // orders of the customer being read
	codes [][]uint32
}

// Customer adds the sales of a customer: money and lines by day, an order by the day
// of its first line.
func (w *worker) Customer(c *mining.Customer) error {
	e := c.Past.Events()
	w.open(e)
	for i := range e.Time {
		if e.Return[i] {
			continue
		}
		if day := w.add(e, i); day != nil && w.fresh(e.Order[i]) {
			day.orders++
		}
	}
	clear(w.seen)
	w.seen = w.seen[:0]
	return nil
}

// open finds the columns of the dimensions.
func (w *worker) open(e *datasets.Events) {
	w.codes = w.codes[:0]
	for _, d := range w.dimensions {
		w.codes = append(w.codes, d.codes(e))
	}
}

// fresh reports whether an order of the customer is seen for the first time.
func (w *worker) fresh(order uint32) bool {
	if n := int(order) + 1; n > len(w.seen) {
		w.seen = slices.Grow(w.seen, n-len(w.seen))[:n]
	}
	before := w.seen[order]
	w.seen[order] = true
	return !before
}

// add adds line i, and returns its day; nil for a day outside the analysis.
func (w *worker) add(e *datasets.Events, i int) *dayTotals {
	day := e.Time[i].Day()
	if day < w.first || day > w.asOf {
		return nil
	}
	d := &w.days[day-w.first]
	d.money.Add(e.Amount[i])
	d.lines++
	if i > 0 && repeats(e, i) {
		d.copies++
	}
	if day < w.monday {
		return d
	}
	week := int(day-w.monday) / 7
	if week >= w.weeks {
		return d
	}
	for k, codes := range w.codes {
		if codes == nil || codes[i] == datasets.NoCode {
			continue
		}
		c := w.cell(k, codes[i], week, w.collector.weeks)
		c.money.Add(e.Amount[i])
		c.lines++
	}
	return d
}

// repeats reports whether line i is the line before once more.
func repeats(e *datasets.Events, i int) bool {
	return e.Time[i] == e.Time[i-1] && e.Order[i] == e.Order[i-1] && e.Quantity[i] == e.Quantity[i-1] && e.Amount[i] == e.Amount[i-1] &&
		(e.Product == nil || e.Product[i] == e.Product[i-1])
}

// End adds the lines of a partition without a customer, if requested in the job. The
// lines are sorted by order, and include lines after the scoring date.
func (w *worker) End(_ int, e *datasets.Events) error {
	if !w.anonymous {
		return nil
	}
	w.open(e)
	for i := 0; i < e.Len(); {
		order := e.Order[i]
		var first *dayTotals
		start := datasets.Day(0)
		for ; i < e.Len() && e.Order[i] == order; i++ {
			if e.Return[i] {
				continue
			}
			if day := w.add(e, i); day != nil && (first == nil || e.Time[i].Day() < start) {
				first, start = day, e.Time[i].Day()
			}
		}
		if first != nil {
			first.orders++
		}
	}
	return nil
}
