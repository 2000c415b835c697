package performance

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// shown is the number of members of a dimension on the page.
const shown = 8

// section shows the periods and the first members of each dimension.
func (t *task) section(in *mining.Input, totals []numbers, sheets []*sheet, windows [windowCount]window) *page.Section {
	s := &page.Section{Title: "How sales do"}
	if !t.priced() {
		t.unpriced(s, totals, sheets)
		return s
	}
	growth := ratio(windows[current].gross, windows[previous].gross, 1)
	s.Text = in.Words.Say("%s%s in the last %d days, %s against the %d days before.", page.Amount(windows[current].gross.Float()),
		suffix(in.Currency), t.set.WindowDays, changed(growth), t.set.WindowDays)
	gross := page.Lines{Title: "Money by " + t.set.Period, X: t.periods.labels, YName: mining.WithCurrency("money", in.Currency), Lines: []page.Line{{Name: "gross"}, {Name: "from new customers"}}}
	from := t.firstShown()
	gross.X = gross.X[from:]
	for k := from; k < t.periods.len(); k++ {
		n := &totals[k]
		gross.Lines[0].Values = append(gross.Lines[0].Values, n.gross.Float())
		gross.Lines[1].Values = append(gross.Lines[1].Values, n.freshMoney.Float())
	}
	s.Charts = append(s.Charts, gross, t.people(totals))
	s.Highlights = t.highlights(in, totals, windows)
	for _, sheet := range sheets {
		s.Tables = append(s.Tables, sheet.pageTable(in.Currency))
	}
	return s
}

// highlights are the money of the window against the window before, and the customers of
// the last whole period against the period before.
func (t *task) highlights(in *mining.Input, totals []numbers, windows [windowCount]window) []page.Highlight {
	var money, active []float64
	last := -1
	for k := max(0, t.periods.len()-24); k < t.periods.len(); k++ {
		if t.periods.whole(k) {
			last = k
			money, active = append(money, totals[k].gross.Float()), append(active, float64(totals[k].customers))
		}
	}
	out := []page.Highlight{{
		Name: fmt.Sprintf("Money of the last %d days", t.set.WindowDays), Value: page.Money(windows[current].gross.Float(), in.Currency),
		Note: fmt.Sprintf("against the %d days before", t.set.WindowDays), Trend: money,
		Change: ratio(windows[current].gross, windows[previous].gross, 1),
	}}
	if last > 0 && totals[last-1].customers > 0 {
		out = append(out, page.Highlight{
			Name: "Customers who bought in " + t.periods.labels[last], Value: page.Whole(totals[last].customers),
			Note: "against the " + t.set.Period + " before", Trend: active,
			Change: float64(totals[last].customers)/float64(totals[last-1].customers) - 1,
		})
	}
	return out
}

// firstShown returns the first period on the page, which cannot hold ten years of weeks.
func (t *task) firstShown() int { return max(0, t.periods.len()-24) }

// people shows who bought in each period.
func (t *task) people(totals []numbers) page.Stack {
	c := page.Stack{Title: "Customers by " + t.set.Period, Parts: []string{"new", "kept", "back"}}
	for k := t.firstShown(); k < t.periods.len(); k++ {
		n := &totals[k]
		c.Bars = append(c.Bars, page.StackedBar{Name: t.periods.labels[k], Values: []float64{float64(n.fresh), float64(n.kept), float64(n.reactivated)}})
	}
	return c
}

// unpriced shows the orders and customers of line items without money.
func (t *task) unpriced(s *page.Section, totals []numbers, sheets []*sheet) {
	s.Text = "No column holds money: orders and customers alone are counted."
	orders := page.Lines{Title: "Orders by " + t.set.Period, YName: "orders", Lines: []page.Line{{Name: "orders"}}}
	orders.X = t.periods.labels[t.firstShown():]
	for k := t.firstShown(); k < t.periods.len(); k++ {
		orders.Lines[0].Values = append(orders.Lines[0].Values, float64(totals[k].orders))
	}
	s.Charts = append(s.Charts, orders, t.people(totals))
	for _, sheet := range sheets {
		c := page.Table{
			Title: sheet.title(), Head: append(sheet.columnNames(), "Orders", "Customers"), Numeric: append(make([]bool, len(sheet.sources)), true, true),
		}
		for i := range min(shown, len(sheet.keys)) {
			m := &sheet.members[i]
			c.Rows = append(c.Rows, append(sheet.rowNames(i), page.Whole(m.orders), page.Whole(m.customers)))
		}
		s.Tables = append(s.Tables, c)
	}
}

// title says of what the members are.
func (s *sheet) title() string {
	return fmt.Sprintf("By %s (%s in all)", s.name(), page.Whole(int64(len(s.keys))))
}

// rowNames returns the names of member i, for people.
func (s *sheet) rowNames(i int) []string {
	row := s.texts(int(s.keys[i]))
	for k, text := range row {
		if text == "" {
			row[k] = "(none)"
		}
	}
	return row
}

func suffix(currency string) string {
	if currency == "" {
		return ""
	}
	return " " + currency
}

// changed says how a figure moved.
func changed(growth float64) string {
	switch {
	case math.IsNaN(growth):
		return "with nothing to compare it with"
	case growth < 0:
		return page.Percent(-growth) + " less"
	}
	return page.Percent(growth) + " more"
}

func (s *sheet) pageTable(currency string) page.Table {
	t := page.Table{
		Title:   s.title(),
		Head:    append(s.columnNames(), "Orders", "Customers", mining.WithCurrency("Money", currency), "Share", "Growth", "Returned"),
		Numeric: append(make([]bool, len(s.sources)), true, true, true, true, true, true),
	}
	for i := range min(shown, len(s.keys)) {
		m := &s.members[i]
		row := s.rowNames(i)
		growth := page.Change(ratio(m.windows[current].gross, m.windows[previous].gross, 1))
		t.Rows = append(t.Rows, append(row, page.Whole(m.orders), page.Whole(m.customers), page.Amount(m.gross.Float()),
			page.Percent(ratio(m.gross, s.total, 0)), growth, page.Percent(-ratio(m.returns, m.gross, 0))))
	}
	return t
}
