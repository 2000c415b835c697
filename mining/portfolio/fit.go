package portfolio

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/models"
)

type task struct {
	set Settings
	windows
}

// Memory covers the columns, their sorted copies and the labels.
func (t *task) Memory(customers int) int64 { return int64(64+8*len(t.set.Scores)) * int64(customers) }

// Fit finds the cuts and sorts the clients.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	if !slices.ContainsFunc(in.Features, mining.Named("monetary")) {
		return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: "no_money", Count: in.Customers(),
			Message: "no column holds money, so that nobody has a class; map unit_price or amount under columns"}}}, nil
	}
	m := &Model{WindowDays: t.set.WindowDays, Target: t.set.Target}
	attributes := slices.Sorted(maps.Keys(t.set.Scores))
	for _, name := range attributes {
		m.Scores = append(m.Scores, Score{Attribute: name})
	}
	columns, err := in.Table.Columns(ctx, m.Reads(), in.Buyers)
	if err != nil {
		return nil, err
	}
	w := sum(columns[0], columns[1])
	if w.active == 0 {
		return &mining.Result{State: mining.Insufficient}, nil
	}
	var targets []float64
	if m.Target != "" {
		targets = columns[2]
	}
	m.Median, m.GrowthCut = w.median, w.cut(t.set.GrowthCut)
	for k, name := range attributes {
		m.Scores[k] = newScore(name, t.set.Scores[name], columns[len(columns)-len(attributes)+k])
	}
	g, money, without := m.groups(columns, targets)
	g.Actions = mining.Actions(names, t.set.Strategies, actions)
	sizes := map[string]int{}
	for k, name := range names {
		sizes[name] = 0
		for _, l := range g.Labels {
			if int(l) == k {
				sizes[name]++
			}
		}
	}
	out := &mining.Result{State: mining.OK, Model: m, Groups: []*mining.Groups{g}, Section: section(in, m, g, sizes, money, columns, targets)}
	target := mining.OrNull(m.Median / float64(datasets.Unit))
	if m.Target != "" {
		target = nil
	}
	out.Figures = []mining.Figure{
		{Name: "sizes", Value: sizes, Summary: true}, {Name: "money", Value: money},
		{Name: "cuts", Value: map[string]any{"attainment": 1, "growth": mining.OrNull(m.GrowthCut), "target": target}},
		{Name: "eligible", Value: w.eligible}, {Name: "base_growth", Value: w.baseGrowth}, {Name: "eligible_growth", Value: w.eligibleGrowth},
		{Name: "without_target", Value: without},
	}
	if without > 0 {
		out.Warnings = append(out.Warnings, models.Warning{Code: "without_target", Count: without,
			Message: fmt.Sprintf("%d customers with money in both windows have no target; they have no class", without)})
	}
	if first := in.AsOf - 2*t.days + 1; in.First > first {
		out.Warnings = append(out.Warnings, models.Warning{Code: "short_history", Count: int(in.First - first),
			Message: fmt.Sprintf("the history begins %d days after the window before the current one, so that growth is too high; a shorter window_days, or older files", in.First-first)})
	}
	return out, nil
}

// totals are the contents of the windows.
type totals struct {
	active, eligible           int
	median                     float64 // of the current money of those who have some
	medianGrowth               float64 // of the eligible
	baseGrowth, eligibleGrowth float64
}

// sum adds up the windows. The sums are of whole numbers.
func sum(current, previous []float64) totals {
	var w totals
	var money, growth []float64
	var all, before, eligible, eligibleBefore datasets.Sum
	for i, c := range current {
		p := previous[i]
		all.Add(datasets.Money(c))
		before.Add(datasets.Money(p))
		if c > 0 {
			money = append(money, c)
		}
		if c > 0 && p > 0 {
			growth = append(growth, c/p-1)
			eligible.Add(datasets.Money(c))
			eligibleBefore.Add(datasets.Money(p))
		}
	}
	w.active, w.eligible = len(money), len(growth)
	w.median, w.medianGrowth = mining.Quantile(mining.Present(money), 0.5), mining.Quantile(mining.Present(growth), 0.5)
	w.baseGrowth, w.eligibleGrowth = ratio(&all, &before), ratio(&eligible, &eligibleBefore)
	return w
}

// ratio returns the growth of a sum, NaN where there was nothing before.
func ratio(now, before *datasets.Sum) float64 {
	if !(before.Float() > 0) {
		return math.NaN()
	}
	return now.Float()/before.Float() - 1
}

// cut returns the growth from which growth is high: 0 where the data give no
// such value.
func (w *totals) cut(c setting.Cut) float64 {
	v := c.Value
	switch c.Word {
	case setting.Median:
		v = w.medianGrowth
	case setting.Base:
		v = w.baseGrowth
	}
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// groups sorts the clients, adds up their current money by class, and counts those without
// a target.
func (m *Model) groups(columns [][]float64, targets []float64) (g *mining.Groups, money map[string]float64, without int) {
	g = &mining.Groups{Name: classColumn, Names: names, Labels: make([]int32, len(columns[0])), Rules: m.rules(), Fidelity: 1}
	sums := make([]datasets.Sum, len(names))
	for i := range g.Labels {
		_, _, l := m.standing(columns[0][i], columns[1][i], m.target(targets, i))
		g.Labels[i] = l
		if l < 0 {
			without++
			continue
		}
		sums[l].Add(datasets.Money(columns[0][i]))
	}
	money = map[string]float64{}
	for k, name := range names {
		money[name] = sums[k].Float()
	}
	return g, money, without
}

// rules puts the classes into words.
func (m *Model) rules() []mining.Rule {
	high := "money of the window of at least the median, " + page.Amount(m.Median/float64(datasets.Unit))
	low := "less than that"
	if m.Target != "" {
		high, low = "at least the target, "+m.Target, "less than the target, "+m.Target
	}
	up, down := fmt.Sprintf("growth of at least %s", page.Percent(m.GrowthCut)), fmt.Sprintf("growth below %s", page.Percent(m.GrowthCut))
	texts := []string{
		high + ", " + up, high + ", " + down, low + ", " + up, low + ", " + down,
		"money in this window and none in the one before", "money in the window before and none in this one", "no money in either window",
	}
	rules := make([]mining.Rule, len(texts))
	for i, text := range texts {
		rules[i] = mining.Rule{Text: text, Confidence: 1}
	}
	return rules
}
