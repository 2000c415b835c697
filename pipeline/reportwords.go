package pipeline

import (
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/pipeline/report"
)

// spoken returns the page in the language of the job. Warnings, and what the dictionary has no
// translation of, stay in English.
func (r *run) spoken(p report.Page) report.Page {
	p.Language = r.words.Language()
	first := r.words.Section(page.Section{Highlights: p.Highlights, Actions: p.Actions})
	p.Highlights, p.Actions = first.Highlights, first.Actions
	for k := range p.Chapters {
		c := &p.Chapters[k]
		c.Title = r.words.Text(c.Title)
		for i := range c.Sections {
			c.Sections[i] = r.words.Section(c.Sections[i])
		}
	}
	for i := range p.Reading {
		p.Reading[i] = r.words.Section(p.Reading[i])
	}
	return p
}

// groupName returns what a person calls a group; blanks stand in names of the job for the lines
// that join their words.
func (r *run) groupName(g *mining.Groups, label int) string {
	return strings.ReplaceAll(r.words.Group(g.Name, g.Names[label]), "_", " ")
}
