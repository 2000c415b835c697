package lifecycle

import (
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// section shows how the customers and their money are divided among the stages.
func (s *summary) section(in *mining.Input, m *Model) *page.Section {
	all, total := 0, 0.0
	for k := range names {
		all += s.sizes[k]
		total += s.money[k].Float()
	}
	bar := page.Stack{Title: "Stages of the relationship, in shares", Percent: true, Parts: names, Bars: []page.StackedBar{
		{Name: "customers"}, {Name: in.Words.Say("money, last %d days", windowDays)}, {Name: in.Words.Say("money, %d days before", windowDays)},
	}}
	sums := [3]float64{float64(all), total, 0}
	for k := range names {
		sums[2] += s.before[k].Float()
	}
	t := page.Table{
		Head: []string{"Stage", "Customers", "Share", mining.WithCurrency(in.Words.Say("Money of %d days", windowDays), in.Currency), "Share of money",
			"Purchase days, mean", "Days since the last, median"},
		Numeric: []bool{false, true, true, true, true, true, true},
	}
	for k, name := range names {
		for b, v := range []float64{float64(s.sizes[k]), s.money[k].Float(), s.before[k].Float()} {
			bar.Bars[b].Values = append(bar.Bars[b].Values, max(0, v)/max(1e-6, sums[b]))
		}
		t.Rows = append(t.Rows, []string{
			in.Words.Group(stageColumn, name), page.Whole(int64(s.sizes[k])), page.Percent(float64(s.sizes[k]) / float64(max(1, all))), page.Amount(s.money[k].Float()),
			page.Percent(s.money[k].Float() / total), page.Short(float64(s.days[k]) / float64(s.sizes[k])), page.Short(s.open[k]),
		})
	}
	if !in.Priced() {
		bar.Bars = bar.Bars[:1]
		t = t.Without(3, 4)
	}
	return &page.Section{
		Title: "Where in the relationship",
		Text: in.Words.Say("%s customers are growing and %s are steady; %s decline, and %s have most likely left. "+
			"Four of five gaps between purchase days are at most %s days, 95 %% at most %s; a second purchase is waited for during %s days.",
			page.Whole(int64(s.sizes[growth])), page.Whole(int64(s.sizes[maturity])), page.Whole(int64(s.sizes[decline])),
			page.Whole(int64(s.sizes[termination])), page.Short(m.G80), page.Short(m.G95), page.Short(m.Second)),
		Charts: []page.Chart{bar}, Tables: []page.Table{t},
	}
}
