package loyalty

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// The most cohorts and periods that the page shows; the files have all.
const (
	cohortsShown = 18
	periodsShown = 48
	daysShown    = 180 // points of the curve of second purchases
)

// section shows the returning customers, the number of customers, and the ties
// between customers and the business.
func (t *task) section(in *mining.Input, a *account, c *counts, r *repeats, f *figures) *page.Section {
	s := &page.Section{Title: "How faithful customers are"}
	s.Text = in.Words.Say("%s of the customers have ordered twice or more.", page.Percent(f.repeatRate))
	if !math.IsNaN(f.median) {
		s.Text += in.Words.Say(" Half of the new customers come back within %s days, those still waited for counted in.", page.Short(f.median))
	} else {
		s.Text += in.Words.Text(" Fewer than half of the new customers come back within the history.")
	}
	s.Text += in.Words.Say(" In an average %s since the first purchase, %s of the customers buy.", t.set.Cohort, page.Percent(f.pooled))
	s.Charts = []page.Chart{t.heatmap(c, in.AsOf), t.lines(c, in.AsOf), curve(r)}
	if a.Related {
		s.Tables = append(s.Tables, a.table(in, mining.Actions(names, t.set.Strategies, actions)))
	}
	return s
}

// heatmap draws the share of each cohort that bought later. The last cell of a row may be
// unfinished.
func (t *task) heatmap(c *counts, asOf datasets.Day) page.Heatmap {
	h := page.Heatmap{
		Title: fmt.Sprintf("Share of a cohort that buys in a later %s", t.set.Cohort), Percent: true,
		XName: t.set.Cohort + "s since the first purchase", YName: "first purchase",
	}
	from := max(c.first(), t.periods.len()-cohortsShown)
	for since := 1; since < t.periods.len()-from; since++ {
		h.Columns = append(h.Columns, fmt.Sprint(since))
	}
	for cohort := from; cohort < t.periods.len()-1; cohort++ {
		values, labels := make([]float64, len(h.Columns)), make([]string, len(h.Columns))
		for k := range values {
			since := k + 1
			values[k] = math.NaN()
			if cohort+since >= t.periods.len() || c.size(cohort) == 0 {
				continue
			}
			values[k] = float64(c.at(cohort, since).customers) / float64(c.size(cohort))
			labels[k] = fmt.Sprintf("%.0f %%", 100*values[k])
			if !t.periods.complete(cohort+since, asOf) {
				labels[k] += " so far"
			}
		}
		h.Rows = append(h.Rows, fmt.Sprintf("%s (%s)", t.periods.name(cohort), page.Whole(c.size(cohort))))
		h.Values, h.Labels = append(h.Values, values), append(h.Labels, labels)
	}
	return h
}

// lines draws the customer numbers of the periods that are over.
func (t *task) lines(c *counts, asOf datasets.Day) page.Lines {
	l := page.Lines{Title: "Customers by " + t.set.Cohort, XName: t.set.Cohort, YName: "customers", Lines: []page.Line{
		{Name: "active"}, {Name: "new"}, {Name: "kept"}, {Name: "reactivated"}, {Name: "lapsed", Dashed: true},
	}}
	for p := max(c.first(), t.periods.len()-periodsShown); p < t.periods.len(); p++ {
		if !t.periods.complete(p, asOf) {
			break
		}
		n := &c.numbers[p]
		l.X = append(l.X, t.periods.name(p))
		for k, v := range []int64{n.active, n.fresh, n.kept, n.reactivated, n.lapsed} {
			l.Lines[k].Values = append(l.Lines[k].Values, float64(v))
		}
	}
	return l
}

// curve draws the share of new customers who have come back by the days since their first
// purchase.
func curve(r *repeats) page.Lines {
	survival := r.second.Survival()
	l := page.Lines{Title: "New customers who have come back (Kaplan–Meier)", XName: "days since the first purchase", YName: "share", Percent: true,
		Lines: []page.Line{{Name: "come back"}}}
	step := max(1, (len(survival)+daysShown-1)/daysShown)
	for day := 0; day < len(survival); day += step {
		l.Numbers = append(l.Numbers, float64(day))
		l.Lines[0].Values = append(l.Lines[0].Values, 1-survival[day])
	}
	return l
}

// table lists the kinds of relationships.
func (a *account) table(in *mining.Input, actions []string) page.Table {
	t := page.Table{
		Title: "What binds them, in figures", Fold: true, Head: []string{"Relationship", "Customers", "Share", mining.WithCurrency("Money", in.Currency), "Share of money", "What to do"},
		Numeric: []bool{false, true, true, true, true, false},
	}
	sizes, money, total := a.sizes(), a.money(), 0.0
	for _, v := range money {
		total += v
	}
	for k, name := range names {
		t.Rows = append(t.Rows, []string{
			in.Words.Group(relationshipColumn, name), page.Whole(int64(sizes[name])), page.Percent(float64(sizes[name]) / float64(len(a.kinds))), page.Amount(money[k]),
			page.Percent(money[k] / total), in.Words.Text(actions[k]),
		})
	}
	return t
}
