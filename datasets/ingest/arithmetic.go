package ingest

import (
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// A relation between columns counts as intended if it holds in at least meantShare of the rows that could contradict
// the relation, and at least meantRows rows could.
const (
	meantShare = 0.95
	meantRows  = 5
)

// compareAmounts looks at the arithmetic of quantities, prices and amounts: a price equal to the total of
// the line, and an amount equal to the total of the order.
func (g *Guess) compareAmounts(p *profile) {
	quantity, price := p.column(g, Quantity), p.column(g, UnitPrice)
	if quantity != nil && price != nil {
		g.comparePrice(p, quantity, price)
	}
	order := p.column(g, Order)
	if amount := p.column(g, Amount); amount != nil && order != nil {
		g.compareOrder(p, order, amount)
	}
}

// comparePrice finds the column equal to quantity × price, or equal to the price whatever the
// quantity.
func (g *Guess) comparePrice(p *profile, quantity, price *columnProfile) {
	q, x := g.values(quantity), g.values(price)
	for k := range p.columns {
		c := &p.columns[k]
		if g.used(c.name) || !c.number() {
			continue
		}
		v := g.values(c)
		rows, product, same := 0, 0, 0
		for i := range p.rows {
			if q[i] == micro || q[i] == noValue || x[i] == noValue || v[i] == noValue || x[i] == 0 {
				continue
			}
			rows++
			if amount, ok := datasets.Quantity(q[i]).Times(datasets.Money(x[i])); ok && near(int64(amount), v[i]) {
				product++
			}
			if near(x[i], v[i]) {
				same++
			}
		}
		switch {
		case rows < meantRows:
		case float64(product) >= meantShare*float64(rows):
			g.Decided = append(g.Decided, fmt.Sprintf("%q is quantity × unit_price", c.name))
			return
		case float64(same) >= meantShare*float64(rows):
			delete(g.Columns, UnitPrice)
			g.Columns[Amount] = c.name
			g.Decided = append(g.Decided, fmt.Sprintf("amount is %q: %q equals it whatever the quantity, and so is no price of a piece but the total of the line", c.name, price.name))
			return
		}
	}
}

// compareOrder finds an amount that all lines of an order have alike, while something else differs.
func (g *Guess) compareOrder(p *profile, order, amount *columnProfile) {
	v := g.values(amount)
	lines, alike := map[string][]int64{}, 0
	for i, id := range order.cells {
		if id != "" && v[i] != noValue {
			lines[id] = append(lines[id], v[i])
		}
	}
	several := 0
	for _, values := range lines {
		if len(values) < 2 {
			continue
		}
		several++
		if slices.Min(values) == slices.Max(values) {
			alike++
		}
	}
	if several >= meantRows && float64(alike) >= meantShare*float64(several) && amount.distinct > 1 {
		g.Decided = append(g.Decided, fmt.Sprintf("%q is the same on all lines of an order: if it is the total of the order, it would be counted once for each line; "+
			"map unit_price or the amount of a line in its place", amount.name))
	}
}

// noValue stands for a cell that is no number.
const noValue = -1 << 63

// values returns the numbers of a column in millionths.
func (g *Guess) values(c *columnProfile) []int64 {
	form := &Source{Decimal: g.Decimal, Thousands: g.Thousands, Signs: g.Signs}
	if c.kind != datasets.Text || c.plain {
		form = &Source{Decimal: '.'}
	}
	var n numbers
	all := make([]int64, len(c.cells))
	for i, cell := range c.cells {
		v, outcome := n.readText([]byte(cell), form)
		if all[i] = v; outcome != fits {
			all[i] = noValue
		}
	}
	return all
}

// near reports whether two amounts differ by less than a cent.
func near(a, b int64) bool { return abs(a-b) < 10_000 }
