package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// obey gives columns the roles that hints say.
func (g *Guess) obey() error {
	b := binder{file: g.Fields}
	for _, role := range Roles() {
		name := g.hints.Columns[role]
		if name == "" {
			continue
		}
		at := b.find(name)
		if at < 0 {
			var have []string
			for _, f := range g.Fields {
				have = append(have, fmt.Sprintf("%q", f.Name))
			}
			return &datasets.FileError{Path: g.Path, Got: fmt.Sprintf("no column %q for %s; the file has %s", name, role, strings.Join(have, ", ")), Want: "one of them"}
		}
		if said := Ambiguity(g.Fields, name); said != "" {
			return &datasets.FileError{Path: g.Path, Got: said, Want: "the number of one of them", Hint: fmt.Sprintf("write it as #%d", at+1)}
		}
		for other, column := range g.Columns {
			if column == g.Fields[at].Name {
				delete(g.Columns, other)
			}
		}
		g.Gaps = slices.DeleteFunc(g.Gaps, func(gap Gap) bool { return gap.Role == role })
		g.Columns[role] = g.Fields[at].Name
		if len(ColumnsNamed(g.Fields, g.Fields[at].Repeated)) > 0 {
			g.Columns[role] = name // its name alone means several
		}
	}
	if g.hints.Columns[Amount] != "" {
		delete(g.Columns, UnitPrice)
	}
	if g.hints.Columns[UnitPrice] != "" {
		delete(g.Columns, Amount)
		g.Gaps = slices.DeleteFunc(g.Gaps, func(gap Gap) bool { return gap.Role == Amount })
	}
	g.findUnused()
	return nil
}

// addMissing adds words for nothing.
func (g *Guess) addMissing(words []string) {
	for _, w := range words {
		if !slices.Contains(g.Missing, w) {
			g.Missing = append(g.Missing, w)
		}
	}
}

// MissingWords returns the refused cells that are words for nothing, such as N/A, in their order. The cells are in
// columns of times and numbers.
func MissingWords(faults []datasets.Fault) []string {
	var words []string
	for _, f := range faults {
		if f.Shown && (f.Reason == datasets.BadNumber || f.Reason == datasets.BadTime) && isNullWord(f.Got) && !slices.Contains(words, f.Got) {
			words = append(words, f.Got)
		}
	}
	return words
}
