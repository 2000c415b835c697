package churn

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

func section(f *Findings, w *words.Words) *page.Section {
	s := &page.Section{Title: "Who is leaving"}
	rates := page.Table{
		Title: "Customers without a purchase in the horizon", Head: []string{"After", "Customers", "Left", "Share"},
		Numeric: []bool{false, true, true, true},
	}
	for _, b := range f.BaseRates {
		rates.Rows = append(rates.Rows, []string{b.Cutoff.String(), page.Whole(b.Customers), page.Whole(b.Churned), page.Percent(b.Rate)})
	}
	if f.Model == nil {
		s.Text = w.Say("Too little data: %s.", f.Message)
		s.Tables = append(s.Tables, rates)
		return s
	}
	s.Text = w.Say("The %s model does best: AUC %.3f, and its top tenth holds %.2f times the average share of those who left, on customers it had not seen.",
		f.Champion, f.AUC, f.TopDecileLift)
	if f.State == NoSignal {
		s.Text = w.Text("Nothing that is known of customers tells who will leave: everyone gets the share that left after the newest cutoff.")
	}
	if next := f.Forecast; next != nil {
		s.Text += w.Say(" The share that leaves moves one way; after %s it will be about %s (%s to %s, with a chance of 80 %%).",
			next.Cutoff, page.Percent(next.Rate), page.Percent(next.Low), page.Percent(next.High))
	}
	if n := len(f.BaseRates); n > 0 {
		var past []float64
		for _, b := range f.BaseRates {
			past = append(past, b.Rate)
		}
		newest := f.BaseRates[n-1]
		s.Highlights = []page.Highlight{{
			Name: "Left in the newest horizon", Value: page.Percent(newest.Rate), Note: w.Say("of the customers before %s", newest.Cutoff),
			Trend: past, Change: math.NaN(),
		}}
	}
	c := page.Bars{Title: "Share that left, by tenth of predicted probability"}
	gains := page.Lines{
		Title: "How many of those who left a list would reach", XName: "share of the customers, the likeliest to leave first", YName: "share of those who left",
		Percent: true, XPercent: true, Numbers: []float64{0}, Lines: []page.Line{{Name: "by probability", Values: []float64{0}}, {Name: "by chance", Values: []float64{0}, Dashed: true}},
	}
	for i, g := range f.Gains {
		c.Bars = append(c.Bars, page.Bar{Name: w.Say("tenth %d", i+1), Value: g.Rate, Label: page.Percent(g.Rate)})
		reached := float64(i+1) / float64(len(f.Gains))
		gains.Numbers = append(gains.Numbers, reached)
		gains.Lines[0].Values = append(gains.Lines[0].Values, g.CumShare)
		gains.Lines[1].Values = append(gains.Lines[1].Values, reached)
	}
	s.Charts = append(s.Charts, c, gains)
	rates.Fold = true
	s.Tables = append(s.Tables, rates)
	return s
}
