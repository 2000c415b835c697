package profit

import (
	"strconv"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// section shows the curves and the classes.
func (t *task) section(in *mining.Input, a *account, l *losses) *page.Section {
	s := &page.Section{Title: "Who earns the money"}
	what, note := in.Words.Text("profit"), ""
	if len(t.warnings(a)) > 0 && !t.costs {
		what, note = in.Words.Text("money"), in.Words.Text(" No costs are known, so that profit here is money.")
	}
	if a.total.Sign() <= 0 {
		s.Text = in.Words.Text("All profit together is not positive, so that nobody has a share of it.")
		return s
	}
	s.Text = in.Words.Say("The first fifth of the customers bring %s of the %s; %s customers bring 80 %% of it. %s customers cost more than they bring.%s",
		page.Percent(a.headShare(20)), what, page.Whole(int64(a.customersFor(80))), page.Whole(int64(len(l.rows))), note)
	var money, profit []int64
	for _, i := range a.order {
		money, profit = append(money, a.money[i]), append(profit, a.profit[i])
	}
	sortFalling(money)
	lines := page.Lines{
		Title: "Shares of money and profit", XName: "share of the customers", YName: "share", Percent: true, XPercent: true,
		Lines: []page.Line{{Name: "money", Values: curve(money)}, {Name: "profit", Values: curve(profit)}, {Name: "all alike", Dashed: true}},
	}
	for k := range hundredths + 1 {
		lines.Numbers = append(lines.Numbers, float64(k)/hundredths)
		lines.Lines[2].Values = append(lines.Lines[2].Values, float64(k)/hundredths)
	}
	s.Charts = append(s.Charts, lines)
	s.Tables = append(s.Tables, a.classTable(in))
	if len(l.rows) > 0 {
		s.Tables = append(s.Tables, l.pageTable(in.Currency))
	}
	return s
}

func (a *account) classTable(in *mining.Input) page.Table {
	t := page.Table{
		Title: "Classes in figures", Fold: true, Head: []string{"Class", "Customers", "Share", mining.WithCurrency("Profit", in.Currency), "Share of profit", "What to do"},
		Numeric: []bool{false, true, true, true, true, false},
	}
	var n [3]int
	var sum [3]float64
	total := 0.0
	for _, i := range a.order {
		p := float64(a.profit[i]) / 1e6
		total += p
		if c := a.class[i]; c != noClass {
			n[c]++
			sum[c] += p
		}
	}
	for c, name := range classes {
		t.Rows = append(t.Rows, []string{
			name, page.Whole(int64(n[c])), page.Percent(float64(n[c]) / float64(len(a.order))), page.Amount(sum[c]),
			page.Percent(sum[c] / total), in.Words.Text(actions[name]),
		})
	}
	return t
}

// lossesShown is the number of customers on the page; the file has all.
const lossesShown = 10

// pageTable shows the worst by their place: ids of customers stand in the file alone.
func (l *losses) pageTable(currency string) page.Table {
	t := page.Table{
		Title:   "Who costs more than they bring",
		Head:    []string{"Place in losses.parquet", mining.WithCurrency("Profit", currency), mining.WithCurrency("Money", currency), "Orders", "Why"},
		Numeric: []bool{true, true, true, true, false},
	}
	for k, r := range l.rows[:min(lossesShown, len(l.rows))] {
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(k + 1), page.Amount(r.profit), page.Amount(r.money), page.Whole(r.orders), r.reason,
		})
	}
	return t
}
