package features

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// stretch is lines in a row of one order at one time, all of them purchases or
// all of them returns.
type stretch struct {
	end   int32 // the line after the last
	order int32 // index into allOrders, or −1 for returns; found by addStretches
}

// sums are those of all lines up to one of them, so that those of lines in a row
// are a difference.
type sums struct {
	money datasets.Money
	items datasets.Quantity
}

// scanLines reads what every history has: time, order, amount, quantity and
// the mark of a return. It returns the magnitudes of all amounts and quantities,
// or-ed together; where their sums would not fit, those of the summary are of no
// use.
func (c *Calculator) scanLines(ev *datasets.Events) (magnitudes uint64) {
	magnitudes = c.sumLines(ev)
	c.cutStretches(ev)
	c.addStretches(ev)
	stretches := c.stretches
	for i, at := range c.lineOrders {
		c.lineOrders[i] = stretches[at].order
	}
	return magnitudes
}

// sumLines adds the lines up, one after the other, and finds the largest.
func (c *Calculator) sumLines(ev *datasets.Events) (magnitudes uint64) {
	n := ev.Len()
	c.sums = slices.Grow(c.sums[:0], n)[:n]
	sum, largest := sums{}, datasets.Money(math.MinInt64)
	sums, quantities, returns := c.sums[:n], ev.Quantity[:n], ev.Return[:n]
	for i, amount := range ev.Amount[:n] {
		magnitudes |= magnitude(amount) | magnitude(quantities[i])
		sum.money += amount
		sum.items += quantities[i]
		sums[i] = sum
		if returns[i] {
			amount = math.MinInt64
		}
		largest = max(largest, amount)
	}
	c.s.largestLine = largest
	return magnitudes
}

// cutStretches finds the stretches. Where one ends cannot be foretold, so that no
// branch depends on it: every line writes the end of the stretch that it may be
// the last of.
func (c *Calculator) cutStretches(ev *datasets.Events) {
	n := ev.Len()
	c.lineOrders = slices.Grow(c.lineOrders[:0], n)[:n]
	c.stretches = slices.Grow(c.stretches[:0], n)[:n]
	if n == 0 {
		return
	}
	times, codes, returns := ev.Time[:n], ev.Order[:n], ev.Return[:n]
	stretches, lineOrders := c.stretches[:n], c.lineOrders[:n]
	time, code, kind, at := times[0], codes[0], oneIf(returns[0]), 0
	for i := range n {
		k := oneIf(returns[i])
		differs := int(times[i]^time) | int(codes[i]^code) | (k ^ kind)
		time, code, kind = times[i], codes[i], k
		at += oneIf(differs != 0)
		lineOrders[i] = int32(at) // for now
		stretches[at].end = int32(i + 1)
	}
	c.stretches = stretches[:at+1]
}

// addStretches adds the stretches up by order and by day.
func (c *Calculator) addStretches(ev *datasets.Events) {
	s := &c.s
	n := len(c.stretches)
	c.allOrders = slices.Grow(c.allOrders[:0], n)
	c.returnFirst = false
	s.days = slices.Grow(s.days[:0], n)
	s.returns = returns{}

	all, days := c.allOrders[:n], s.days[:n]
	count, active, purchases := 0, 0, int32(0) // orders, days, orders with a purchase
	gross, items := datasets.Money(0), datasets.Quantity(0)
	newest, current := -1, 0                // code of the last order, and index of that of the stretch
	today, last := math.MinInt, math.MinInt // of all lines so far, and of the purchases
	first, before := int32(0), sums{}
	for k := range c.stretches {
		l := &c.stretches[k]
		line, sum := first, c.sums[l.end-1]
		lines, money, quantity := l.end-first, sum.money-before.money, sum.items-before.items
		first, before = l.end, sum
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
				l.order = -1
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
		l.order = int32(current)
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
// new; current is the index of the order of the line before. Codes rise with
// their first occurrence, so that any but one above the last is found by halving;
// only a history that breaks the rule is searched from end to end.
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

// keepPurchaseOrders gives the summary the orders that hold a purchase, in the
// order of their first purchase lines, which an order that began with a return
// may break. Lines no longer find their orders.
func (c *Calculator) keepPurchaseOrders() {
	c.s.orders = c.allOrders
	if !c.returnFirst { // as a rule
		return
	}
	kept, sorted, before := c.allOrders[:0], true, int32(-1)
	for _, o := range c.allOrders {
		if o.lines == 0 {
			continue
		}
		kept = append(kept, o)
		sorted = sorted && o.line > before
		before = o.line
	}
	if !sorted {
		slices.SortFunc(kept, func(a, b order) int { return int(a.line) - int(b.line) })
	}
	c.s.orders = kept
}
