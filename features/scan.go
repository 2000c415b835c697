package features

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// stretch is lines in a row of one order at one time, all of them purchases or
// all of them returns.
type stretch struct {
	end   int32             // the line after the last
	order int32             // index into allOrders, or −1 for returns; found by addStretches
	money datasets.Money    // of all lines up to the last
	items datasets.Quantity // likewise
}

// scanLines reads what every history has: time, order, amount, quantity and
// the mark of a return. It returns the magnitudes of all amounts and quantities,
// or-ed together; where their sums would not fit, those of the summary are of no
// use.
func (c *Calculator) scanLines(ev *datasets.Events) (magnitudes uint64) {
	magnitudes = c.cutStretches(ev)
	c.addStretches(ev)
	for i, stretch := range c.lineOrders {
		c.lineOrders[i] = c.stretches[stretch].order
	}
	return magnitudes
}

// cutStretches finds the stretches. Where one ends cannot be foretold, so that no
// branch depends on it: every line writes the stretch that it may be the last
// of, with sums since the first line, whose differences are those of the
// stretches.
func (c *Calculator) cutStretches(ev *datasets.Events) (magnitudes uint64) {
	n := ev.Len()
	c.stretches = slices.Grow(c.stretches[:0], n)[:n]
	c.lineOrders = slices.Grow(c.lineOrders[:0], n)[:n]
	c.s.largestLine = math.MinInt64
	if n == 0 {
		return 0
	}
	times, codes, returns := ev.Time[:n], ev.Order[:n], ev.Return[:n]
	amounts, quantities := ev.Amount[:n], ev.Quantity[:n]
	stretches, lineOrders := c.stretches[:n], c.lineOrders[:n]

	at, money, items, largest := 0, datasets.Money(0), datasets.Quantity(0), datasets.Money(math.MinInt64)
	time, code, kind := times[0], codes[0], kindOf(returns[0])
	for i := range n {
		k := kindOf(returns[i])
		differs := uint64(times[i]^time) | uint64(codes[i]^code) | (k ^ kind)
		time, code, kind = times[i], codes[i], k
		if differs != 0 {
			at++
		}
		lineOrders[i] = int32(at) // for now

		amount, quantity := amounts[i], quantities[i]
		magnitudes |= magnitude(amount) | magnitude(quantity)
		money += amount
		items += quantity
		stretches[at] = stretch{end: int32(i + 1), money: money, items: items}
		if returns[i] {
			amount = math.MinInt64
		}
		largest = max(largest, amount)
	}
	c.stretches = stretches[:at+1]
	c.s.largestLine = largest
	return magnitudes
}

// kindOf returns 1 for a return and 0 for a purchase.
func kindOf(returned bool) uint64 {
	if returned {
		return 1
	}
	return 0
}

// addStretches adds the stretches up by order and by day.
func (c *Calculator) addStretches(ev *datasets.Events) {
	s := &c.s
	n := len(c.stretches)
	c.allOrders = slices.Grow(c.allOrders[:0], n)
	c.returnFirst = false
	s.days = slices.Grow(s.days[:0], n)[:n]
	s.returns = returns{}

	days, orders := 0, int32(0)
	gross, items := datasets.Money(0), datasets.Quantity(0)
	today, last := math.MinInt, math.MinInt // of all lines so far, and of the purchases
	before, current := stretch{}, 0
	for k := range c.stretches {
		l := &c.stretches[k]
		first, money, quantity := before.end, l.money-before.money, l.items-before.items
		before = *l
		today = max(today, int(ev.Time[first].Day())) // days never fall, even where times are out of order
		code := ev.Order[first]
		if n := len(c.allOrders); n == 0 || code > c.allOrders[n-1].code {
			current = n
			c.allOrders = append(c.allOrders, order{code: code})
			c.returnFirst = c.returnFirst || ev.Return[first]
		} else if c.allOrders[current].code != code {
			current = c.orderOf(code)
		}
		o := &c.allOrders[current]
		if ev.Return[first] {
			l.order = -1
			c.addReturn(o, int(l.end-first), today, money, quantity)
			continue
		}
		l.order = int32(current)
		if o.lines == 0 {
			o.day, o.line = int32(today), first
			orders++
		}
		o.lines += l.end - first
		o.money += money
		o.items += quantity
		gross += money
		items += quantity
		if today != last {
			days++
		}
		last = today
		s.days[days-1] = day{day: int32(today), orders: orders, money: gross, items: items}
	}
	s.days = s.days[:days]
	s.lines, s.gross, s.items = ev.Len()-s.returns.lines, gross, items
	if days > 0 {
		s.first, s.last = int(s.days[0].day), last
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

// orderOf returns the index of the order with this code, adding it if it is
// new. Codes rise with their first occurrence, so that any but one above the
// last is found by halving; only a history that breaks the rule is searched from
// end to end.
func (c *Calculator) orderOf(code uint32) int {
	byCode := func(o order, code uint32) int { return int(o.code) - int(code) }
	if i, found := slices.BinarySearchFunc(c.allOrders, code, byCode); found {
		return i
	}
	if i := slices.IndexFunc(c.allOrders, func(o order) bool { return o.code == code }); i >= 0 {
		return i
	}
	c.allOrders = append(c.allOrders, order{code: code})
	c.returnFirst = true
	return len(c.allOrders) - 1
}

// keepPurchaseOrders gives the summary the orders that hold a purchase, in the
// order of their first purchase lines, which an order that began with a return
// may break.
func (c *Calculator) keepPurchaseOrders() {
	c.s.orders = c.allOrders
	if !c.returnFirst { // as a rule
		return
	}
	c.kept = c.kept[:0]
	for i := range c.allOrders {
		if c.allOrders[i].lines > 0 {
			c.kept = append(c.kept, c.allOrders[i])
		}
	}
	byLine := func(a, b order) int { return int(a.line) - int(b.line) }
	if !slices.IsSortedFunc(c.kept, byLine) {
		slices.SortFunc(c.kept, byLine)
	}
	c.s.orders = c.kept
}
