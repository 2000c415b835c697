package publish

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/report"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// The limits of the first screen, and of groups of a grouping on cards.
const (
	mostHighlights = 8
	mostActions    = 3
	mostCards      = 12
)

// chapters are the titles of the chapters of mining.Step.
var chapters = [mining.Chapters]string{
	mining.AboutCustomers: "Who the customers are",
	mining.AboutWorth:     "What customers are worth",
	mining.AboutLeaving:   "Who leaves, and what stands out",
	mining.AboutSales:     "What sells, and what comes next",
	mining.AboutOffers:    "What to offer, and to whom",
	mining.AboutMovement:  "What has changed",
}

// reportPage puts the findings into words, tables and charts.
func (r *Results) reportPage(m *manifest.Manifest) report.Page {
	first, last := r.span()
	p := report.Page{
		Title:      r.Words.Say("Customers of %s", m.Job),
		Subtitle:   r.Words.Say("Scored at %s, from events of %s to %s.", m.AsOf, first, last),
		Currency:   r.Job.Currency,
		Highlights: r.totals(m),
		Warnings:   warningsByWeight(m.Warnings),
		Reading:    []page.Section{r.rowsSection(m)},
	}
	sections, highlights := make([][]page.Section, mining.Chapters), make([][]page.Highlight, mining.Chapters)
	for _, s := range steps.Table() {
		result := r.OfSteps[s.Name]
		if result == nil {
			continue
		}
		var cards []page.Chart
		for _, g := range result.Groups {
			p.Actions = append(p.Actions, actionsOf(g)...)
			if len(g.Described) > 0 && len(g.Described) <= mostCards {
				cards = append(cards, r.groupCards(g))
			}
		}
		if result.Section == nil {
			continue
		}
		section := *result.Section
		if result.Late != nil {
			result.Late(&section)
		}
		highlights[s.Chapter] = append(highlights[s.Chapter], section.Highlights...)
		p.Actions = append(p.Actions, section.Actions...)
		section.Charts = append(slices.Clip(section.Charts), cards...)
		sections[s.Chapter] = append(sections[s.Chapter], section)
	}
	for k, title := range chapters {
		if len(sections[k]) > 0 {
			p.Chapters = append(p.Chapters, report.Chapter{Title: title, Sections: sections[k]})
		}
	}
	for _, k := range []mining.Chapter{
		mining.AboutSales, mining.AboutCustomers, mining.AboutLeaving, mining.AboutWorth, mining.AboutOffers, mining.AboutMovement,
	} {
		p.Highlights = append(p.Highlights, highlights[k]...)
	}
	p.Highlights = p.Highlights[:min(mostHighlights, len(p.Highlights))]
	p.Actions = mostWorth(slices.DeleteFunc(p.Actions, func(a page.Action) bool { return a.Customers < int64(r.Job.Privacy.MinGroup) }))
	return r.spoken(p)
}

// totals are the figures of every run.
func (r *Results) totals(m *manifest.Manifest) []page.Highlight {
	highlight := func(name, value, note string) page.Highlight {
		return page.Highlight{Name: name, Value: value, Note: note, Change: math.NaN()}
	}
	out := []page.Highlight{highlight("Customers", page.Whole(m.Customers), "")}
	if c := r.Scan.Census; m.Money != nil && (c.Gross.Float() != 0 || c.Returns.Float() != 0) {
		net := highlight("Money after returns", page.Money(c.Gross.Float()+c.Returns.Float(), r.Job.Currency), m.Money.Net)
		if r.Job.Currency != "" {
			net.Note += " " + r.Job.Currency
		}
		out = append(out, net)
	}
	return append(out, highlight("Orders", page.Whole(m.Orders), ""))
}

// actionsOf returns the immediate actions proposed by a grouping, with the customers and the
// money of each group.
func actionsOf(g *mining.Groups) []page.Action {
	var out []page.Action
	for _, now := range g.Now {
		if now.Group >= len(g.Described) || g.Described[now.Group].Customers == 0 {
			continue
		}
		d := &g.Described[now.Group]
		out = append(out, page.Action{
			Do: now.Do, Why: now.Why, Offer: now.Offer, Customers: int64(d.Customers),
			Worth: moneyOf(d), Stake: "spent so far",
			Where: fmt.Sprintf("segments.parquet: %s is %s", g.Name, g.Names[now.Group]),
		})
	}
	return out
}

// moneyOf returns the money spent by the customers of a group, NaN where no money is
// known.
func moneyOf(d *profile.Group) float64 {
	if math.IsNaN(d.SumShares[0]) {
		return math.NaN()
	}
	return d.Sums[0]
}

// mostWorth returns the actions with the most money at stake, actions of unknown worth
// last.
func mostWorth(actions []page.Action) []page.Action {
	worth := func(a page.Action) float64 {
		if math.IsNaN(a.Worth) {
			return math.Inf(-1)
		}
		return a.Worth
	}
	slices.SortStableFunc(actions, func(a, b page.Action) int { return cmp.Compare(worth(b), worth(a)) })
	return actions[:min(mostActions, len(actions))]
}

// groupCards describes each group of a grouping on a card.
func (r *Results) groupCards(g *mining.Groups) page.Cards {
	c := page.Cards{Title: r.Words.Say("The groups of %s", r.Words.Column(g.Name))}
	for i := range g.Described {
		d := &g.Described[i]
		if d.Customers < max(1, r.Job.Privacy.MinGroup) {
			continue
		}
		card := page.Card{Name: r.groupName(g, i), Share: d.Share, Facts: []page.Fact{
			{Name: "Customers", Value: page.Whole(int64(d.Customers))},
			{Name: "Share", Value: page.Percent(d.Share)},
		}}
		if money := moneyOf(d); !math.IsNaN(money) {
			card.Facts = append(card.Facts,
				page.Fact{Name: "Money", Value: page.Money(money, r.Job.Currency)},
				page.Fact{Name: "Share of money", Value: page.Percent(d.SumShares[0])})
		}
		if marks := mining.MarkTexts(r.Words, d.Marks); len(marks) > 0 {
			card.Text = strings.Join(marks[:min(3, len(marks))], "; ")
		}
		if g.Actions != nil {
			card.Do = g.Actions[i]
		}
		c.Cards = append(c.Cards, card)
	}
	return c
}

// warningsByWeight puts warnings about the data first, since such warnings concern every
// figure, and then the warnings of steps, in order.
func warningsByWeight(all []models.Warning) []report.Warning {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b models.Warning) int {
		return cmp.Compare(strings.Count(a.Code, "."), strings.Count(b.Code, "."))
	})
	var out []report.Warning
	for _, w := range sorted {
		out = append(out, report.Warning{Code: w.Code, Message: w.Message})
	}
	return out
}

func (r *Results) rowsSection(m *manifest.Manifest) page.Section {
	t := page.Table{Head: []string{"Rows", "Number"}, Numeric: []bool{false, true}, Rows: [][]string{
		{r.Words.Text("read"), page.Whole(m.Rows.Read)}, {r.Words.Text("kept"), page.Whole(m.Rows.Kept)}, {r.Words.Text("quarantined"), page.Whole(m.Rows.Quarantined)},
	}}
	for _, name := range slices.Sorted(maps.Keys(m.Rows.SetAside)) {
		t.Rows = append(t.Rows, []string{r.Words.Say("set aside: %s", name), page.Whole(m.Rows.SetAside[name])})
	}
	return page.Section{Title: "What was read", Tables: append([]page.Table{t}, r.attributeTables(m)...)}
}

// attributeTables shows for the report the number of customers with each
// attribute.
func (r *Results) attributeTables(m *manifest.Manifest) []page.Table {
	if m.Attributes == nil {
		return nil
	}
	t := page.Table{
		Title: "Attributes of customers", Head: []string{"Attribute", "Customers who have it", "Share", "Texts", "Rows disagree"},
		Numeric: []bool{false, true, true, true, true},
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes.ByName)) {
		of, texts := m.Attributes.ByName[name], page.None
		if of.Categories != nil {
			texts = page.Whole(int64(*of.Categories))
		}
		t.Rows = append(t.Rows, []string{name, page.Whole(of.Known), page.Percent(float64(of.Known) / float64(m.Customers)), texts, page.Whole(of.Disagreeing)})
	}
	return []page.Table{t}
}
