package features

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// newProductDays is how long a product counts as newly bought.
const newProductDays = 90

// scanProducts counts the products of the purchase lines.
func (c *Calculator) scanProducts(ev *datasets.Events) {
	s := &c.s
	c.mixOfLines(&s.products, ev.Product)
	fresh, orders, counts := 0, c.allOrders, c.tally.counts
	for i := range counts {
		first := &orders[counts[i].Order]
		fresh += oneIf(s.asOf-int(first.day) < newProductDays)
	}
	s.newProducts = fresh
}

// mixOfLines counts the codes of the purchase lines.
func (c *Calculator) mixOfLines(m *mix, codes []uint32) {
	c.tally.count(codes, c.lineOrders)
	c.tally.mixTo(m, c.logs)
}

// mixOfOrders counts the codes of the first purchase lines of the orders.
func (c *Calculator) mixOfOrders(m *mix, codes []uint32) {
	if codes == nil {
		*m = mix{}
		return
	}
	c.startCodes(len(c.s.orders))
	for i := range c.s.orders {
		c.addCode(codes[c.s.orders[i].line], int32(i))
	}
	c.mixOfCodes(m)
}

// startCodes makes room for n codes in orders that are counted together.
func (c *Calculator) startCodes(n int) {
	c.codes, c.codeOrders = slices.Grow(c.codes[:0], n), slices.Grow(c.codeOrders[:0], n)
}

func (c *Calculator) addCode(code uint32, order int32) {
	c.codes, c.codeOrders = append(c.codes, code), append(c.codeOrders, order)
}

// mixOfCodes counts the codes that have been added.
func (c *Calculator) mixOfCodes(m *mix) {
	c.tally.count(c.codes, c.codeOrders)
	c.tally.mixTo(m, c.logs)
}

// scanDimensions counts where, by whom and why the orders were placed.
func (c *Calculator) scanDimensions(ev *datasets.Events) {
	if c.needs.Has(Channel) {
		c.mixOfOrders(&c.s.channels, ev.Channel)
	}
	if c.needs.Has(Store) {
		c.mixOfOrders(&c.s.stores, ev.Store)
	}
	if c.needs.Has(Region) {
		c.mixOfOrders(&c.s.regions, ev.Region)
	}
	if c.needs.Has(Salesperson) {
		c.mixOfOrders(&c.s.salespeople, ev.Salesperson)
	}
	if c.needs.Has(Campaign) {
		c.mixOfOrders(&c.s.camps, ev.Campaign)
	}
}

// scanCosts sums amount and cost of the lines whose cost is known.
func (c *Calculator) scanCosts(ev *datasets.Events) {
	s := &c.s
	s.costLines, s.costAmount, s.costMoney = 0, 0, 0
	for i, cost := range ev.Cost {
		if cost == datasets.NoMoney {
			continue
		}
		s.costLines++
		s.costAmount += ev.Amount[i]
		s.costMoney += cost
	}
}

// scanDiscounts sums the discounts of the purchase lines.
func (c *Calculator) scanDiscounts(ev *datasets.Events) {
	s := &c.s
	s.discountLines, s.discounted, s.discountedOrders = 0, 0, 0
	s.discountAmount, s.deducted = 0, 0
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
	for i := range c.allOrders {
		if c.allOrders[i].discounted {
			s.discountedOrders++
		}
	}
}
