package deviation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// The levels of deviations.parquet.
const (
	dayLevel  = "day"
	weekLevel = "week"
	dataLevel = "data" // a fault that the data seem to have
)

// The measures.
const (
	moneyMeasure  = "money"
	ordersMeasure = "orders"
	linesMeasure  = "lines"
)

// everything is the name of the dimension of all sales.
const everything = "total"

// row is a row of deviations.parquet.
type row struct {
	level, dimension string
	member           string // "" for the total
	from, to         datasets.Day
	measure          string
	actual, expected float64 // expected is NaN where it is not known
	p, q             float64 // NaN for a fault of the data
	direction        string
}

// change returns how much more there was than expected, as a share; NaN without it.
func (r *row) change() float64 {
	if !(r.expected > 0) {
		return math.NaN()
	}
	return r.actual/r.expected - 1
}

// found is what departs among days and weeks.
type found struct {
	rows                []row
	days, daysFlagged   int
	weeks, weeksFlagged int
	members             map[string]int
	faults              int
	series              []float64 // money of the days, or orders without money
	expected            []float64 // of the same; NaN where none was judged
	first               datasets.Day
	measure             string
	warnings            []models.Warning
}

// events judges the days of the base, and the weeks of members.
func (t *task) events(in *mining.Input) (*found, error) {
	all := t.collected()
	f := &found{members: map[string]int{}, first: t.collector.first, measure: moneyMeasure}
	if !t.priced {
		f.measure = ordersMeasure
	}
	if err := t.judgeTotal(f, all.days); err != nil {
		return nil, err
	}
	if err := t.judgeMembers(in, f, &all); err != nil {
		return nil, err
	}
	for _, d := range t.skipped {
		f.warn("many_members", d.members, fmt.Sprintf("%s has %d members, and weeks are judged of dimensions with at most %d", d.name, d.members, mostMembers))
	}
	return f, nil
}

func (f *found) warn(code string, count int, message string) {
	f.warnings = append(f.warnings, models.Warning{Code: code, Count: count, Message: message})
}

// judgeTotal judges the days of all sales, by money and by orders.
func (t *task) judgeTotal(f *found, list []dayTotals) error {
	sums, orders := make([]float64, len(list)), make([]float64, len(list))
	for i := range list {
		sums[i], orders[i] = list[i].money.Float(), float64(list[i].orders)
		if list[i].lines > 0 {
			f.days++
		}
	}
	weekday := func(at int) int { return int((t.collector.first + datasets.Day(at)).Weekday()) }
	byOrders := judgeDays(orders, weekday)
	var byMoney []judged
	f.series = orders
	if t.priced {
		byMoney, f.series = judgeDays(sums, weekday), sums
	}
	if f.days < fewestDays {
		f.warn("few_days", f.days, fmt.Sprintf("there are %d days with sales, and %d are needed to know season and trend; no day is judged", f.days, fewestDays))
	}
	if err := adjust(byMoney, byOrders); err != nil {
		return err
	}
	f.expected = make([]float64, len(list))
	for i := range f.expected {
		f.expected[i] = math.NaN()
	}
	shown := byOrders
	if t.priced {
		shown = byMoney
	}
	for _, j := range shown {
		f.expected[j.at] = j.expected
	}
	flagged := map[int]bool{}
	for _, part := range []struct {
		measure string
		list    []judged
	}{{moneyMeasure, byMoney}, {ordersMeasure, byOrders}} {
		for _, j := range part.list {
			if j.q <= float64(t.set.FalseDiscovery) {
				flagged[j.at] = true
				day := t.collector.first + datasets.Day(j.at)
				f.rows = append(f.rows, j.row(dayLevel, everything, "", day, day, part.measure))
			}
		}
	}
	f.daysFlagged = len(flagged)
	t.twice(f, list, byMoney, byOrders)
	return nil
}

// row returns the row of a value.
func (j *judged) row(level, dimension, member string, from, to datasets.Day, measure string) row {
	direction := directions[up]
	if j.actual < j.expected {
		direction = directions[down]
	}
	return row{level, dimension, member, from, to, measure, j.actual, j.expected, j.p, j.q, direction}
}

// The yardsticks of a day that came twice.
const (
	copiedShare = 0.4 // of the lines of a day that repeat the line before; a day twice has one half
	usualShare  = 0.1 // of the lines of an ordinary day, at most
	doubleFrom  = 1.8 // times the expected money and orders
	doubleTo    = 2.2
)

// twice finds the days that seem to have been delivered twice: half of the lines repeat the
// line before, or both money and orders are flagged, and about double.
func (t *task) twice(f *found, list []dayTotals, byMoney, byOrders []judged) {
	var shares []float64
	for _, d := range list {
		if d.lines > 0 {
			shares = append(shares, float64(d.copies)/float64(d.lines))
		}
	}
	copying := len(shares) > 0 && median(shares) <= usualShare
	doubled := map[int]int{}
	for _, part := range [][]judged{byMoney, byOrders} {
		for _, j := range part {
			if ratio := j.actual / j.expected; j.q <= float64(t.set.FalseDiscovery) && ratio >= doubleFrom && ratio <= doubleTo {
				doubled[j.at]++
			}
		}
	}
	var names []string
	for i, d := range list {
		copied := copying && d.lines >= fewestLines && float64(d.copies) >= copiedShare*float64(d.lines)
		if !copied && doubled[i] < 2 {
			continue
		}
		day := f.first + datasets.Day(i)
		names = append(names, day.String())
		f.rows = append(f.rows, row{dataLevel, everything, "", day, day, f.measure, f.series[i], f.expected[i], math.NaN(), math.NaN(), "twice"})
	}
	if len(names) > 0 {
		f.faults += len(names)
		f.warn("day_twice", len(names), "days that seem to have been delivered twice: "+listed(names))
	}
}

// fewestLines is the number of lines below which repeated lines of a day say nothing.
const fewestLines = 10

// judgeMembers judges the weeks of the members of each dimension.
func (t *task) judgeMembers(in *mining.Input, f *found, all *totals) error {
	measure := moneyMeasure
	if !t.priced {
		measure = linesMeasure
	}
	type part struct {
		d      dimension
		list   []*weekly
		judged [][]judged
	}
	open := t.openWeeks(all.days)
	var parts []part
	var together [][]judged
	for k, d := range t.dimensions {
		p := part{d: d}
		for m, cells := range all.members[k] {
			if cells == nil {
				continue
			}
			y := make([]float64, len(open))
			for i, week := range open {
				y[i] = float64(cells[week].lines)
				if t.priced {
					y[i] = cells[week].money.Float()
				}
			}
			if w, ok := newWeekly(m, y); ok {
				p.list = append(p.list, w)
			}
		}
		f.members[d.name] = len(p.list)
		p.judged = judgeWeeks(p.list, len(open))
		parts, together = append(parts, p), append(together, p.judged...)
	}
	if err := adjust(together...); err != nil {
		return err
	}
	var stopped []string
	for _, p := range parts {
		for k, w := range p.list {
			name := string(in.Dictionary(p.d.of).At(w.member))
			for _, j := range p.judged[k] {
				f.weeks++
				if j.q <= float64(t.set.FalseDiscovery) {
					f.weeksFlagged++
					monday := t.monday + datasets.Day(7*open[j.at])
					f.rows = append(f.rows, j.row(weekLevel, p.d.name, name, monday, monday+6, measure))
				}
			}
			if w.stopped > 0 {
				stopped = append(stopped, p.d.name+" "+name)
				f.rows = append(f.rows, t.stop(p.d.name, name, w, open, measure))
			}
		}
	}
	if len(stopped) > 0 {
		f.faults += len(stopped)
		f.warn("stopped_reporting", len(stopped), "sold week by week, and then not at all: "+listed(stopped))
	}
	return nil
}

// openWeeks returns the whole weeks in which the base sold anything: a week with everything
// closed is no departure of a member.
func (t *task) openWeeks(list []dayTotals) []int {
	sold := make([]bool, t.weeks)
	for i := range list {
		day := t.collector.first + datasets.Day(i)
		if week := int(day-t.monday) / 7; day >= t.monday && week < t.weeks && list[i].lines > 0 {
			sold[week] = true
		}
	}
	var open []int
	for week, is := range sold {
		if is {
			open = append(open, week)
		}
	}
	return open
}

// stop returns the row of a member that stopped: the loss by the median of the last weeks
// with sales.
func (t *task) stop(dimension, member string, w *weekly, open []int, measure string) row {
	usual := median(slices.Clone(w.y[len(w.y)-2*neighbours:]))
	from := t.monday + datasets.Day(7*open[len(open)-w.stopped])
	to := t.monday + datasets.Day(7*open[len(open)-1]+6)
	return row{dataLevel, dimension, member, from, to, measure, 0, usual * float64(w.stopped), math.NaN(), math.NaN(), "stopped"}
}

// named is the number of names that a message lists.
const named = 5

// listed writes the first names.
func listed(names []string) string {
	if len(names) <= named {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:named], ", "), len(names)-named)
}

// figures returns the figures of days and weeks.
func (f *found) figures() []mining.Figure {
	return []mining.Figure{
		{Name: "days", Value: f.days}, {Name: "days_flagged", Value: f.daysFlagged, Summary: true},
		{Name: "weeks", Value: f.weeks}, {Name: "weeks_flagged", Value: f.weeksFlagged},
		{Name: "members", Value: f.members}, {Name: "data_faults", Value: f.faults},
	}
}
