package campaign

import (
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/models/metric"
)

// section shows the effect of each campaign.
func (t *task) section(in *mining.Input, all []campaign) *page.Section {
	s := &page.Section{Title: "Did campaigns work", Text: "Those contacted against those held out, all of either arm counted, with intervals of 95 %. " +
		"An interval that holds 0 shows no effect. Without a control group there is a description: customers who responded may have bought anyway."}
	rates := page.Table{
		Title: "Responses", Head: []string{"Campaign", "Treated", "Control", "Rate treated", "Rate control", "Difference", "From", "To", "Smallest effect"},
		Numeric: []bool{false, true, true, true, true, true, true, true, true},
	}
	money := page.Table{
		Title: "Money a head", Head: []string{"Campaign", "Treated", "Control", "Difference", "From", "To", mining.WithCurrency("Profit after cost", in.Currency), "From", "To"},
		Numeric: []bool{false, true, true, true, true, true, true, true, true},
	}
	for k := range all {
		c := &all[k]
		v := c.values
		smallest := page.Percent(v["smallest_effect"])
		if t.set.Outcome == "money" {
			smallest = page.Amount(v["smallest_effect"])
		}
		rates.Rows = append(rates.Rows, []string{
			c.name, page.Whole(int64(c.treated.Of)), page.Whole(int64(c.control.Of)), page.Percent(v["treated_rate"]), page.Percent(v["control_rate"]),
			page.Percent(v["rate_effect"]), page.Percent(v["rate_low"]), page.Percent(v["rate_high"]), smallest,
		})
		money.Rows = append(money.Rows, []string{
			c.name, page.Amount(v["treated_money"]), page.Amount(v["control_money"]), page.Amount(v["money_effect"]), page.Amount(v["money_low"]),
			page.Amount(v["money_high"]), page.Amount(v["profit"]), page.Amount(v["profit_low"]), page.Amount(v["profit_high"]),
		})
	}
	if len(all) == 0 {
		return s
	}
	s.Tables = append(s.Tables, rates)
	if t.priced {
		s.Tables = append(s.Tables, money)
	}
	t.addUplift(s, all)
	return s
}

// addUplift says whether some customers gain more from a contact than others.
func (t *task) addUplift(s *page.Section, all []campaign) {
	if t.set.Uplift.Learner == noLearner {
		return
	}
	table := page.Table{
		Title: "Who responds because of the contact (ranked by models that have not seen the customer; " + metric.DistinctThresholds.String() + ")",
		Head:  []string{"Campaign", "Finding", "Customers", "Qini", "From", "To", "Uplift of the best tenth", "Of the last"}, Numeric: []bool{false, false, true, true, true, true, true, true},
	}
	for k := range all {
		u := all[k].uplift
		row := []string{all[k].name, findings[u.state], page.Whole(int64(u.rows)), "", "", "", "", ""}
		if u.groups != nil {
			for at, v := range []float64{u.qini, u.interval.QiniLow, u.interval.QiniHigh} {
				row[3+at] = page.Short(v)
			}
			row[6], row[7] = page.Percent(u.groups[0].Uplift), page.Percent(u.groups[len(u.groups)-1].Uplift)
			s.Charts = append(s.Charts, qiniChart(&all[k]))
		}
		table.Rows = append(table.Rows, row)
	}
	s.Tables = append(s.Tables, table)
}

// findings are the states of uplift in words.
var findings = map[mining.State]string{
	mining.OK: "some gain more than others", NoHeterogeneity: "no difference to be seen", mining.Insufficient: "too few customers or responses",
	NoControl: "no control group", NotBegun: "contacts are still to come", Unbalanced: "arms of unlike sizes",
}

// qiniPoints is the number of steps of a curve.
const qiniPoints = 40

// qiniChart draws the Qini curve of a campaign.
func qiniChart(c *campaign) page.Chart {
	curve, last := c.uplift.curve, c.uplift.curve[len(c.uplift.curve)-1]
	chart := page.Lines{
		Title: "qini: responses that the campaign brings, by the share of customers contacted: " + c.name,
		XName: "Share contacted, by predicted uplift", YName: "More responses", XPercent: true,
		Lines: []page.Line{{Name: "by predicted uplift"}, {Name: "at random", Dashed: true}},
	}
	at := 0
	for step := range qiniPoints + 1 {
		share := float64(step) / qiniPoints
		rows := share * float64(last.Rows)
		for at+1 < len(curve) && float64(curve[at+1].Rows) <= rows {
			at++
		}
		gain := curve[at].Gain
		if at+1 < len(curve) {
			next := curve[at+1]
			part := (rows - float64(curve[at].Rows)) / float64(next.Rows-curve[at].Rows)
			gain += float64(part * (next.Gain - gain))
		}
		chart.Numbers = append(chart.Numbers, share)
		chart.Lines[0].Values = append(chart.Lines[0].Values, gain)
		chart.Lines[1].Values = append(chart.Lines[1].Values, float64(share*last.Gain))
	}
	return chart
}
