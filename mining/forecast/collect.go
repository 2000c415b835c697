package forecast

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/mining"
)

// task adds up the sales by period in the scan, and forecasts them.
type task struct {
	set        Settings
	asOf       datasets.Day
	calendar   calendar
	total      bool // is published
	dimensions []dimension
	members    []int // of each dimension
	priced     bool  // line items have money
	counted    bool  // and quantities

	memory  int64 // bytes of all tallies
	spill   *spill.Space
	workers []*worker // nil until the worker has come
}

// Begin makes room for the workers.
func (t *task) Begin(r *mining.Resources) error {
	t.memory, t.spill = r.Memory, r.Spill
	t.workers = make([]*worker, r.Workers)
	return nil
}

// Worker returns the part of one goroutine.
func (t *task) Worker(at int) mining.Worker {
	w := &worker{
		task: t, begin: math.MaxInt32,
		tally:  newTally(at, t.spill, t.memory/int64(len(t.workers)), t.calendar.n, t.members),
		reader: reader{calendar: &t.calendar}, codes: make([][]uint32, len(t.dimensions)),
	}
	t.workers[at] = w
	return w
}

// Close lets go of what was added up.
func (t *task) Close() error {
	for _, w := range t.workers {
		if w != nil {
			w.tally.free()
		}
	}
	t.workers = nil
	return nil
}

// worker adds up the sales seen by one goroutine.
type worker struct {
	*task
	reader reader
	tally  *tally
	begin  datasets.Day // of the first sale
	codes  [][]uint32   // of each dimension, of the events being read
	seen   []bool       // orders of the customer being read
}

// Customer adds the sales of a customer: money and units by their lines, an order by its
// first line, the customer once a period, and as new in the period of the first sale.
func (w *worker) Customer(c *mining.Customer) error {
	e := c.Past.Events()
	w.open(e)
	active, first := -1, true
	for i := range e.Time {
		if e.Return[i] {
			continue
		}
		day := e.Time[i].Day()
		period := w.reader.at(day)
		fresh := w.fresh(e.Order[i])
		isNew := first
		if first {
			w.begin, first = min(w.begin, day), false
		}
		if period < 0 {
			continue
		}
		var ordered, came int64
		if fresh {
			ordered = 1
		}
		if period != active {
			came, active = 1, period
		}
		if err := w.count(period, ordered, came, isNew); err != nil {
			return err
		}
		if err := w.sale(e, i, period); err != nil {
			return err
		}
	}
	clear(w.seen)
	w.seen = w.seen[:0]
	return nil
}

// open finds the columns of events.
func (w *worker) open(e *datasets.Events) {
	for k, d := range w.dimensions {
		w.codes[k] = d.codes(e)
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

// count counts an order, an active and a new customer.
func (w *worker) count(period int, ordered, came int64, isNew bool) error {
	if ordered+came > 0 {
		if err := w.tally.add(newKey(slotOrders, 0, period), ordered, came); err != nil {
			return err
		}
	}
	if isNew {
		return w.tally.add(newKey(slotNew, 0, period), 1, 0)
	}
	return nil
}

// sale adds the money and the units of line i to the total, and to its members.
func (w *worker) sale(e *datasets.Events, i, period int) error {
	amount, quantity := int64(e.Amount[i]), int64(e.Quantity[i])
	if err := w.tally.add(newKey(slotSales, 0, period), amount, quantity); err != nil {
		return err
	}
	for k, codes := range w.codes {
		if codes == nil || codes[i] == datasets.NoCode {
			continue
		}
		if err := w.tally.add(newKey(firstDimension+k, codes[i], period), amount, quantity); err != nil {
			return err
		}
	}
	return nil
}

// End adds the lines of a partition without a customer, if requested in the job. The
// lines are sorted by order, and include lines after the scoring date.
func (w *worker) End(_ int, e *datasets.Events) error {
	if !w.set.Anonymous {
		return nil
	}
	w.open(e)
	for i := 0; i < e.Len(); {
		order, first := e.Order[i], datasets.Day(math.MaxInt32)
		for ; i < e.Len() && e.Order[i] == order; i++ {
			day := e.Time[i].Day()
			if e.Return[i] || day > w.asOf {
				continue
			}
			first = min(first, day)
			if period := w.reader.at(day); period >= 0 {
				if err := w.sale(e, i, period); err != nil {
					return err
				}
			}
		}
		if first == math.MaxInt32 {
			continue
		}
		w.begin = min(w.begin, first)
		if period := w.reader.at(first); period >= 0 {
			if err := w.count(period, 1, 0, false); err != nil {
				return err
			}
		}
	}
	return nil
}
