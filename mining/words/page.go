package words

import (
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining/page"
)

// Section returns a section of the report in the language: its titles, heads, names of axes and curves, and
// numbers. Texts without a translation stay. Cells of tables other than numbers, and names of bars, are
// data: a step translates its own data.
//
// The section is not modified.
func (w *Words) Section(s page.Section) page.Section {
	if w.language == English {
		return s
	}
	s.Title, s.Text = w.Text(s.Title), w.Text(s.Text)
	s.Highlights = slices.Clone(s.Highlights)
	for i := range s.Highlights {
		h := &s.Highlights[i]
		h.Name, h.Value, h.Note = w.Heading(h.Name), w.Label(h.Value), w.Label(h.Note)
	}
	s.Actions = slices.Clone(s.Actions)
	for i := range s.Actions {
		a := &s.Actions[i]
		a.Do, a.Stake, a.Why, a.Offer, a.Where = w.Text(a.Do), w.Text(a.Stake), w.Text(a.Why), w.Text(a.Offer), w.Text(a.Where)
	}
	s.Charts = slices.Clone(s.Charts)
	for i, c := range s.Charts {
		s.Charts[i] = w.chart(c)
	}
	s.Tables = slices.Clone(s.Tables)
	for i := range s.Tables {
		s.Tables[i] = w.table(s.Tables[i])
	}
	return s
}

// Heading returns a heading in the language. The currency at its end stays.
func (w *Words) Heading(text string) string {
	end := " (" + w.currency + ")"
	if heading, has := strings.CutSuffix(text, end); has && w.currency != "" {
		return w.Text(heading) + end
	}
	return w.Text(text)
}

func (w *Words) headings(texts []string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = w.Heading(out[i])
	}
	return out
}

// table translates the title, the heads and the columns of numbers.
func (w *Words) table(t page.Table) page.Table {
	t.Title, t.Head = w.Heading(t.Title), w.headings(t.Head)
	t.Rows = slices.Clone(t.Rows)
	for i, row := range t.Rows {
		t.Rows[i] = slices.Clone(row)
		for j := range row {
			if j < len(t.Numeric) && t.Numeric[j] {
				t.Rows[i][j] = w.Label(row[j])
			}
		}
	}
	return t
}

func (w *Words) chart(c page.Chart) page.Chart {
	switch c := c.(type) {
	case page.Bars:
		c.Title, c.Bars = w.Heading(c.Title), slices.Clone(c.Bars)
		for i := range c.Bars {
			c.Bars[i].Label = w.Label(c.Bars[i].Label)
		}
		return c
	case page.Lines:
		c.Title, c.XName, c.YName, c.Lines = w.Heading(c.Title), w.Heading(c.XName), w.Heading(c.YName), slices.Clone(c.Lines)
		for i := range c.Lines {
			c.Lines[i].Name = w.Heading(c.Lines[i].Name)
		}
		return c
	case page.Heatmap:
		c.Title, c.XName, c.YName, c.Labels = w.Heading(c.Title), w.Heading(c.XName), w.Heading(c.YName), slices.Clone(c.Labels)
		for i, row := range c.Labels {
			c.Labels[i] = slices.Clone(row)
			for j := range row {
				c.Labels[i][j] = w.Label(row[j])
			}
		}
		return c
	case page.Scatter:
		c.Title, c.XName, c.YName = w.Heading(c.Title), w.Heading(c.XName), w.Heading(c.YName)
		return c
	case page.Stack:
		c.Title, c.Parts = w.Heading(c.Title), w.headings(c.Parts)
		return c
	case page.Cards:
		return w.cards(c)
	case page.Flow:
		c.Title, c.LeftName, c.RightName = w.Heading(c.Title), w.Heading(c.LeftName), w.Heading(c.RightName)
		c.Links = slices.Clone(c.Links)
		for i := range c.Links {
			c.Links[i].Label = w.Label(c.Links[i].Label)
		}
		return c
	case page.Multiples:
		c.Title, c.Panels = w.Heading(c.Title), slices.Clone(c.Panels)
		for i := range c.Panels {
			c.Panels[i].Label = w.Label(c.Panels[i].Label)
		}
		return c
	}
	return c
}

func (w *Words) cards(c page.Cards) page.Cards {
	c.Title, c.Cards = w.Heading(c.Title), slices.Clone(c.Cards)
	for i := range c.Cards {
		card := &c.Cards[i]
		card.Facts = slices.Clone(card.Facts)
		for k := range card.Facts {
			card.Facts[k].Name, card.Facts[k].Value = w.Heading(card.Facts[k].Name), w.Label(card.Facts[k].Value)
		}
		card.Do = w.Text(card.Do)
	}
	return c
}
