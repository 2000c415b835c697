package churn

import (
	"fmt"

	"github.com/quintile-dev/quintile/mining/page"
)

func section(f *Findings) *page.Section {
	s := &page.Section{Title: "Who is leaving"}
	rates := page.Table{
		Title: "Customers without a purchase in the horizon", Head: []string{"After", "Customers", "Left", "Share"},
		Numeric: []bool{false, true, true, true},
	}
	for _, b := range f.BaseRates {
		rates.Rows = append(rates.Rows, []string{b.Cutoff.String(), page.Whole(b.Customers), page.Whole(b.Churned), page.Percent(b.Rate)})
	}
	if f.Model == nil {
		s.Text = "Too little data: " + f.Message + "."
		s.Tables = append(s.Tables, rates)
		return s
	}
	s.Text = fmt.Sprintf("The %s model does best: AUC %.3f, and its top tenth holds %.2f times the average share of those who left, on customers it had not seen.",
		f.Champion, f.AUC, f.TopDecileLift)
	if f.State == NoSignal {
		s.Text = "Nothing that is known of customers tells who will leave: everyone gets the share that left after the newest cutoff."
	}
	if next := f.Forecast; next != nil {
		s.Text += fmt.Sprintf(" The share that leaves moves one way; after %s it will be about %s (%s to %s, with a chance of 80 %%).",
			next.Cutoff, page.Percent(next.Rate), page.Percent(next.Low), page.Percent(next.High))
	}
	c := page.Bars{Title: "Share that left, by tenth of predicted probability"}
	for i, g := range f.Gains {
		c.Bars = append(c.Bars, page.Bar{Name: fmt.Sprintf("tenth %d", i+1), Value: g.Rate, Label: page.Percent(g.Rate)})
	}
	s.Charts = append(s.Charts, c)
	s.Tables = append(s.Tables, rates)
	return s
}
