package migration

import (
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

// segments is the grouping whose moves have names.
const segments = "rfm_segment"

// featuresShown is the number of features in the report.
const featuresShown = 15

// section shows the ways of the customers and the shifts of the features.
func (f *findings) section(in *mining.Input) *page.Section {
	w, then := in.Words, f.then.String()
	s := &page.Section{Title: w.Say("What moved since %s", then), Text: f.answer(in)}
	if g := f.grouping(segments); g != nil {
		if stayed := f.limits[slices.Index(f.groupings, g)].stayed; !math.IsNaN(stayed) {
			s.Highlights = []page.Highlight{{
				Name: "Stayed in their segment", Value: page.Percent(stayed), Note: w.Say("since %s", then), Change: math.NaN(),
			}}
		}
	}
	for k, g := range f.groupings {
		if k == 0 {
			s.Charts = append(s.Charts, g.flow(w, then))
		}
		s.Charts = append(s.Charts, g.heatmap(w, then))
	}
	s.Tables = append(s.Tables, f.groupingsTable(w), f.featuresTable(w))
	return s
}

// answer says in words how customers and features moved.
func (f *findings) answer(in *mining.Input) string {
	w := in.Words
	var text []string
	if g := f.grouping(segments); g != nil {
		if stayed := f.limits[slices.Index(f.groupings, g)].stayed; !math.IsNaN(stayed) {
			text = append(text, w.Say("%s of the customers stayed in their segment.", page.Percent(stayed)))
		}
		risk, fresh := g.moved(movements[0].is), g.moved(movements[1].is)
		if f.money {
			text = append(text, w.Say("%s are newly at risk, who spent %s so far, and %s were newly won.",
				page.Whole(risk.customers), page.Money(float64(risk.money)/1e6, in.Currency), page.Whole(fresh.customers)))
		} else {
			text = append(text, w.Say("%s are newly at risk, and %s were newly won.", page.Whole(risk.customers), page.Whole(fresh.customers)))
		}
	}
	text = append(text, w.Say("%s customers came since, %s are gone.", page.Whole(f.now-f.both), page.Whole(f.before-f.both)))
	if all := drifted(f.shifts); len(all) > 0 {
		text = append(text, w.Say("%d of %d features have shifted much (PSI of 0.25 or more), most of all: %s.", len(all), len(f.shifts), w.Name(all[0].feature)))
	}
	return strings.Join(text, " ")
}

// shown returns the groups that appear in a picture: each group that a customer comes from or goes to, and the missing
// group last.
func (g *followed) shown() []int32 {
	used := map[int32]bool{}
	for way := range g.limits {
		used[way[0]], used[way[1]] = true, true
	}
	var out []int32
	for label := range int32(len(g.book.names)) {
		if used[label] {
			out = append(out, label)
		}
	}
	if used[none] {
		out = append(out, none)
	}
	return out
}

func (g *followed) namesOf(w *words.Words, labels []int32) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = w.Text("(none)")
		if l != none {
			out[i] = w.Group(g.column, g.book.names[l])
		}
	}
	return out
}

// flow draws the ways as ribbons.
func (g *followed) flow(w *words.Words, then string) page.Flow {
	labels := g.shown()
	names := g.namesOf(w, labels)
	c := page.Flow{Title: w.Say("Ways of the customers: %s", w.Column(g.column)), LeftName: then, RightName: "now", Left: names, Right: names}
	for _, way := range g.limits.ways() {
		n := g.limits[way].customers
		c.Links = append(c.Links, page.Link{
			From: slices.Index(labels, way[0]), To: slices.Index(labels, way[1]), Weight: float64(n), Label: page.Whole(n),
		})
	}
	return c
}

// heatmap draws the shares of each row.
func (g *followed) heatmap(w *words.Words, then string) page.Heatmap {
	labels := g.shown()
	names := g.namesOf(w, labels)
	h := page.Heatmap{
		Title: w.Say("From group to group: %s", w.Column(g.column)), XName: "now", YName: then, Columns: names, Rows: names, Percent: true,
	}
	for _, from := range labels {
		values, texts := make([]float64, len(labels)), make([]string, len(labels))
		all := g.limits.row(from)
		for j, to := range labels {
			c := g.limits[[2]int32{from, to}]
			values[j] = math.NaN()
			if c.customers > 0 {
				values[j], texts[j] = float64(c.customers)/float64(all), page.Whole(c.customers)
			}
		}
		h.Values, h.Labels = append(h.Values, values), append(h.Labels, texts)
	}
	return h
}

// groupingsTable shows how far each grouping has moved.
func (f *findings) groupingsTable(w *words.Words) page.Table {
	t := page.Table{
		Title:   "Groupings",
		Head:    []string{"Grouping", "Stayed", "PSI", "Jensen–Shannon", "Adjusted Rand", "PSI as each run ranked"},
		Numeric: []bool{false, true, true, true, true, true},
	}
	for k, g := range f.groupings {
		m := f.limits[k]
		t.Rows = append(t.Rows, []string{
			w.Column(g.column), percent(m.stayed), page.Short(m.psi), page.Short(m.js), page.Short(m.ari), page.Short(f.own[k].psi),
		})
	}
	return t
}

func percent(share float64) string {
	if math.IsNaN(share) {
		return ""
	}
	return page.Percent(share)
}

// featuresTable shows the features that have moved most.
func (f *findings) featuresTable(w *words.Words) page.Table {
	t := page.Table{
		Title:   "Features that moved most",
		Head:    []string{"Feature", "PSI", "Jensen–Shannon", "Kolmogorov–Smirnov"},
		Numeric: []bool{false, true, true, true}, Fold: true,
	}
	all := slices.Clone(f.shifts)
	slices.SortStableFunc(all, func(a, b shift) int {
		switch { // NaN last
		case a.psi > b.psi || math.IsNaN(b.psi) && !math.IsNaN(a.psi):
			return -1
		case a.psi < b.psi || math.IsNaN(a.psi) && !math.IsNaN(b.psi):
			return 1
		}
		return 0
	})
	for _, s := range all[:min(len(all), featuresShown)] {
		t.Rows = append(t.Rows, []string{w.Name(s.feature), page.Short(s.psi), page.Short(s.js), page.Short(s.ks)})
	}
	return t
}
