package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/quintile-dev/quintile/mining/page"
)

// shown is the number of lines of a part shown on a terminal; JSON has all.
const shown = 20

// Print writes the difference for a person.
func (d *Difference) Print(out io.Writer) error {
	p := &printer{out: tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)}
	p.line("before\t%s", d.Before.Folder)
	p.line("after\t%s", d.After.Folder)
	if d.Equal {
		p.line("The runs are equal: every file has the same checksum.")
		return p.end()
	}
	p.line("%d files differ. Customers: %d in both runs, %d new, %d gone.", len(d.Files), d.Base.Both, d.Base.New, d.Base.Gone)
	p.values("Rows, customers and money", d.Counts)
	p.values("Configuration", d.Config)
	p.moves(d.Groups)
	p.columns("Scores", d.Scores)
	p.columns("Features", d.Features)
	p.values("Figures of the steps", d.Steps)
	if len(d.Models) > 0 {
		p.line("\nModels that differ")
		for _, m := range d.Models {
			p.line("  %s", m)
		}
	}
	return p.end()
}

type printer struct {
	out *tabwriter.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *printer) end() error {
	if p.err != nil {
		return p.err
	}
	return p.out.Flush()
}

// rest says how many lines are left out.
func (p *printer) rest(all int) {
	if all > shown {
		p.line("  … and %d more; --json has all", all-shown)
	}
}

func (p *printer) values(title string, values []Value) {
	if len(values) == 0 {
		return
	}
	p.line("\n%s", title)
	for _, v := range values[:min(shown, len(values))] {
		p.line("  %s\t%s\t→ %s", v.Name, short(v.Before), short(v.After))
	}
	p.rest(len(values))
}

func (p *printer) moves(moves []Move) {
	if len(moves) == 0 {
		return
	}
	p.line("\nGroups: who moved")
	for _, m := range moves[:min(shown, len(moves))] {
		p.line("  %s\t%s → %s\t%s customers\t%s spent", m.Grouping, orNone(m.From), orNone(m.To), page.Whole(int64(m.Customers)), page.Amount(m.Money))
	}
	p.rest(len(moves))
}

func (p *printer) columns(title string, columns []Column) {
	if len(columns) == 0 {
		return
	}
	p.line("\n%s: means, customers who changed, PSI", title)
	for _, c := range columns[:min(shown, len(columns))] {
		p.line("  %s\t%s → %s\t%s changed\t%s", c.Name, number(c.MeanBefore), number(c.MeanAfter), page.Whole(int64(c.Changed)), number(c.PSI))
	}
	p.rest(len(columns))
}

func number(v *float64) string {
	if v == nil {
		return page.None
	}
	return page.Short(*v)
}

func orNone(text string) string {
	if text == "" {
		return page.None
	}
	return text
}

// widest is the length of a value beyond which a terminal shows only the
// beginning.
const widest = 60

func short(v any) string {
	if v == nil {
		return page.None
	}
	text, err := json.Marshal(v)
	if err != nil {
		return page.None
	}
	if r := []rune(string(text)); len(r) > widest {
		return string(r[:widest]) + "…"
	}
	return string(text)
}
