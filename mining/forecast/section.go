package forecast

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// The most periods of the past and the most series on the page; the file has all.
const (
	shownPeriods = 104
	shownSeries  = 30
)

// section says what comes next, draws the total and lists the series.
func (t *task) section(in *mining.Input, list, shown []*series) *page.Section {
	s := &page.Section{Title: "What comes next"}
	head := list[0]
	if total := find(list, money); total != nil {
		head = total
	}
	s.Text = t.words(in, head)
	s.Highlights = t.highlight(in, head)
	s.Charts = []page.Chart{t.fan(in, head)}
	if parts := t.fans(in, head, shown); len(parts.Panels) > 0 {
		s.Charts = append(s.Charts, parts)
	}
	s.Tables = []page.Table{t.listing(in, shown)}
	return s
}

// highlight is the forecast of the total, against as many periods before.
func (t *task) highlight(in *mining.Input, s *series) []page.Highlight {
	if s.point == nil {
		return nil
	}
	h, next := t.set.Horizon, sum(s.point)
	out := page.Highlight{Name: "Expected, next " + t.periods(h), Value: page.Whole(int64(math.Round(next))), Change: math.NaN()}
	if s.measure == money {
		out.Value = page.Money(next, in.Currency)
	}
	if before := sum(s.values[max(0, len(s.values)-h):]); len(s.values) >= h && before > 0 {
		out.Change, out.Note = next/before-1, "against the last "+t.periods(h)
	}
	return []page.Highlight{out}
}

// The most small charts, and the most periods of the past on each.
const (
	shownPanels  = 12
	panelPeriods = 52
)

// fans draws the series after the total, the past and the forecast of each, small.
func (t *task) fans(in *mining.Input, head *series, shown []*series) page.Multiples {
	c := page.Multiples{Title: fmt.Sprintf("The parts, with the next %s", t.periods(t.set.Horizon))}
	for _, s := range shown {
		if s == head || s.point == nil || s.from+len(s.values) != head.from+len(head.values) || len(c.Panels) == shownPanels {
			continue
		}
		past := s.values[max(0, len(s.values)-panelPeriods):]
		p := page.Panel{Name: s.name(), Label: amount(s.measure, sum(s.point)), Forecast: panelPeriods}
		if s.measure == money {
			p.Label = page.Money(sum(s.point), in.Currency)
		}
		for _, curve := range []struct {
			to   *[]float64
			next []float64
		}{{&p.Values, s.point}, {&p.Low, s.low}, {&p.High, s.high}} {
			for range panelPeriods - len(past) {
				*curve.to = append(*curve.to, math.NaN())
			}
			*curve.to = append(append(*curve.to, past...), curve.next...)
		}
		c.Panels = append(c.Panels, p)
	}
	last := head.from + len(head.values)
	for k := last - panelPeriods; k < last+t.set.Horizon; k++ {
		c.X = append(c.X, t.calendar.start(k).String())
	}
	return c
}

// words answers the question for the total.
func (t *task) words(in *mining.Input, s *series) string {
	name := noun(s.measure)
	if s.measure == money && in.Currency != "" {
		name = in.Currency
	}
	h := t.set.Horizon
	next := sum(s.point)
	text := fmt.Sprintf("The next %s should bring %s %s", t.periods(h), amount(s.measure, next), name)
	if before := sum(s.values[max(0, len(s.values)-h):]); len(s.values) >= h && before > 0 {
		text += fmt.Sprintf(", %s %s than the last %s (%s)", page.Percent(math.Abs(next/before-1)), moreOrLess(next-before), t.periods(h), amount(s.measure, before))
	}
	text += fmt.Sprintf(". The first of them lies between %s and %s with a chance of %s.",
		amount(s.measure, s.low[0]), amount(s.measure, s.high[0]), page.Percent(float64(t.set.Level)))
	e := s.errors()
	if math.IsNaN(e[0]) {
		return text + " The past is too short to say how far such forecasts are off."
	}
	text += fmt.Sprintf(" Tried on past days, the forecast had a scaled error of %s; the last value had %s, the mean of the last 4 %s %s.",
		page.Short(e[0]), page.Short(e[1]), t.set.Period+"s", page.Short(e[3]))
	if s.noBetter() {
		text += " So a plain rule does as well for the total."
	}
	return text
}

// fan returns the chart of a series: the past, and the forecast with its interval.
func (t *task) fan(in *mining.Input, s *series) page.Lines {
	from := max(0, len(s.values)-shownPeriods)
	past := s.values[from:]
	n := len(past) + len(s.point)
	nan := func() []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	actual, next := page.Line{Name: "actual", Values: nan()}, page.Line{Name: "forecast", Values: nan(), Low: nan(), High: nan(), Dashed: true}
	copy(actual.Values, past)
	// The forecast begins at the last value, so that the curves meet.
	last := len(past) - 1
	next.Values[last], next.Low[last], next.High[last] = past[last], past[last], past[last]
	copy(next.Values[last+1:], s.point)
	copy(next.Low[last+1:], s.low)
	copy(next.High[last+1:], s.high)
	c := page.Lines{
		Title: fmt.Sprintf("By %s: %s, with an interval of %s", t.set.Period, noun(s.measure), page.Percent(float64(t.set.Level))),
		XName: "first day of the " + t.set.Period, YName: noun(s.measure), Lines: []page.Line{actual, next},
	}
	if s.measure == money && in.Currency != "" {
		c.YName = in.Currency
	}
	for i := range n {
		c.X = append(c.X, t.calendar.start(s.from+from+i).String())
	}
	return c
}

// listing returns the table of the series.
func (t *task) listing(in *mining.Input, shown []*series) page.Table {
	table := page.Table{
		Head: []string{
			"Series", "Last " + t.periods(t.set.Horizon), "Next " + t.periods(t.set.Horizon), "Method", "Error", "Last value", "Season before",
			"Mean of the last 4", "Interval holds",
		},
		Numeric: []bool{false, true, true, false, true, true, true, true, true},
	}
	table.Fold = true
	table.Title = fmt.Sprintf("Series: sums over the %ss, in each of which a customer counts anew", t.set.Period)
	if len(shown) > shownSeries {
		table.Title += fmt.Sprintf(". The first %d of %d; %s has all", shownSeries, len(shown), file)
		shown = shown[:shownSeries]
	}
	for _, s := range shown {
		e := s.errors()
		before, next, method := math.NaN(), page.None, s.state
		if len(s.values) >= t.set.Horizon {
			before = sum(s.values[len(s.values)-t.set.Horizon:])
		}
		if s.point != nil {
			next, method = amount(s.measure, sum(s.point)), string(s.method)
		}
		table.Rows = append(table.Rows, []string{
			mining.WithCurrency(s.name(), currencyOf(in, s)), amount(s.measure, before), next, method, page.Short(e[0]), page.Short(e[1]),
			page.Short(e[2]), page.Short(e[3]), page.Percent(s.measured.published.Measures().Coverage),
		})
	}
	return table
}

// currencyOf returns the currency of a series, "" where its values are no money.
func currencyOf(in *mining.Input, s *series) string {
	if s.measure == money {
		return in.Currency
	}
	return ""
}

// periods writes a number of periods, such as "4 weeks".
func (t *task) periods(n int) string {
	if n == 1 {
		return t.set.Period
	}
	return fmt.Sprintf("%d %ss", n, t.set.Period)
}

// amount writes a value of a measure: money with two digits, all else as whole numbers.
func amount(measure string, v float64) string {
	switch {
	case measure == money || math.IsNaN(v) || math.Abs(v) > 1e15:
		return page.Amount(v)
	}
	return page.Whole(int64(math.Round(v)))
}

// noun is a measure in words.
func noun(measure string) string {
	switch measure {
	case money:
		return "money"
	case customers:
		return "active customers"
	case newCustomers:
		return "new customers"
	}
	return measure
}

func moreOrLess(change float64) string {
	if change < 0 {
		return "less"
	}
	return "more"
}
