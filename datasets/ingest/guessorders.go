package ingest

import (
	"fmt"
	"slices"
)

// findFirstLines finds the columns that are filled in the first line of an order only, as in exports of shops for the
// facts of the whole order. A column with a role is filled down, unless the role is money: money counts once.
func (g *Guess) findFirstLines(p *profile) {
	order := p.column(g, Order)
	if order == nil {
		return
	}
	for k := range p.columns {
		c := &p.columns[k]
		if c == order || c.filled == 0 || c.filled == p.rows || !onFirstLines(order, c) {
			continue
		}
		role, mapped := g.roleOf(c.name)
		switch {
		case !mapped:
			g.FirstLine = append(g.FirstLine, c.name)
		case slices.Contains([]Role{Amount, Cost, Discount}, role):
			g.PerOrder = append(g.PerOrder, role)
			g.Decided = append(g.Decided, fmt.Sprintf("%q stands in the first line of each order: it is of the whole order, and counts once", c.name))
		case role != Quantity && role != UnitPrice:
			g.FillDown = append(g.FillDown, c.name)
		}
	}
}

// onFirstLines reports whether a column has a value in the first line of an order and none in the later lines, and
// whether such orders are numerous enough.
func onFirstLines(order, c *columnProfile) bool {
	several := 0
	for i, id := range order.cells {
		later := i > 0 && id != "" && id == order.cells[i-1]
		switch {
		case later && c.cells[i] != "":
			return false
		case !later && c.cells[i] == "":
			return false
		case later:
			several++
		}
	}
	return several >= meantRows
}

// roleOf returns the role of a column.
func (g *Guess) roleOf(name string) (Role, bool) {
	for _, role := range Roles() {
		if g.Columns[role] == name {
			return role, true
		}
	}
	return "", false
}

// lookAtCurrency finds the currencies of amounts, the most frequent first. A column without codes has no role.
func (g *Guess) lookAtCurrency(p *profile) {
	c := p.column(g, Currency)
	if c == nil {
		return
	}
	counts := map[string]int{}
	for _, cell := range c.cells {
		if cell != "" {
			counts[cell]++
		}
	}
	values := sortedByCount(counts)
	odd := slices.ContainsFunc(values, func(v string) bool { return len(v) > 8 })
	if missing := c.filled < p.rows && !slices.Contains(g.FillDown, c.name); missing || odd || len(values) == 0 || len(values) > 200 {
		delete(g.Columns, Currency)
		return
	}
	g.Currencies = values
}
