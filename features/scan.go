package features

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/internal/lines"
)

// scanLines reads the columns of every history: time, order, amount, quantity
// and the mark of a return. The result is the magnitudes of all amounts and
// quantities, or-ed together; where the sums would not fit, the sums of the
// summary are invalid.
func (c *Calculator) scanLines(ev *datasets.Events) (magnitudes uint64) {
	c.lines.Scan(ev)
	c.s.largestLine = c.lines.Largest
	c.addStretches(ev)
	return c.lines.Magnitudes
}

// addStretches adds the stretches up by order and by day.
func (c *Calculator) addStretches(ev *datasets.Events) {
	s, starts, runningSums := &c.s, c.lines.Starts, c.lines.Sums
	n := len(starts)
	c.startLineOrders(ev.Len())
	c.allOrders = slices.Grow(c.allOrders[:0], n)
	c.returnFirst = false
	s.days = slices.Grow(s.days[:0], n)
	s.returns = returns{}

	all, days := c.allOrders[:n], s.days[:n]
	count, active, purchases := 0, 0, int32(0) // orders, days, orders with a purchase
	gross, items := datasets.Money(0), datasets.Quantity(0)
	newest, current := -1, 0                // code of the last order, and index of that of the stretch
	today, last := math.MinInt, math.MinInt // of all lines so far, and of the purchases
	before := lines.Sums{}
	for k, line := range starts {
		end := int32(ev.Len())
		if k+1 < n {
			end = starts[k+1]
		}
		sum := runningSums[end-1]
		lines, money, quantity := end-line, sum.Money-before.Money, sum.Items-before.Items
		before = sum
		today = max(today, int(ev.Time[line].Day())) // days never fall, even where times are out of order
		code, returned := ev.Order[line], ev.Return[line]
		if int(code) > newest && !returned { // as a rule
			current, newest = count, int(code)
			o := &all[count]
			o.code, o.lines, o.day, o.line = code, lines, int32(today), line
			o.money, o.items, o.returns, o.discounted = money, quantity, false, false
			count++
			purchases++
		} else {
			c.allOrders = all[:count]
			current = c.orderOf(code, current)
			count = len(c.allOrders)
			newest = int(all[count-1].code)
			o := &all[current]
			if returned {
				c.setLineOrders(line, end, -1)
				c.addReturn(o, int(lines), today, money, quantity)
				continue
			}
			if o.lines == 0 {
				o.day, o.line = int32(today), line
				purchases++
			}
			o.lines += lines
			o.money += money
			o.items += quantity
		}
		c.setLineOrders(line, end, int32(current))
		gross += money
		items += quantity
		active += oneIf(today != last)
		last = today
		days[active-1] = day{day: int32(today), orders: purchases, money: gross, items: items}
	}
	c.allOrders, s.days = all[:count], days[:active]
	s.lines, s.gross, s.items = ev.Len()-s.returns.lines, gross, items
	if active > 0 {
		s.first, s.last = int(days[0].day), last
	}
}

// lineSpare is how many orders of lines are written at once.
const lineSpare = 8

// startLineOrders makes room for the orders of n lines.
func (c *Calculator) startLineOrders(n int) {
	c.lineOrders = slices.Grow(c.lineOrders[:0], n+lineSpare)[:n+lineSpare]
}

// setLineOrders sets the order of the lines of a run of lines. The length of a run
// is unpredictable, but few runs are longer than the lines written at once.
func (c *Calculator) setLineOrders(from, end, order int32) {
	orders := (*[lineSpare]int32)(c.lineOrders[from:])
	for i := range orders {
		orders[i] = order
	}
	for i := from + lineSpare; i < end; i++ {
		c.lineOrders[i] = order
	}
}

// addReturn adds return lines of one order on one day.
func (c *Calculator) addReturn(o *order, lines, today int, amount datasets.Money, quantity datasets.Quantity) {
	r := &c.s.returns
	if !o.returns {
		o.returns = true
		r.orders++
	}
	r.lines += lines
	r.money -= amount
	r.items -= quantity
	r.last = today
	for w := range windowDays {
		if c.s.asOf-today < windowDays[w] {
			r.windows[w] -= amount
		}
	}
}

// orderOf returns the index of the order with the given code, and adds a new
// order; current is the index of the order of the line before. Codes rise with
// their first occurrence, so that any code not above the last is found by
// halving; only a history that breaks the rule is searched from end to end.
func (c *Calculator) orderOf(code uint32, current int) int {
	if n := len(c.allOrders); n > 0 && code <= c.allOrders[n-1].code {
		if c.allOrders[current].code == code {
			return current
		}
		byCode := func(o order, code uint32) int { return int(o.code) - int(code) }
		if i, found := slices.BinarySearchFunc(c.allOrders, code, byCode); found {
			return i
		}
		if i := slices.IndexFunc(c.allOrders, func(o order) bool { return o.code == code }); i >= 0 {
			return i
		}
	}
	c.allOrders = append(c.allOrders, order{code: code})
	c.returnFirst = true
	return len(c.allOrders) - 1
}

// keepPurchaseOrders gives the summary the orders with a purchase, in the order
// of their first purchase lines; an order that begins with a return may change
// the order. Afterwards lines no longer find their orders.
func (c *Calculator) keepPurchaseOrders() {
	c.s.orders = c.allOrders
	if !c.returnFirst { // as a rule
		return
	}
	orders, kept, sorted, before := c.allOrders, 0, true, int32(-1)
	for i := range orders {
		o := &orders[i]
		if o.lines == 0 {
			continue
		}
		sorted = sorted && o.line > before
		before = o.line
		if kept < i { // a copy waits for the fields to be stored
			orders[kept] = *o
		}
		kept++
	}
	c.s.orders = orders[:kept]
	if !sorted {
		slices.SortFunc(c.s.orders, func(a, b order) int { return int(a.line) - int(b.line) })
	}
}
