package segments

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models/cluster"
	"github.com/quintile-dev/quintile/models/tree"
)

// inWords returns the rules whose leaves are mostly of a segment, the largest first, and how
// often the rules are right.
func inWords(rules []tree.Rule, segment int32) mining.Rule {
	var texts []string
	weight, right := 0.0, 0.0
	for _, rule := range rules {
		if rule.Class != segment {
			continue
		}
		condition, _, _ := strings.Cut(rule.Text, " ⇒ ")
		texts = append(texts, condition)
		weight += rule.Weight
		right += rule.Weight * rule.Confidence
	}
	if weight == 0 {
		return mining.Rule{Confidence: math.NaN()}
	}
	return mining.Rule{Text: strings.Join(texts, " or "), Confidence: right / weight}
}

// figures are the figures of the manifest.
func figures(f *Findings, g *mining.Groups) []mining.Figure {
	sizes := make([]int, f.K)
	for i := range g.Described {
		sizes[i] = g.Described[i].Customers
	}
	out := []mining.Figure{
		{Name: "k", Value: f.K, Summary: true}, {Name: "inertia", Value: f.Inertia}, {Name: "explained", Value: f.Explained, Summary: true},
		{Name: "iterations", Value: f.Iterations}, {Name: "sizes", Value: sizes}, {Name: "names", Value: f.Model.Names},
		{Name: "fidelity", Value: g.Fidelity}, {Name: "numbers", Value: f.Model.Numbers},
		{Name: "source", Value: string(f.Source)}, {Name: "kept", Value: f.Kept}, {Name: "begun", Value: f.Model.Begun},
		{Name: "drift", Value: mining.OrNull(f.Drift)}, {Name: "structure", Value: structure(&f.Contrast)},
	}
	if f.Choice != nil {
		out = append(out, mining.Figure{Name: "choice", Value: choice(f.Choice)})
	}
	return out
}

// structure says whether the groups are more than a way to cut.
func structure(c *cluster.Contrast) map[string]any {
	high := math.NaN()
	if n := len(c.Uniform); n > 0 {
		high = c.Uniform[n-1]
	}
	return map[string]any{
		"silhouette": mining.OrNull(c.Silhouette), "stability": mining.OrNull(c.Stability),
		"uniform_silhouette": mining.OrNull(high), "uniform_stability": mining.OrNull(c.UniformStability),
	}
}

// choice says how the number of segments was chosen.
func choice(c *cluster.Choice) map[string]any {
	var rows []map[string]any
	for _, a := range c.Candidates {
		rows = append(rows, map[string]any{
			"k": a.K, "inertia": a.Report.Inertia, "silhouette": mining.OrNull(a.Silhouette),
			"davies_bouldin": mining.OrNull(a.DaviesBouldin), "calinski_harabasz": mining.OrNull(a.CalinskiHarabasz),
			"gap": mining.OrNull(a.Gap), "gap_error": mining.OrNull(a.GapError),
			"least_stability": mining.OrNull(leastStability(a)), "votes": a.Votes, "stable": a.Stable,
		})
	}
	return map[string]any{"k": c.K, "reasons": c.Reasons, "candidates": rows}
}

func leastStability(a cluster.Candidate) float64 {
	if len(a.Stability) == 0 {
		return math.NaN()
	}
	return slices.Min(a.Stability)
}

// section shows the groups; g is nil where there are none.
func section(f *Findings, g *mining.Groups, w *words.Words) *page.Section {
	s := &page.Section{Title: "Natural groups"}
	if g == nil {
		s.Text = w.Say("Too little data: %s.", f.Warnings[0].Message)
		return s
	}
	var plain []string
	for _, name := range f.Model.Scaler.Names() {
		plain = append(plain, w.Name(name))
	}
	s.Text = w.Say("%d groups explain %s of the differences between customers in %s. The tree that puts them into words is right for %s.",
		f.K, page.Percent(f.Explained), strings.Join(plain, ", "), page.Percent(g.Fidelity))
	t := page.Table{
		Title: "Groups in figures and in words", Fold: true,
		Head:    []string{"Group", "Name", "Customers", "Share", "Share of money", "What marks it", "In words"},
		Numeric: []bool{true, false, true, true, true, false, false},
	}
	for i := range g.Described {
		d := &g.Described[i]
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(int(g.Number(i))), f.Model.Names[i], page.Whole(int64(d.Customers)), page.Percent(d.Share), page.Percent(d.SumShares[0]),
			strings.Join(mining.MarkTexts(w, d.Marks), "; "), g.Rules[i].Text,
		})
	}
	if len(g.Described) > 0 && math.IsNaN(g.Described[0].SumShares[0]) { // of money that there is not
		t = t.Without(4)
	}
	s.Tables = append(s.Tables, t)
	if f.Choice != nil {
		s.Tables = append(s.Tables, choiceTable(f.Choice))
	}
	return s
}

// choiceTable shows how the number of groups was chosen.
func choiceTable(c *cluster.Choice) page.Table {
	t := page.Table{
		Title: "How many groups", Fold: true,
		Head:    []string{"k", "Silhouette", "Davies–Bouldin", "Calinski–Harabasz", "Gap", "Least stability", "Votes"},
		Numeric: []bool{true, true, true, true, true, true, true},
	}
	for _, a := range c.Candidates {
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(a.K), page.Short(a.Silhouette), page.Short(a.DaviesBouldin), page.Short(a.CalinskiHarabasz),
			page.Short(a.Gap), page.Short(leastStability(a)), strconv.Itoa(a.Votes),
		})
	}
	return t
}
