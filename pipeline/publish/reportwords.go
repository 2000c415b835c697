package publish

import (
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/pipeline/report"
)

// spoken returns the page in the language of the job. Warnings, and texts without a
// translation, stay in English.
func (r *Results) spoken(p report.Page) report.Page {
	p.Language = r.Words.Language()
	first := r.Words.Section(page.Section{Highlights: p.Highlights, Actions: p.Actions})
	p.Highlights, p.Actions = first.Highlights, first.Actions
	for k := range p.Chapters {
		c := &p.Chapters[k]
		c.Title = r.Words.Text(c.Title)
		for i := range c.Sections {
			c.Sections[i] = r.Words.Section(c.Sections[i])
		}
	}
	for i := range p.Reading {
		p.Reading[i] = r.Words.Section(p.Reading[i])
	}
	return p
}

// groupName returns the plain name of a group; in names from the job, blanks replace the lines
// between words.
func (r *Results) groupName(g *mining.Groups, label int) string {
	return strings.ReplaceAll(r.Words.Group(g.Name, g.Names[label]), "_", " ")
}
