package features

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// scanLines reads what every history has: time, order, amount, quantity and
// the mark of a return. It returns the magnitudes of all amounts and quantities,
// or-ed together; where their sums would not fit, those of the summary are of no
// use.
func (c *Calculator) scanLines(ev *datasets.Events) (magnitudes uint64) {
	s := &c.s
	n := ev.Len()
	times, codes, returns := ev.Time[:n], ev.Order[:n], ev.Return[:n]
	amounts, quantities := ev.Amount[:n], ev.Quantity[:n]
	c.allOrders = c.allOrders[:0]
	c.lineOrders = slices.Grow(c.lineOrders[:0], n)[:n]
	lineOrders := c.lineOrders[:n]

	current, largest := 0, datasets.Money(math.MinInt64)
	today, midnight := 0, datasets.Moment(math.MinInt64)
	for i := 0; i < n; {
		if times[i] >= midnight {
			today = int(times[i].Day())
			midnight = datasets.Moment(today+1) * datasets.FullDay
		}
		code := codes[i]
		if n := len(c.allOrders); n == 0 || code > c.allOrders[n-1].code {
			current = n
			c.allOrders = append(c.allOrders, order{code: code})
		} else if c.allOrders[current].code != code {
			current = c.orderOf(code)
		}
		if returns[i] {
			lineOrders[i] = -1
			magnitudes |= magnitude(amounts[i]) | magnitude(quantities[i])
			c.addReturn(&c.allOrders[current], today, amounts[i], quantities[i])
			i++
			continue
		}
		first, money, items := i, datasets.Money(0), datasets.Quantity(0)
		for { // the purchase lines in a row of one order on one day
			amount, quantity := amounts[i], quantities[i]
			magnitudes |= magnitude(amount) | magnitude(quantity)
			money += amount
			items += quantity
			largest = max(largest, amount)
			lineOrders[i] = int32(current)
			if i++; i >= n || codes[i] != code || times[i] >= midnight || returns[i] {
				break
			}
		}
		c.addLines(&c.allOrders[current], int32(today), int32(first), int32(i-first), money, items)
	}
	for i := range s.days {
		s.gross += s.days[i].money
		s.items += s.days[i].items
	}
	if len(s.days) > 0 {
		s.first, s.last = int(s.days[0].day), int(s.days[len(s.days)-1].day)
		s.largestLine = largest
	}
	return magnitudes
}

// addLines adds purchase lines of one order on one day, of which the first has
// the index given.
func (c *Calculator) addLines(o *order, today, first, lines int32, money datasets.Money, items datasets.Quantity) {
	s := &c.s
	n := len(s.days)
	if n == 0 || s.days[n-1].day != today {
		s.days = append(s.days, day{day: today})
		n++
	}
	d := &s.days[n-1]
	if o.lines == 0 {
		o.day, o.line = today, first
		d.orders++
	}
	s.lines += int(lines)
	o.lines += lines
	o.money += money
	o.items += items
	d.money += money
	d.items += items
}

func (c *Calculator) addReturn(o *order, today int, amount datasets.Money, quantity datasets.Quantity) {
	s := &c.s
	if !o.returns {
		o.returns = true
		s.returnOrders++
	}
	s.returnLines++
	s.returned -= amount
	s.returnedItems -= quantity
	s.lastReturn = today
	for w := range windowDays {
		if s.asOf-today < windowDays[w] {
			s.windows[w].returned -= amount
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
	return len(c.allOrders) - 1
}

// keepPurchaseOrders gives the summary the orders that hold a purchase, in the
// order of their first purchase lines, which an order that began with a return
// may break.
func (c *Calculator) keepPurchaseOrders() {
	sorted, whole, before := true, true, int32(-1)
	for i := range c.allOrders {
		o := &c.allOrders[i]
		if o.discounted {
			c.s.discountedOrders++
		}
		if o.lines == 0 {
			whole = false
			continue
		}
		sorted = sorted && o.line > before
		before = o.line
	}
	c.s.orders = c.allOrders
	if sorted && whole { // as a rule
		return
	}
	c.kept = c.kept[:0]
	for i := range c.allOrders {
		if c.allOrders[i].lines > 0 {
			c.kept = append(c.kept, c.allOrders[i])
		}
	}
	if !sorted {
		slices.SortFunc(c.kept, func(a, b order) int { return int(a.line) - int(b.line) })
	}
	c.s.orders = c.kept
}

// newProductDays is how long a product counts as newly bought.
const newProductDays = 90

// scanProducts counts the products of the purchase lines.
func (c *Calculator) scanProducts(ev *datasets.Events) {
	c.s.products = c.mixOfLines(ev.Product)
	c.s.repeatLines = c.tally.repeats
	for _, i := range c.tally.used {
		if c.s.asOf-int(c.allOrders[c.tally.slots[i].order()].day) < newProductDays {
			c.s.newProducts++
		}
	}
}

// mixOfLines counts the codes of the purchase lines.
func (c *Calculator) mixOfLines(codes []uint32) mix {
	c.tally.start(len(codes))
	c.tally.addLines(codes, c.lineOrders)
	return c.tally.mix(c.logs)
}

// mixOfOrders counts the codes of the first purchase lines of the orders.
func (c *Calculator) mixOfOrders(codes []uint32) mix {
	c.tally.start(len(c.s.orders))
	if codes == nil {
		return c.tally.mix(c.logs)
	}
	for i := range c.s.orders {
		if code := codes[c.s.orders[i].line]; code != datasets.NoCode {
			c.tally.add(code, int32(i))
		}
	}
	return c.tally.mix(c.logs)
}

// scanDimensions counts where, by whom and why the orders were placed.
func (c *Calculator) scanDimensions(ev *datasets.Events) {
	if c.needs.Has(Channel) {
		c.s.channels = c.mixOfOrders(ev.Channel)
	}
	if c.needs.Has(Store) {
		c.s.stores = c.mixOfOrders(ev.Store)
	}
	if c.needs.Has(Region) {
		c.s.regions = c.mixOfOrders(ev.Region)
	}
	if c.needs.Has(Salesperson) {
		c.s.salespeople = c.mixOfOrders(ev.Salesperson)
	}
	if c.needs.Has(Campaign) {
		c.s.camps = c.mixOfOrders(ev.Campaign)
	}
}

// scanCosts sums amount and cost of the lines whose cost is known.
func (c *Calculator) scanCosts(ev *datasets.Events) {
	for i, cost := range ev.Cost {
		if cost == datasets.NoMoney {
			continue
		}
		c.s.costLines++
		c.s.costAmount += ev.Amount[i]
		c.s.costMoney += cost
	}
}

// scanDiscounts sums the discounts of the purchase lines.
func (c *Calculator) scanDiscounts(ev *datasets.Events) {
	s := &c.s
	for i, discount := range ev.Discount {
		o := c.lineOrders[i]
		if o < 0 || discount == datasets.NoMoney {
			continue
		}
		s.discountLines++
		s.discountAmount += ev.Amount[i]
		s.deducted += discount
		if discount > 0 {
			s.discounted++
			c.allOrders[o].discounted = true
		}
	}
}

// scanHours counts the orders by the hour of their first purchase line.
func (c *Calculator) scanHours(ev *datasets.Events) {
	k := &c.s.calendar
	for i := range c.s.orders {
		o := &c.s.orders[i]
		t := ev.Time[o.line]
		hour := uint(t-datasets.Moment(o.day)*datasets.FullDay) / uint(datasets.Hour)
		if hour >= uint(len(k.hour)) { // only where the times are out of order
			hour = uint(t.Hour())
		}
		k.hour[hour]++
		k.topHour = max(k.topHour, k.hour[hour])
		office, workday := 0, 0
		if hour-9 < 8 {
			office = 1
		}
		if uint(weekday(int(o.day))-1) < 5 {
			workday = 1
		}
		k.business += office & workday
	}
}
