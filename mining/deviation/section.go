package deviation

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// The most rows and days on the page; the file has all rows.
const (
	shownRows = 15
	shownDays = 120
)

// section says who and what departs.
func (t *task) section(in *mining.Input, p *people, f *found) *page.Section {
	s := &page.Section{Title: "What departs from the expected"}
	if p.model == nil {
		s.Text = in.Words.Say("Too few customers have a past that differs to say who departs from it (%s were looked at).", page.Whole(int64(p.compared)))
	} else {
		s.Text = in.Words.Say("In the last %d days %s of %s customers changed in a way that is not usual: %s did more, %s did less (%s of them bought nothing), and of %s the mix changed.",
			t.length, page.Whole(int64(p.all())), page.Whole(int64(p.compared)), page.Whole(int64(p.flagged[up])),
			page.Whole(int64(p.flagged[down])), page.Whole(int64(p.silent)), page.Whole(int64(p.flagged[other])))
		bars := page.Bars{Title: "Customers who depart, by direction"}
		for d, name := range directions {
			bars.Bars = append(bars.Bars, page.Bar{Name: name, Value: float64(p.flagged[d]), Label: page.Whole(int64(p.flagged[d]))})
		}
		s.Charts = append(s.Charts, bars)
	}
	s.Text += in.Words.Say(" Of %s days with sales %s depart from season and trend, and of %s weeks of members %s.",
		page.Whole(int64(f.days)), page.Whole(int64(f.daysFlagged)), page.Whole(int64(f.weeks)), page.Whole(int64(f.weeksFlagged)))
	if f.faults > 0 {
		s.Text += in.Words.Say(" The data seem to have %s faults: see the rows called data.", page.Whole(int64(f.faults)))
	}
	if f.days >= fewestDays {
		s.Charts = append(s.Charts, f.curve(in.Currency))
	}
	if len(f.rows) > 0 {
		s.Tables = append(s.Tables, f.worst())
	}
	return s
}

// curve draws the last days with their expected values.
func (f *found) curve(currency string) page.Lines {
	c := page.Lines{Title: f.measure + " by day, and as expected", XName: "day", YName: f.measure, Lines: []page.Line{{Name: "actual"}, {Name: "expected", Dashed: true}}}
	if f.measure == moneyMeasure {
		c.YName = mining.WithCurrency(f.measure, currency)
	}
	for i := max(0, len(f.series)-shownDays); i < len(f.series); i++ {
		c.X = append(c.X, (f.first + datasets.Day(i)).String())
		c.Lines[0].Values, c.Lines[1].Values = append(c.Lines[0].Values, f.series[i]), append(c.Lines[1].Values, f.expected[i])
	}
	begin := f.first + datasets.Day(max(0, len(f.series)-shownDays))
	for _, r := range f.rows {
		if r.level == dayLevel && r.measure == f.measure && r.from >= begin {
			c.Marks = append(c.Marks, page.Mark{At: int(r.from - begin), Name: fmt.Sprintf("%s: %s, expected %s", r.from, page.Compact(r.actual), page.Compact(r.expected))})
		}
	}
	return c
}

// worst lists faults of the data, and then what is least likely by chance.
func (f *found) worst() page.Table {
	rows := slices.Clone(f.rows)
	chance := func(r row) float64 {
		if math.IsNaN(r.p) {
			return -1
		}
		return r.p
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(chance(a), chance(b)) })
	t := page.Table{
		Title:   fmt.Sprintf("What departs most (%s rows in all)", page.Whole(int64(len(rows)))),
		Head:    []string{"Level", "Part", "From", "To", "Measure", "Actual", "Expected", "Change", "Direction"},
		Numeric: []bool{false, false, false, false, false, true, true, true, false},
	}
	for _, r := range rows[:min(shownRows, len(rows))] {
		part := r.dimension
		if r.member != "" {
			part += " " + r.member
		}
		t.Rows = append(t.Rows, []string{
			r.level, part, r.from.String(), r.to.String(), r.measure, page.Amount(r.actual), page.Amount(r.expected), page.Change(r.change()), r.direction,
		})
	}
	return t
}
