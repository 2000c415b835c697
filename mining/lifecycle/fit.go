package lifecycle

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

type task struct {
	deriver
	set Settings

	mu      sync.Mutex
	workers []*worker
}

// Memory covers the columns and the labels.
func (t *task) Memory(customers int) int64 { return 96 * int64(customers) }

// minGaps is the least number of gaps whose 95th percentile is below the largest gap.
const minGaps = 20

// Fit finds the usual gaps and gives every customer a stage.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	g := t.counted()
	m := &Model{Map: t.set.Map, Second: g.second.Median(), G80: g.all.Quantile(0.8), G95: g.all.Quantile(0.95)}
	out := &mining.Result{State: mining.OK, Figures: []mining.Figure{
		{Name: "g50", Value: mining.OrNull(m.Second)}, {Name: "g80", Value: mining.OrNull(m.G80)}, {Name: "g95", Value: mining.OrNull(m.G95)},
		{Name: "gaps", Value: g.all.Closed()},
	}}
	if n := g.all.Closed(); n < minGaps {
		out.State = mining.Insufficient
		out.Warnings = []models.Warning{{Code: "few_gaps", Count: int(n),
			Message: fmt.Sprintf("there are %d gaps between purchase days, and %d are needed to say what is usual; nobody has a stage", n, minGaps)}}
		return out, nil
	}
	out.Warnings = warnings(in, m)
	if math.IsNaN(m.Second) {
		m.Second = m.G95
	}
	columns, err := in.Table.Columns(ctx, derived, in.Buyers)
	if err != nil {
		return nil, err
	}
	s := m.sum(columns)
	s.groups.Actions = mining.Actions(names, t.set.Strategies, actions)
	out.Model, out.Groups, out.Section = m, []*mining.Groups{s.groups}, s.section(in, m)
	out.Figures = append(out.Figures,
		mining.Figure{Name: "sizes", Value: s.named(func(k int) any { return s.sizes[k] }), Summary: true},
		mining.Figure{Name: "money", Value: s.named(func(k int) any { return spent(in, &s.money[k]) })},
		mining.Figure{Name: "mean_days", Value: s.named(func(k int) any { return mining.OrNull(float64(s.days[k]) / float64(s.sizes[k])) })},
		mining.Figure{Name: "open_days", Value: s.named(func(k int) any { return mining.OrNull(s.open[k]) })},
	)
	return out, nil
}

// spent returns money as the manifest has it, nil where line items have none.
func spent(in *mining.Input, sum *datasets.Sum) any {
	if !in.Priced() {
		return nil
	}
	return sum.Float()
}

// warnings reports stages without data.
func warnings(in *mining.Input, m *Model) []models.Warning {
	var out []models.Warning
	if math.IsNaN(m.Second) {
		out = append(out, models.Warning{Code: "few_come_back", Count: in.Customers(),
			Message: fmt.Sprintf("fewer than half of the customers come back within the history; a second purchase is waited for during %.0f days, as long as nearly all gaps are", m.G95)})
	}
	if !in.Priced() {
		out = append(out, models.Warning{Code: "no_money", Count: in.Customers(),
			Message: "no column holds money, so that nobody is in growth; map unit_price or amount under columns"})
	}
	if first := in.AsOf - 2*windowDays + 1; in.First > first {
		out = append(out, models.Warning{Code: "short_history", Count: int(in.First - first),
			Message: fmt.Sprintf("the history begins %d days after the %d days that money is compared with, so that growth is found too often", in.First-first, windowDays)})
	}
	return out
}

// summary holds the contents of the stages.
type summary struct {
	groups *mining.Groups
	sizes  []int
	days   []int64        // sums of purchase days
	money  []datasets.Sum // of the current window
	before []datasets.Sum // of the window before
	open   []float64      // medians of the days since the last purchase
}

// named returns a value of each stage by its name.
func (s *summary) named(of func(k int) any) map[string]any {
	all := make(map[string]any, len(names))
	for k, name := range names {
		all[name] = of(k)
	}
	return all
}

// sum gives every customer a stage, and adds up the stages.
func (m *Model) sum(columns [][]float64) *summary {
	s := &summary{
		groups: &mining.Groups{
			Name: stageColumn, Names: names, Labels: make([]int32, len(columns[0])), Rules: m.rules(), Fidelity: 1,
			Defining: []string{"recency_days", "purchase_days", "gap_median"},
		},
		sizes: make([]int, len(names)), days: make([]int64, len(names)), open: make([]float64, len(names)),
		money: make([]datasets.Sum, len(names)), before: make([]datasets.Sum, len(names)),
	}
	open := make([]mining.Durations, len(names))
	for i := range s.groups.Labels {
		c := standingOf(columns, i)
		k := stages[m.decide(c)]
		s.groups.Labels[i] = k
		s.sizes[k]++
		s.days[k] += int64(c.days)
		s.money[k].Add(datasets.Money(c.money))
		s.before[k].Add(datasets.Money(c.before))
		open[k].Close(int(c.open))
	}
	for k := range open {
		s.open[k] = open[k].Quantile(0.5)
	}
	return s
}
