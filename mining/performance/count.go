package performance

import (
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/mining"
)

// task adds up the cubes.
type task struct {
	set        Settings
	run        *mining.Run
	periods    *periods
	dimensions []dimension
	resources  *mining.Resources
	workers    []*counter
}

// Begin notes what there is to use.
func (t *task) Begin(r *mining.Resources) error {
	t.resources, t.workers = r, make([]*counter, r.Workers)
	return nil
}

// Close lets everything go.
func (t *task) Close() error {
	for _, w := range t.workers {
		if w != nil {
			w.free()
		}
	}
	t.workers = nil
	return nil
}

// Memory covers the members of the largest dimension, put together.
func (t *task) Memory(int) int64 {
	most := 0
	for _, d := range t.dimensions {
		most = max(most, d.members())
	}
	return 400 * int64(most)
}

// counter holds the sums of one worker.
type counter struct {
	*task
	total      *cube[numbers]  // by period
	members    []*cube[member] // of each dimension
	cells      []*cube[cell]   // of each dimension, by member and period
	codes      []uint32        // of each line: its member
	firstLine  []int32         // of each line: the first of its order
	keys       []uint64
	orderLines []int32
	active     []int32
	won        won
}

// numbers is what is counted of a period over all customers.
type numbers struct {
	cell
	kept, reactivated, lapsed int64
	freshMoney                datasets.Wide // of customers who came in the period
}

func (n *numbers) merge(o *numbers) {
	n.cell.merge(&o.cell)
	n.kept += o.kept
	n.reactivated += o.reactivated
	n.lapsed += o.lapsed
	n.freshMoney.Merge(o.freshMoney)
}

// Worker returns the counter of one goroutine.
func (t *task) Worker(at int) mining.Worker {
	r := t.resources
	share := r.Memory / int64(r.Workers) / int64(2*len(t.dimensions)+1)
	w := &counter{task: t, total: newCube[numbers](uint64(t.periods.len()), share, r.Spill, at)}
	for _, d := range t.dimensions {
		n := uint64(d.members())
		w.members = append(w.members, newCube[member](n, share, r.Spill, at))
		w.cells = append(w.cells, newCube[cell](n*uint64(t.periods.len()), share, r.Spill, at))
	}
	t.workers[at] = w
	return w
}

func (w *counter) free() {
	w.total.free()
	for d := range w.members {
		w.members[d].free()
		w.cells[d].free()
	}
}

// End has nothing to do: what is added up is of all partitions.
func (w *counter) End(int, *datasets.Events) error { return nil }

// Customer adds one customer to every cube.
func (w *counter) Customer(c *mining.Customer) error {
	ev := c.Past.Events()
	n := ev.Len()
	w.findFirstLines(ev)
	w.codes = slices.Grow(w.codes[:0], n)[:n]
	first := firstPurchase(ev)
	w.countWon(ev, first)
	if err := w.countTotal(ev, first); err != nil {
		return err
	}
	for d := range w.dimensions {
		if err := w.countDimension(d, ev, c, first); err != nil {
			return fmt.Errorf("performance: %s: %w", w.dimensions[d].name(), err)
		}
	}
	return nil
}

// firstPurchase returns the position of the first purchase, −1 for none.
func firstPurchase(ev *datasets.Events) int { return slices.Index(ev.Return, false) }

// findFirstLines sets firstLine. Orders are numbered by first occurrence.
func (w *counter) findFirstLines(ev *datasets.Events) {
	w.firstLine, w.orderLines = w.firstLine[:0], w.orderLines[:0]
	for i, order := range ev.Order {
		for int(order) >= len(w.orderLines) {
			w.orderLines = append(w.orderLines, int32(i))
		}
		w.firstLine = append(w.firstLine, w.orderLines[order])
	}
}

// countWon adds up the money of a customer in the first days, once these days have
// passed.
func (w *counter) countWon(ev *datasets.Events, first int) {
	w.won = won{}
	if first < 0 {
		return
	}
	day := ev.Time[first].Day()
	for k, days := range wonDays {
		if w.run.AsOf-day < days {
			continue
		}
		w.won.customers[k] = 1
		from, to := panel.Between(ev, day, day+days-1)
		for i := from; i < to; i++ {
			if !ev.Return[i] {
				w.won.money[k].Add(int64(ev.Amount[i]))
			}
		}
	}
}

// periodsOf calls do with each period of the events, with the position of the first
// event and the position after the last.
func (w *counter) periodsOf(ev *datasets.Events, do func(period, from, to int) error) error {
	for from := 0; from < ev.Len(); {
		period := w.periods.at(ev.Time[from].Day())
		end := datasets.Moment(w.periods.starts[period+1]) * datasets.FullDay
		to := from + 1
		for to < ev.Len() && ev.Time[to] < end {
			to++
		}
		if err := do(period, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// countTotal adds a customer to the periods, and tells who came, stayed and left.
func (w *counter) countTotal(ev *datasets.Events, first int) error {
	w.active = w.active[:0]
	fresh := -1
	if first >= 0 {
		fresh = w.periods.at(ev.Time[first].Day())
	}
	for i := range w.codes {
		w.codes[i] = 0
	}
	err := w.periodsOf(ev, func(period, from, to int) error {
		t, err := w.total.at(uint64(period))
		if err != nil {
			return err
		}
		before := t.gross
		for i := from; i < to; i++ {
			t.line(ev, i)
		}
		err = w.distinct(ev, from, to, func(_ uint32, orders int64) error {
			t.orders += orders
			t.customers++
			w.active = append(w.active, int32(period))
			return nil
		})
		if err != nil {
			return err
		}
		if period == fresh {
			t.fresh++
			gained := t.gross
			gained.Merge(before.Negated())
			t.freshMoney.Merge(gained)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.countMoves()
}

// countMoves counts a customer who stayed, came back or left, from the periods in which
// there was a purchase.
func (w *counter) countMoves() error {
	for k, period := range w.active {
		t, err := w.total.at(uint64(period))
		if err != nil {
			return err
		}
		if k > 0 && w.active[k-1] == period-1 {
			t.kept++
		} else if k > 0 {
			t.reactivated++
		}
		if next := int(period) + 1; next < w.periods.len() && (k+1 == len(w.active) || w.active[k+1] != period+1) {
			t, err := w.total.at(uint64(next))
			if err != nil {
				return err
			}
			t.lapsed++
		}
	}
	return nil
}

// distinct calls do with each member of the purchases from from to to, and its distinct
// orders.
func (w *counter) distinct(ev *datasets.Events, from, to int, do func(member uint32, orders int64) error) error {
	w.keys = w.keys[:0]
	for i := from; i < to; i++ {
		if !ev.Return[i] {
			w.keys = append(w.keys, uint64(w.codes[i])<<32|uint64(ev.Order[i]))
		}
	}
	slices.Sort(w.keys)
	w.keys = slices.Compact(w.keys)
	for at := 0; at < len(w.keys); {
		code := uint32(w.keys[at] >> 32)
		end := at + 1
		for end < len(w.keys) && uint32(w.keys[end]>>32) == code {
			end++
		}
		if err := do(code, int64(end-at)); err != nil {
			return err
		}
		at = end
	}
	return nil
}

// countDimension adds a customer to the cubes of a dimension.
func (w *counter) countDimension(d int, ev *datasets.Events, c *mining.Customer, first int) error {
	w.membersOf(w.dimensions[d], ev, c)
	members, cells, periods := w.members[d], w.cells[d], uint64(w.periods.len())
	for i, code := range w.codes {
		m, err := members.at(uint64(code))
		if err != nil {
			return err
		}
		m.line(ev, i)
	}
	err := w.distinct(ev, 0, ev.Len(), func(code uint32, orders int64) error {
		m, err := members.at(uint64(code))
		if err != nil {
			return err
		}
		m.orders += orders
		m.customers++
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.countWindows(members, ev); err != nil {
		return err
	}
	err = w.periodsOf(ev, func(period, from, to int) error {
		for i := from; i < to; i++ {
			x, err := cells.at(uint64(w.codes[i])*periods + uint64(period))
			if err != nil {
				return err
			}
			x.line(ev, i)
		}
		return w.distinct(ev, from, to, func(code uint32, orders int64) error {
			x, err := cells.at(uint64(code)*periods + uint64(period))
			if err != nil {
				return err
			}
			x.orders += orders
			x.customers++
			return nil
		})
	})
	if err != nil || first < 0 {
		return err
	}
	return w.countFresh(d, ev, first)
}

// countFresh counts a new customer for the members of the first order.
func (w *counter) countFresh(d int, ev *datasets.Events, first int) error {
	period := uint64(w.periods.at(ev.Time[first].Day()))
	var seen []uint32
	for i := first; i < ev.Len(); i++ {
		if ev.Order[i] != ev.Order[first] || ev.Return[i] || slices.Contains(seen, w.codes[i]) {
			continue
		}
		seen = append(seen, w.codes[i])
		m, err := w.members[d].at(uint64(w.codes[i]))
		if err != nil {
			return err
		}
		m.fresh++
		m.won.merge(&w.won)
		x, err := w.cells[d].at(uint64(w.codes[i])*uint64(w.periods.len()) + period)
		if err != nil {
			return err
		}
		x.fresh++
	}
	return nil
}

// countWindows adds a customer to the windows that are compared.
func (w *counter) countWindows(members *cube[member], ev *datasets.Events) error {
	for k := range windowCount {
		from, to := panel.Between(ev, w.windowStart(k), w.windowStart(k)+datasets.Day(w.set.WindowDays)-1)
		for i := from; i < to; i++ {
			if ev.Return[i] {
				continue
			}
			m, err := members.at(uint64(w.codes[i]))
			if err != nil {
				return err
			}
			m.windows[k].gross.Add(int64(ev.Amount[i]))
		}
		err := w.distinct(ev, from, to, func(code uint32, orders int64) error {
			m, err := members.at(uint64(code))
			if err != nil {
				return err
			}
			m.windows[k].orders += orders
			m.windows[k].customers++
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// windowStart returns the first day of a window.
func (t *task) windowStart(k int) datasets.Day {
	days := datasets.Day(t.set.WindowDays)
	return t.run.AsOf + 1 - [windowCount]datasets.Day{current: days, previous: 2 * days, yearBefore: 365 + days}[k]
}

// membersOf sets codes to the member of each line: 0 for none, and the codes of two
// dimensions put together.
func (w *counter) membersOf(d dimension, ev *datasets.Events, c *mining.Customer) {
	if len(d.sources) == 1 {
		d.sources[0].codes(w.codes, ev, c, w.firstLine)
		for i, code := range w.codes {
			w.codes[i] = code + 1 // NoCode becomes 0
		}
		return
	}
	second := make([]uint32, len(w.codes))
	d.sources[0].codes(w.codes, ev, c, w.firstLine)
	d.sources[1].codes(second, ev, c, w.firstLine)
	base := uint32(d.sources[1].members + 1)
	for i := range w.codes {
		w.codes[i] = (w.codes[i]+1)*base + second[i] + 1
	}
}
