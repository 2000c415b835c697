package quadrant

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/models"
)

type task struct{ set Settings }

// Memory covers three columns, their sorted copy and the labels.
func (t *task) Memory(customers int) int64 { return 48 * int64(customers) }

// Fit finds the cuts and counts the customers.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	m := &Model{Spend: t.set.feature()}
	if !slices.ContainsFunc(in.Features, mining.Named(m.Spend)) {
		return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: "no_money", Count: in.Customers(),
			Message: "no column holds money, so that nobody has a quadrant; map unit_price or amount under columns"}}}, nil
	}
	if in.Customers() == 0 {
		return &mining.Result{State: mining.Insufficient}, nil
	}
	columns, err := in.Table.Columns(ctx, []string{m.Spend, "frequency", "monetary"}, in.Buyers)
	if err != nil {
		return nil, err
	}
	m.SpendCut, m.OrdersCut = cut(t.set.SpendCut, columns[0]), cut(t.set.OrdersCut, columns[1])
	g := &mining.Groups{
		Name: column, Names: names, Labels: make([]int32, len(columns[0])), Defining: []string{m.Spend, "frequency"},
		Actions: mining.Actions(names, t.set.Strategies, actions), Fidelity: 1, Rules: m.rules(),
	}
	sizes, money := make(map[string]int, len(names)), make(map[string]float64, len(names))
	for _, name := range names {
		sizes[name], money[name] = 0, 0
	}
	for i := range g.Labels {
		l := m.label(columns[0][i], columns[1][i])
		g.Labels[i] = l
		if l >= 0 {
			sizes[names[l]]++
			money[names[l]] += columns[2][i]
		}
	}
	return &mining.Result{
		State: mining.OK, Model: m, Groups: []*mining.Groups{g}, Section: section(in, m, g, sizes, money),
		Figures: []mining.Figure{
			{Name: "sizes", Value: sizes, Summary: true}, {Name: "money", Value: money},
			{Name: "spend_cut", Value: m.SpendCut}, {Name: "orders_cut", Value: m.OrdersCut},
		},
	}, nil
}

// cut returns the limit of a column.
func cut(c setting.Cut, values []float64) float64 {
	if c.Word == setting.Median {
		return mining.Quantile(mining.Present(values), 0.5)
	}
	return c.Value
}

// Model holds the limits between the quadrants.
type Model struct {
	Spend     string  `json:"spend"`      // the feature that is spending
	SpendCut  float64 `json:"spend_cut"`  // high is above
	OrdersCut float64 `json:"orders_cut"` // likewise
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	if m.Spend != "monetary" && m.Spend != "order_value_mean" {
		return fmt.Errorf("quadrant: got the feature %q, want monetary or order_value_mean", m.Spend)
	}
	if math.IsNaN(m.SpendCut) || math.IsInf(m.SpendCut, 0) || math.IsNaN(m.OrdersCut) || math.IsInf(m.OrdersCut, 0) {
		return errors.New("quadrant: got a cut that is no number, want finite cuts")
	}
	return nil
}

// label returns the quadrant of a customer, −1 where something is missing.
func (m *Model) label(spend, orders float64) int32 {
	if math.IsNaN(spend) || math.IsNaN(orders) {
		return -1
	}
	label := int32(0)
	if !(orders > m.OrdersCut) {
		label++ // seldom
	}
	if !(spend > m.SpendCut) {
		label += 2 // little
	}
	return label
}

// rules puts the quadrants into words.
func (m *Model) rules() []mining.Rule {
	rules := make([]mining.Rule, len(names))
	for l := range rules {
		spend, orders := ">", ">"
		if l&1 != 0 {
			orders = "≤"
		}
		if l&2 != 0 {
			spend = "≤"
		}
		rules[l] = mining.Rule{Confidence: 1, Text: fmt.Sprintf("%s %s %s and frequency %s %s",
			m.Spend, spend, page.Short(m.SpendCut), orders, page.Short(m.OrdersCut))}
	}
	return rules
}

// Reads returns the two features.
func (m *Model) Reads() []string { return []string{m.Spend, "frequency"} }

// ScoreTo sets the quadrant of each customer.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	spend, orders := b.Column(m.Spend), b.Column("frequency")
	labels := make([]int32, b.Rows)
	for i := range labels {
		labels[i] = m.label(spend[i], orders[i])
	}
	dst.SetNames(column, labels, names)
	return nil
}

func section(in *mining.Input, m *Model, g *mining.Groups, sizes map[string]int, money map[string]float64) *page.Section {
	all, total := 0, 0.0
	for _, name := range names {
		all += sizes[name]
		total += money[name]
	}
	t := page.Table{
		Title: "Quadrants in figures", Fold: true,
		Head:    []string{"Quadrant", "Customers", "Share", mining.WithCurrency("Money", in.Currency), "Share of money", "What to do"},
		Numeric: []bool{false, true, true, true, true, false},
	}
	for i, name := range names {
		share := float64(sizes[name]) / float64(max(1, all))
		t.Rows = append(t.Rows, []string{
			in.Words.Group(column, name), page.Whole(int64(sizes[name])), page.Percent(share), page.Amount(money[name]), page.Percent(money[name] / total),
			in.Words.Text(g.Actions[i]),
		})
	}
	return &page.Section{
		Title: "Spending power and frequency",
		Text: in.Words.Say("%s customers spend more than %s and order more than %s times: %s of the money. High means above the cut.",
			page.Whole(int64(sizes["best"])), page.Short(m.SpendCut), strings.TrimSpace(page.Short(m.OrdersCut)), page.Percent(money["best"]/total)),
		Tables: []page.Table{t},
	}
}
