package performance

import (
	"github.com/quintile-dev/quintile/datasets"
)

// cell holds the counts of a member, or of a member in a period. All counts are exact, and
// cells can be added in any order.
type cell struct {
	orders, customers, fresh int64 // fresh: customers whose first order of all is among them
	units                    datasets.Wide
	gross, returns           datasets.Wide
	discount, cost           datasets.Wide
}

func (c *cell) merge(o *cell) {
	c.orders += o.orders
	c.customers += o.customers
	c.fresh += o.fresh
	c.units.Merge(o.units)
	c.gross.Merge(o.gross)
	c.returns.Merge(o.returns)
	c.discount.Merge(o.discount)
	c.cost.Merge(o.cost)
}

// empty reports whether nothing was counted.
func (c *cell) empty() bool { return *c == cell{} }

// line adds event i.
func (c *cell) line(ev *datasets.Events, i int) {
	if ev.Return[i] {
		c.returns.Add(int64(ev.Amount[i]))
	} else {
		c.gross.Add(int64(ev.Amount[i]))
		c.units.Add(int64(ev.Quantity[i]))
	}
	if ev.Discount != nil && ev.Discount[i] != datasets.NoMoney {
		c.discount.Add(int64(ev.Discount[i]))
	}
	if ev.Cost != nil && ev.Cost[i] != datasets.NoMoney {
		c.cost.Add(int64(ev.Cost[i]))
	}
}

// The windows that are compared.
const (
	current = iota
	previous
	yearBefore
	windowCount
)

// window is what is counted of a member in a window.
type window struct {
	orders, customers int64
	gross             datasets.Wide
}

func (w *window) merge(o *window) {
	w.orders += o.orders
	w.customers += o.customers
	w.gross.Merge(o.gross)
}

// won holds the counts of the customers with a member in their first order.
type won struct {
	customers [wonCount]int64 // of whom so many days have passed since
	money     [wonCount]datasets.Wide
}

// The days after the first purchase that are counted.
var wonDays = [wonCount]datasets.Day{30, 90, 365}

const wonCount = 3

func (w *won) merge(o *won) {
	for k := range w.customers {
		w.customers[k] += o.customers[k]
		w.money[k].Merge(o.money[k])
	}
}

// member is all that is counted of a member over the whole history.
type member struct {
	cell
	windows [windowCount]window
	won     won
}

func (m *member) merge(o *member) {
	m.cell.merge(&o.cell)
	for k := range m.windows {
		m.windows[k].merge(&o.windows[k])
	}
	m.won.merge(&o.won)
}
