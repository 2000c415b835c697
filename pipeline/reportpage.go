package pipeline

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/pipeline/report"
)

// reportPage puts the findings into words, tables and charts.
func (r *run) reportPage(m *Manifest) report.Page {
	first, last := r.span()
	p := report.Page{
		Title:    "Customers of " + m.Job,
		Subtitle: fmt.Sprintf("Scored at %s, from events of %s to %s.", m.AsOf, first, last),
		Facts: []report.Fact{
			{Name: "Customers", Value: whole(m.Customers)},
			{Name: "Orders", Value: whole(m.Orders)},
			{Name: "Products", Value: whole(m.Products)},
			{Name: "Gross" + r.inCurrency(), Value: m.Money.Gross},
			{Name: "Returns" + r.inCurrency(), Value: m.Money.Returns},
			{Name: "Net" + r.inCurrency(), Value: m.Money.Net},
		},
	}
	for _, w := range m.Warnings {
		p.Warnings = append(p.Warnings, w.Message)
	}
	p.Sections = append(p.Sections, r.rowsSection(m))
	for _, section := range []func() (report.Section, bool){r.rfmSection, r.segmentsSection, r.classifySection, r.rulesSection, r.churnSection} {
		if s, ok := section(); ok {
			p.Sections = append(p.Sections, s)
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

// whole writes a number with its digits in groups.
func whole(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	var groups []string
	for len(text) > 3 {
		groups = append([]string{text[len(text)-3:]}, groups...)
		text = text[:len(text)-3]
	}
	return sign + strings.Join(append([]string{text}, groups...), ",")
}

func percent(share float64) string {
	if math.IsNaN(share) {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

func short(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func (r *run) rowsSection(m *Manifest) report.Section {
	t := report.Table{Head: []string{"Rows", "Number"}, Numeric: []bool{false, true}, Rows: [][]string{
		{"read", whole(m.Rows.Read)}, {"kept", whole(m.Rows.Kept)}, {"quarantined", whole(m.Rows.Quarantined)},
	}}
	for _, name := range sortedKeys(m.Rows.SetAside) {
		t.Rows = append(t.Rows, []string{"set aside: " + name, whole(m.Rows.SetAside[name])})
	}
	return report.Section{Title: "What was read", Tables: append([]report.Table{t}, r.attributeTables(m)...)}
}

func (r *run) rfmSection() (report.Section, bool) {
	if r.found.rfm == nil {
		return report.Section{}, false
	}
	sizes := r.found.reports["rfm"]["segments"].(map[string]int)
	c := report.Chart{Title: "Customers by segment"}
	for _, name := range r.found.models.RFM.Segments.Names() {
		n := sizes[name]
		c.Bars = append(c.Bars, report.Bar{Name: name, Value: float64(n), Label: whole(int64(n)) + "  " + percent(float64(n)/float64(max(1, r.found.rfm.Scored)))})
	}
	return report.Section{
		Title:  "Recency, frequency, monetary value",
		Text:   fmt.Sprintf("%s of %s customers have bought and are scored. Segments by the map %s.", whole(int64(r.found.rfm.Scored)), whole(int64(r.found.rfm.Customers)), r.found.models.RFM.Segments.Version),
		Charts: []report.Chart{c},
	}, true
}

func (r *run) segmentsSection() (report.Section, bool) {
	f := r.found.segments
	if f == nil {
		return report.Section{}, false
	}
	s := report.Section{Title: "Natural groups"}
	if f.Model == nil {
		s.Text = "Too little data: " + f.Warnings[0].Message + "."
		return s, true
	}
	s.Text = fmt.Sprintf("%d groups explain %s of the differences between customers in %s. The tree that puts them into words is right for %s.",
		f.K, percent(f.Explained), strings.Join(f.Model.Scaler.Names(), ", "), percent(r.found.explain.report.Score))
	t := report.Table{
		Head:    []string{"Group", "Name", "Customers", "Share", "Share of money", "What marks it", "In words"},
		Numeric: []bool{true, false, true, true, true, false, false},
	}
	for i := range r.found.groups {
		g := &r.found.groups[i]
		words, _ := r.found.explain.words(int32(i))
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(i + 1), f.Model.Names[i], whole(int64(g.Customers)), percent(g.Share), percent(g.SumShares[0]),
			strings.Join(markTexts(g.Marks), "; "), words,
		})
	}
	s.Tables = append(s.Tables, t)
	if f.Choice != nil {
		s.Tables = append(s.Tables, choiceTable(f.Choice))
	}
	return s, true
}

func (r *run) classifySection() (report.Section, bool) {
	c := r.found.classify
	if c == nil || c.Model == nil {
		return report.Section{}, false
	}
	t := report.Table{Head: []string{"Class", "Rule", "Customers", "Confidence", "Lift"}, Numeric: []bool{true, false, true, true, true}}
	for _, rule := range c.Rules {
		t.Rows = append(t.Rows, []string{strconv.Itoa(rule.Leaf), rule.Text, whole(int64(rule.Rows)), percent(rule.Confidence), short(rule.Lift)})
	}
	return report.Section{
		Title:  "What tells the groups apart",
		Text:   fmt.Sprintf("A tree of %d leaves puts %s of the customers into their group.", c.Report.Leaves, percent(c.Accuracy)),
		Tables: []report.Table{t},
	}, true
}

// rulesShown is the number of rules on the page; the file has all.
const rulesShown = 25

func (r *run) rulesSection() (report.Section, bool) {
	f := r.found.rules
	if f == nil {
		return report.Section{}, false
	}
	s := report.Section{
		Title: "What is bought together",
		Text: fmt.Sprintf("%s rules from %s item sets in %s baskets. The strongest by lift follow; rules.parquet has all.",
			whole(int64(len(f.Rules))), whole(int64(f.Itemsets)), whole(int64(f.Baskets))),
	}
	t := report.Table{Head: []string{"With", "also", "Baskets", "Confidence", "Lift"}, Numeric: []bool{false, false, true, true, true}}
	for i := range min(rulesShown, len(f.Rules)) {
		rule := &f.Rules[i]
		t.Rows = append(t.Rows, []string{
			r.itemTexts(rule.Antecedent), r.itemTexts(rule.Consequent), whole(int64(rule.Both)), percent(rule.Confidence), short(rule.Lift),
		})
	}
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
	return s, true
}

// itemTexts writes products with their descriptions where there are any.
func (r *run) itemTexts(codes []uint32) string {
	texts := r.products(codes)
	if r.scan.names != nil {
		for i, d := range r.descriptions(codes) {
			if d != "" {
				texts[i] += " " + d
			}
		}
	}
	return strings.Join(texts, " + ")
}

func (r *run) churnSection() (report.Section, bool) {
	f := r.found.churn
	if f == nil {
		return report.Section{}, false
	}
	s := report.Section{Title: "Who is leaving"}
	rates := report.Table{Title: "Customers without a purchase in the horizon", Head: []string{"After", "Customers", "Left", "Share"}, Numeric: []bool{false, true, true, true}}
	for _, b := range f.BaseRates {
		rates.Rows = append(rates.Rows, []string{b.Cutoff.String(), whole(b.Customers), whole(b.Churned), percent(b.Rate)})
	}
	if f.Model == nil {
		s.Text = "Too little data: " + f.Message + "."
		s.Tables = append(s.Tables, rates)
		return s, true
	}
	s.Text = fmt.Sprintf("The %s model does best: AUC %.3f, and its top tenth holds %.2f times the average share of those who left, on customers it had not seen.",
		f.Champion, f.AUC, f.TopDecileLift)
	if f.State == churn.NoSignal {
		s.Text = "Nothing that is known of customers tells who will leave: everyone gets the share that left after the newest cutoff."
	}
	if next := f.Forecast; next != nil {
		s.Text += fmt.Sprintf(" The share that leaves moves one way; after %s it will be about %s (%s to %s, with a chance of 80 %%).",
			next.Cutoff, percent(next.Rate), percent(next.Low), percent(next.High))
	}
	c := report.Chart{Title: "Share that left, by tenth of predicted probability"}
	for i, g := range f.Gains {
		c.Bars = append(c.Bars, report.Bar{Name: fmt.Sprintf("tenth %d", i+1), Value: g.Rate, Label: percent(g.Rate)})
	}
	s.Charts = append(s.Charts, c)
	s.Tables = append(s.Tables, rates)
	return s, true
}
