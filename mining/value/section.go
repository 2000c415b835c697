package value

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// section answers the question in the report.
func (t *task) section(in *mining.Input, a *answer) *page.Section {
	s := &page.Section{Title: "What customers will be worth", Text: t.words(in, a)}
	if a.worth != nil {
		chart, tenths := deciles(in, a.worth)
		s.Charts, s.Tables = append(s.Charts, chart), append(s.Tables, tenths)
		s.Highlights = []page.Highlight{{
			Name: fmt.Sprintf("Expected in %s days", page.Short(t.set.HorizonDays)), Value: page.Money(sumOf(a.worth), in.Currency),
			Note: "from these customers", Change: math.NaN(),
		}}
	}
	if a.held == nil {
		return s
	}
	s.Charts = append(s.Charts, a.track.chart(a.held.base.Kind))
	s.Tables = append(s.Tables, t.comparison(in, a.held), frequencies(a.held))
	return s
}

// words describes in sentences the findings, and the trust they deserve.
func (t *task) words(in *mining.Input, a *answer) string {
	var b strings.Builder
	n := page.Whole(int64(len(a.customers.X)))
	if a.worth != nil {
		b.WriteString(in.Words.Say("%s customers are worth %s in the next %s days, discounted at %s a year, at a margin of %s.",
			n, money(sumOf(a.worth), in.Currency), page.Short(t.set.HorizonDays), page.Percent(float64(t.set.Discount)), page.Percent(a.model.Margin)))
	} else {
		b.WriteString(in.Words.Say("No money of repeat purchases is known: %s customers have expected purchases and no values.", n))
	}
	if a.held == nil {
		b.WriteString(in.Words.Text(" The history is too short to try the models on its end."))
		return b.String()
	}
	c := a.held.published()
	b.WriteString(in.Words.Say(" The model is %s. On the last %d days of the history, which it did not know, it expected %s of the purchase days that came",
		c.name, t.windows.holdout(), percent(c.ratioOrders)))
	if !math.IsNaN(c.ratioMoney) {
		b.WriteString(in.Words.Say(" and %s of the money", percent(c.ratioMoney)))
	}
	if !math.IsNaN(c.coverage) {
		b.WriteString(in.Words.Say("; %s of the customers spent what lay within their interval of %s", percent(c.coverage), percent(float64(t.set.Interval))))
	}
	b.WriteString(".")
	if rule := a.held.worse(c); rule != nil {
		b.WriteString(in.Words.Say(" The plain rule %s did better: take the values with care.", rule.name))
	}
	return b.String()
}

func money(v float64, currency string) string {
	return strings.TrimSpace(page.Amount(v) + " " + currency)
}

// percent writes a ratio as a percentage, whatever its size.
func percent(v float64) string { return page.Percent(v) }

// deciles divides the customers by value.
func deciles(in *mining.Input, worth []float64) (page.Bars, page.Table) {
	order := slices.Clone(worth)
	slices.SortFunc(order, func(x, y float64) int { return cmp.Compare(y, x) })
	total := sumOf(order)
	chart := page.Bars{Title: "Value by tenth of the customers"}
	rows := page.Table{
		Title: "Customers by value, in figures", Fold: true,
		Head:    []string{"Tenth", "Customers", "From", mining.WithCurrency("Value", in.Currency), "Share"},
		Numeric: []bool{false, true, true, true, true},
	}
	for k := range tenths {
		part := order[border(len(order), k):border(len(order), k+1)]
		if len(part) == 0 {
			continue
		}
		sum := sumOf(part)
		share := math.NaN()
		if total > 0 {
			share = sum / total
		}
		name := fmt.Sprintf("tenth %d", k+1)
		chart.Bars = append(chart.Bars, page.Bar{Name: name, Value: sum, Label: page.Money(sum, in.Currency) + "  " + page.Percent(share)})
		rows.Rows = append(rows.Rows, []string{name, page.Whole(int64(len(part))), page.Amount(part[len(part)-1]), page.Amount(sum), page.Percent(share)})
	}
	return chart, rows
}

// chart draws the cumulated purchase days by week.
func (t *tracking) chart(model string) page.Lines {
	c := page.Lines{Title: "Repeat purchase days, added up by week", XName: "last day of the week", YName: "purchase days"}
	actual, total := make([]float64, len(t.actual)), int64(0)
	for k, n := range t.actual {
		total += n
		actual[k] = float64(total)
		c.X = append(c.X, t.through[k].String())
	}
	c.Lines = []page.Line{
		{Name: "actual", Values: actual},
		{Name: model + ", up to " + t.cut.String(), Values: t.expected, Dashed: true},
	}
	return c
}

// comparison is the table of the hold-out.
func (t *task) comparison(in *mining.Input, h *held) page.Table {
	out := page.Table{
		Fold: true, Title: in.Words.Say("Hold-out of %d days: errors (root mean square) and predicted over actual totals", t.windows.holdout()),
		Head: []string{"Model", "Error, purchase days", mining.WithCurrency("Error, money", in.Currency), "Purchase days", "Money",
			"Mean P(buy)", "Bought", "Calibration error", "Within the interval"},
		Numeric: []bool{false, true, true, true, true, true, true, true, true},
	}
	for _, c := range h.candidates {
		name := c.name
		if c.published {
			name += " (publishes)"
		}
		out.Rows = append(out.Rows, []string{
			name, page.Short(c.rmseOrders), page.Short(c.rmseMoney), page.Percent(c.ratioOrders), page.Percent(c.ratioMoney),
			page.Percent(c.buyProb), page.Percent(c.buyShare), page.Percent(c.ece), page.Percent(c.coverage),
		})
	}
	return out
}

// frequencies is the table of purchase days in the hold-out by repeat purchases before.
func frequencies(h *held) page.Table {
	out := page.Table{
		Fold: true, Title: "Mean purchase days in the hold-out, by repeat purchase days before", Head: []string{"", "Customers"}, Numeric: []bool{false, true},
	}
	counts := make([]int64, mostRepeats+1)
	for _, x := range h.X {
		counts[min(mostRepeats, int(x))]++
	}
	actual := byRepeats(h.X, h.orders)
	columns := [][]float64{actual}
	out.Head = append(out.Head, "actual")
	for _, c := range h.candidates {
		columns = append(columns, c.byOrders)
		out.Head = append(out.Head, c.name)
	}
	for range columns {
		out.Numeric = append(out.Numeric, true)
	}
	for k, n := range counts {
		name := fmt.Sprint(k)
		if k == mostRepeats {
			name += "+"
		}
		row := []string{name, page.Whole(n)}
		for _, values := range columns {
			row = append(row, page.Short(values[k]))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
