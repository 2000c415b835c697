package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining/words"
)

// Print writes the explanation for a person.
func (e *Explanation) Print(out io.Writer) error {
	w, p := e.customer.Words, &printer{out: out}
	p.line("%s", w.Say("The customer at %s, by the run %s", e.AsOf, e.Run))
	if e.Stale {
		p.line("%s", w.Text("The inputs have changed since that run: what follows of the history is newer than the scores."))
	}
	e.history(p, w)
	p.title(w.Text("Scores"))
	for _, s := range e.Scores {
		p.item(s.Name, s.words(w))
	}
	for _, step := range e.Why {
		for _, part := range step.Parts {
			p.title(part.Title)
			for _, line := range part.Parts {
				size := ""
				if line.Size != nil {
					size = w.Number(*line.Size) + " " + line.Unit
				}
				p.item(line.Text, size)
			}
		}
	}
	if len(e.Offers) > 0 {
		p.title(w.Text("What to offer"))
	}
	for _, o := range e.Offers {
		name := o.Product
		if o.Description != "" {
			name = o.Description + " (" + o.Product + ")"
		}
		p.item(fmt.Sprintf("%d. %s", o.Rank, name), w.Percent(o.Prob)+", "+o.Reason)
	}
	return p.err
}

// history writes the behaviour of the customer.
func (e *Explanation) history(p *printer, w *words.Words) {
	h := &e.History
	p.title(w.Text("History"))
	p.item(w.Text("orders"), w.Say("%d, from %s to %s", h.Orders, h.First, h.Last))
	if h.Money != nil {
		p.item(w.Text("money spent"), w.Money(*h.Money))
	}
	if h.Returns > 0 && h.Returned != nil {
		p.item(w.Text("returned"), w.Money(*h.Returned))
	}
	if h.Silence != nil {
		usual := ""
		if h.UsualGap != nil {
			usual = w.Say("; usual: every %s", w.Count(*h.UsualGap, "days"))
		}
		p.item(w.Text("silent for"), w.Count(*h.Silence, "days")+usual)
	}
	if n := len(h.Timeline); n > 0 {
		from := h.Timeline[max(0, n-monthsShown)].Month
		p.item(w.Text("orders by month"), from+" "+h.line()+" "+h.Timeline[n-1].Month)
	}
}

// ordinal are columns with names or scores as numbers, for which a place has no
// meaning.
var ordinal = []string{"segment", "class", "r_score", "f_score", "m_score"}

// words writes a score with its place among all customers.
func (s *Score) words(w *words.Words) string {
	if s.Number == nil {
		if s.Label != "" {
			return s.Label + " (" + s.Text + ")"
		}
		return s.Text
	}
	text := w.ColumnValue(s.Column, *s.Number)
	var beside []string
	if s.Rank == nil || slices.Contains(ordinal, s.Column) {
		return text
	}
	if s.Rank != nil {
		beside = append(beside, w.Say("above %s of the customers", w.Percent(*s.Rank)))
	}
	if s.Below != nil {
		beside = append(beside, w.Say("next below %s", w.ColumnValue(s.Column, *s.Below)))
	}
	if s.Above != nil {
		beside = append(beside, w.Say("next above %s", w.ColumnValue(s.Column, *s.Above)))
	}
	return text + "  (" + strings.Join(beside, "; ") + ")"
}

// printer writes lines, and keeps the first error.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *printer) title(text string) { p.line("\n%s", text) }

// nameWidth is the width of names before their values.
const nameWidth = 34

func (p *printer) item(name, value string) {
	if value == "" {
		p.line("  %s", name)
		return
	}
	p.line("  %-*s %s", nameWidth, name, value)
}
