package pipeline

import (
	"fmt"

	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/pipeline/report"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// reportPage puts the findings into words, tables and charts.
func (r *run) reportPage(m *Manifest) report.Page {
	first, last := r.span()
	p := report.Page{
		Title:    "Customers of " + m.Job,
		Subtitle: fmt.Sprintf("Scored at %s, from events of %s to %s.", m.AsOf, first, last),
		Facts: []report.Fact{
			{Name: "Customers", Value: page.Whole(m.Customers)},
			{Name: "Orders", Value: page.Whole(m.Orders)},
			{Name: "Products", Value: page.Whole(m.Products)},
			{Name: "Gross" + r.inCurrency(), Value: m.Money.Gross},
			{Name: "Returns" + r.inCurrency(), Value: m.Money.Returns},
			{Name: "Net" + r.inCurrency(), Value: m.Money.Net},
		},
	}
	for _, w := range m.Warnings {
		p.Warnings = append(p.Warnings, w.Message)
	}
	p.Sections = append(p.Sections, r.rowsSection(m))
	for _, s := range steps.Table() {
		if result := r.results[s.Name]; result != nil && result.Section != nil {
			p.Sections = append(p.Sections, *result.Section)
		}
	}
	return p
}

func (r *run) inCurrency() string {
	if r.job.Currency == "" {
		return ""
	}
	return " (" + r.job.Currency + ")"
}

func (r *run) rowsSection(m *Manifest) page.Section {
	t := page.Table{Head: []string{"Rows", "Number"}, Numeric: []bool{false, true}, Rows: [][]string{
		{"read", page.Whole(m.Rows.Read)}, {"kept", page.Whole(m.Rows.Kept)}, {"quarantined", page.Whole(m.Rows.Quarantined)},
	}}
	for _, name := range sortedKeys(m.Rows.SetAside) {
		t.Rows = append(t.Rows, []string{"set aside: " + name, page.Whole(m.Rows.SetAside[name])})
	}
	return page.Section{Title: "What was read", Tables: append([]page.Table{t}, r.attributeTables(m)...)}
}
