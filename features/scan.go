package features

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// scanLines reads what every history has: time, order, amount, quantity and
// the mark of a return.
func (c *Calculator) scanLines(ev *datasets.Events) {
	s := &c.s
	n := ev.Len()
	c.allOrders = c.allOrders[:0]
	c.lineOrders = slices.Grow(c.lineOrders[:0], n)[:n]

	current := -1 // index of the order of the line before
	today, midnight := 0, datasets.Moment(math.MinInt64)
	for i, t := range ev.Time {
		if t >= midnight {
			today = int(t.Day())
			midnight = datasets.Moment(today+1) * datasets.FullDay
		}
		if code := ev.Order[i]; current < 0 || c.allOrders[current].code != code {
			current = c.orderOf(code)
		}
		o := &c.allOrders[current]
		amount, quantity := ev.Amount[i], ev.Quantity[i]
		if ev.Return[i] {
			c.lineOrders[i] = -1
			c.addReturn(o, today, amount, quantity)
			continue
		}
		c.lineOrders[i] = int32(current)
		if len(s.days) == 0 || int(s.days[len(s.days)-1].day) != today {
			s.days = append(s.days, day{day: int32(today)})
		}
		d := &s.days[len(s.days)-1]
		if o.lines == 0 {
			o.day, o.line = int32(today), int32(i)
			d.orders++
		}
		if s.lines == 0 || amount > s.largestLine {
			s.largestLine = amount
		}
		s.lines++
		o.lines++
		o.money += amount
		o.items += quantity
		d.money += amount
		d.items += quantity
	}
	for i := range s.days {
		s.gross += s.days[i].money
		s.items += s.days[i].items
	}
	if len(s.days) > 0 {
		s.first, s.last = int(s.days[0].day), int(s.days[len(s.days)-1].day)
	}
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
// new. Codes rise with their first occurrence, so one above the last is new,
// and any other is found by halving; only a history that breaks the rule is
// searched from end to end.
func (c *Calculator) orderOf(code uint32) int {
	n := len(c.allOrders)
	if n > 0 && code <= c.allOrders[n-1].code {
		byCode := func(o order, code uint32) int { return int(o.code) - int(code) }
		if i, found := slices.BinarySearchFunc(c.allOrders, code, byCode); found {
			return i
		}
		if i := slices.IndexFunc(c.allOrders, func(o order) bool { return o.code == code }); i >= 0 {
			return i
		}
	}
	c.allOrders = append(c.allOrders, order{code: code})
	return n
}

// keepPurchaseOrders copies the orders that hold a purchase, and brings them
// into the order of their first purchase lines, which an order that began with
// a return may break.
func (c *Calculator) keepPurchaseOrders() {
	sorted, before := true, int32(-1)
	for i := range c.allOrders {
		if c.allOrders[i].lines > 0 {
			sorted = sorted && c.allOrders[i].line > before
			before = c.allOrders[i].line
			c.s.orders = append(c.s.orders, c.allOrders[i])
		}
		if c.allOrders[i].discounted {
			c.s.discountedOrders++
		}
	}
	if !sorted {
		slices.SortFunc(c.s.orders, func(a, b order) int { return int(a.line) - int(b.line) })
	}
}

// newProductDays is how long a product counts as newly bought.
const newProductDays = 90

// scanProducts counts the products of the purchase lines.
func (c *Calculator) scanProducts(ev *datasets.Events) {
	c.tally.start(ev.Len())
	for i, code := range ev.Product {
		o := c.lineOrders[i]
		if o < 0 || code == datasets.NoCode {
			continue
		}
		slot := c.tally.add(code, o)
		if slot.first != o {
			slot.again = true
			c.s.repeatLines++
		}
		if slot.count == 1 && c.s.asOf-int(c.allOrders[o].day) < newProductDays {
			c.s.newProducts++
		}
	}
	c.s.products = c.tally.mix(c.logs)
}

// mixOfLines counts the codes of the purchase lines.
func (c *Calculator) mixOfLines(codes []uint32) mix {
	c.tally.start(len(codes))
	for i, code := range codes {
		o := c.lineOrders[i]
		if o < 0 || code == datasets.NoCode {
			continue
		}
		if slot := c.tally.add(code, o); slot.first != o {
			slot.again = true
		}
	}
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
		hour := ev.Time[o.line].Hour()
		k.hour[hour]++
		if d := weekday(int(o.day)); d >= 1 && d <= 5 && hour >= 9 && hour < 17 {
			k.business++
		}
	}
}
