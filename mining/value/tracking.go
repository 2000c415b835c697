package value

import (
	"context"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/lifetime"
)

// tracker counts, by day, the customers won before the hold-out and their repeat purchase days.
type tracker struct {
	first, cut, asOf datasets.Day
	workers          []*tally
}

// tally holds the counts of one worker.
type tally struct {
	of      *tracker
	won     []int64 // customers by the day of their first purchase
	repeats []int64 // repeat purchase days
}

// Begin makes room for the workers.
func (t *tracker) Begin(r *mining.Resources) error {
	t.workers = make([]*tally, r.Workers)
	return nil
}

// Worker returns the tally of one goroutine.
func (t *tracker) Worker(worker int) mining.Worker {
	days := t.asOf - t.first + 1
	t.workers[worker] = &tally{of: t, won: make([]int64, days), repeats: make([]int64, days)}
	return t.workers[worker]
}

// Close has nothing to let go.
func (t *tracker) Close() error { return nil }

// Customer counts the purchase days of a customer.
func (w *tally) Customer(c *mining.Customer) error {
	ev := c.Past.Events()
	bought, last := false, datasets.Day(0)
	for i, returned := range ev.Return {
		if returned {
			continue
		}
		day := ev.Time[i].Day()
		switch {
		case !bought && day > w.of.cut:
			return nil // won later
		case !bought:
			w.won[day-w.of.first]++
		case day != last:
			w.repeats[day-w.of.first]++
		}
		bought, last = true, day
	}
	return nil
}

// End has nothing to do.
func (w *tally) End(int, *datasets.Events) error { return nil }

// tracking is repeat purchase days by week.
type tracking struct {
	through  []datasets.Day // last day of each week; the last week may be cut short
	actual   []int64
	expected []float64 // up to the end of each week, all weeks before included
	cut      datasets.Day
}

// track compares the counts of the tracker with a model fitted to the days before the
// hold-out: the mean for a customer with only the first purchase known, added up over all
// customers with a first purchase by then.
func (t *tracker) track(ctx context.Context, l *life, workers int) (*tracking, error) {
	days := int(t.asOf-t.first) + 1
	won, repeats := make([]int64, days), make([]int64, days)
	for _, w := range t.workers {
		if w == nil {
			continue
		}
		for d := range days {
			won[d] += w.won[d]
			repeats[d] += w.repeats[d]
		}
	}
	mean := make([]float64, days) // by days since the first purchase
	fresh := lifetime.Customers{X: make([]float64, 1), Tx: make([]float64, 1), T: make([]float64, 1)}
	out := &tracking{cut: t.cut}
	known := 0
	for end := week - 1; end < days+week-1; end += week {
		last := min(end, days-1)
		for ; known <= last; known++ {
			if err := l.Orders.ExpectedTo(ctx, mean[known:known+1], fresh, float64(known)/week, workers); err != nil {
				return nil, err
			}
		}
		sum, actual := 0.0, int64(0)
		for d := range last + 1 {
			sum += float64(float64(won[d]) * mean[last-d])
			if d > end-week {
				actual += repeats[d]
			}
		}
		out.through = append(out.through, t.first+datasets.Day(last))
		out.actual, out.expected = append(out.actual, actual), append(out.expected, sum)
	}
	return out, nil
}

var trackingColumns = []mining.Column{
	{Column: table.Column{Name: "week", Type: table.Int32, Description: "week since the first day of the history, from 1"}},
	{Column: table.Column{Name: "through", Type: table.Date, Description: "last day of the week; the last week may be cut short by the scoring date"}},
	{Column: table.Column{Name: "holdout", Type: table.Bool, Description: "the week ends in the hold-out, of which the model knew nothing"}},
	{Column: table.Column{Name: "actual", Type: table.Int64, Unit: "purchase days", Description: "repeat purchase days of the week"}},
	{Column: table.Column{Name: "expected", Type: table.Float64, Unit: "purchase days", Description: "as many as the model expects"}},
	{Column: table.Column{Name: "actual_total", Type: table.Int64, Unit: "purchase days", Description: "repeat purchase days up to the end of the week"}},
	{Column: table.Column{Name: "expected_total", Type: table.Float64, Unit: "purchase days", Description: "as many as the model expects up to the end of the week"}},
}

// table returns the weeks as they are published.
func (t *tracking) table() mining.Table {
	return mining.Table{Name: trackingFile, Columns: trackingColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		v := make([]table.Values, len(trackingColumns))
		total, before := int64(0), 0.0
		for k := range t.through {
			total += t.actual[k]
			v[0].Int32s = append(v[0].Int32s, int32(k+1))
			v[1].Int32s = append(v[1].Int32s, int32(t.through[k]))
			v[2].Bools = append(v[2].Bools, t.through[k] > t.cut)
			v[3].Ints = append(v[3].Ints, t.actual[k])
			v[4].Floats = append(v[4].Floats, t.expected[k]-before)
			v[5].Ints = append(v[5].Ints, total)
			v[6].Floats = append(v[6].Floats, t.expected[k])
			before = t.expected[k]
		}
		return w.Write(v, len(t.through))
	}}
}
