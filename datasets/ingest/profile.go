package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// profileRows is the number of rows that a profile holds.
const profileRows = 5000

// profile holds the contents of the columns at the beginning of a file.
type profile struct {
	rows    int
	columns []columnProfile // as the file has them
}

type columnProfile struct {
	name     string
	kind     datasets.Kind
	plain    bool // numbers among its texts are written as programs write them
	cells    []string
	filled   int // cells that are not empty
	distinct int // texts among them
	numbers  text.Evidence
	times    float64 // share of the cells that are times, in [0,1]; counts of anything are none
}

// profile reads the beginning of the file.
func (g *Guess) profile(ctx context.Context, f File) (*profile, error) {
	r, err := f.Open(g.CSV)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p := &profile{columns: make([]columnProfile, len(g.Fields))}
	all := make([]int, len(g.Fields))
	for i, field := range g.Fields {
		all[i] = i
		p.columns[i].name, p.columns[i].kind, p.columns[i].plain = field.Name, field.Kind, field.Plain
	}
	if err := r.Select(all); err != nil {
		return nil, err
	}
	for p.rows < profileRows {
		part, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		var frame datasets.Frame
		if err := part.Decode(&frame); err != nil {
			return nil, err
		}
		n := min(frame.Rows, profileRows-p.rows)
		for k := range p.columns {
			for i := range n {
				p.columns[k].cells = append(p.columns[k].cells, string(frame.Columns[k].AppendText(nil, i)))
			}
		}
		p.rows += n
	}
	for k := range p.columns {
		p.columns[k].conclude()
	}
	return p, nil
}

// conclude sums a column up.
func (c *columnProfile) conclude() {
	seen := map[string]bool{}
	var samples [][]byte
	for _, cell := range c.cells {
		if cell == "" {
			continue
		}
		c.filled++
		seen[cell] = true
		if !isNullWord(cell) {
			c.numbers.Add([]byte(cell))
		}
		if len(samples) < 200 {
			samples = append(samples, []byte(cell))
		}
	}
	c.distinct = len(seen)
	switch c.kind {
	case datasets.Date, datasets.Timestamp:
		c.times = 1
	case datasets.Text:
		if len(samples) > 0 && c.numbers.Odd > 0 || dateNamed(c.name) {
			c.times = float64(len(text.Readable(samples))) / float64(max(len(samples), 1))
		}
		if len(text.DetectTime(samples)) > 0 && (c.numbers.Odd > 0 || dateNamed(c.name)) {
			c.times = 1
		}
	}
}

// dateNamed reports whether a column's name speaks of a date.
func dateNamed(name string) bool {
	plain := plainName(name)
	return slices.ContainsFunc([]string{"dat", "time", "fecha", "zeit", "jour", "day", "tag", "created", "when"}, func(part string) bool {
		return strings.Contains(plain, part)
	})
}

// number reports whether nearly all cells of a column, empty cells aside, are
// numbers.
func (c *columnProfile) number() bool {
	switch c.kind {
	case datasets.Int, datasets.Float, datasets.Decimal:
		return true
	case datasets.Text:
		return c.filled > 0 && c.numbers.Seen >= 20*c.numbers.Odd && c.times < 0.5
	}
	return false
}

// column returns the profile of a role's column, or nil.
func (p *profile) column(g *Guess, role Role) *columnProfile {
	for k := range p.columns {
		if c := &p.columns[k]; c.name == g.Columns[role] && c.name != "" {
			return c
		}
	}
	return nil
}

// byContent checks the roles suggested by names against the contents of the columns, and fills open roles where
// only one column is possible.
func (g *Guess) byContent(p *profile) {
	if p.rows > 0 {
		g.checkRoles(p)
		g.findTime(p)
		g.settleNumbers(p)
		g.compareAmounts(p)
		g.lookAtCustomers(p)
		g.addMissing(g.hints.Missing)
		g.findFirstLines(p)
		g.lookAtCurrency(p)
	}
	g.findGaps(p)
	g.findUnused()
}

// checkRoles takes impossible roles off columns: an amount that is no number, a time of day that is a date.
func (g *Guess) checkRoles(p *profile) {
	for _, role := range numberRoles {
		if c := p.column(g, role); c != nil && c.filled > 0 && !c.number() {
			g.Decided = append(g.Decided, fmt.Sprintf("the column %q holds no numbers, and so is no %s", c.name, role))
			delete(g.Columns, role)
		}
	}
	if date, clock := p.column(g, Time), p.column(g, Clock); date != nil && clock != nil {
		both := text.DetectTime([][]byte{[]byte(first(date.cells) + " " + first(clock.cells))})
		alone := text.DetectTime([][]byte{[]byte(first(date.cells))})
		if len(both) == 0 || len(alone) == 0 || !alone[0].DateOnly() {
			delete(g.Columns, Clock)
		}
	}
	if g.Columns[Time] == "" {
		delete(g.Columns, Clock)
	}
}

// first returns the first cell that is not empty.
func first(cells []string) string {
	if i := slices.IndexFunc(cells, func(s string) bool { return s != "" }); i >= 0 {
		return cells[i]
	}
	return ""
}

// findTime takes the only column with times, where no name tells.
func (g *Guess) findTime(p *profile) {
	if g.Columns[Time] != "" {
		return
	}
	var found []string
	for k := range p.columns {
		if c := &p.columns[k]; c.times > 0.9 && !g.used(c.name) {
			found = append(found, c.name)
		}
	}
	if len(found) == 1 {
		g.Columns[Time] = found[0]
		g.Decided = append(g.Decided, fmt.Sprintf("time is %q: the one column that holds times", found[0]))
	}
}

func (g *Guess) used(name string) bool {
	for _, column := range g.Columns {
		if column == name {
			return true
		}
	}
	return false
}

// settleNumbers finds how numbers are written.
func (g *Guess) settleNumbers(p *profile) {
	if g.hints.Decimal != 0 {
		g.Decimal, g.Thousands, g.Signs = g.hints.Decimal, g.hints.Thousands, g.hints.Signs
		return
	}
	var e text.Evidence
	for _, role := range numberRoles {
		if c := p.column(g, role); c != nil && c.kind == datasets.Text && !c.plain {
			for _, cell := range c.cells {
				e.Add([]byte(cell))
			}
		}
	}
	forms, example := e.Fitting()
	if len(forms) == 0 {
		return
	}
	if g.Signs = forms[0].Signs; len(g.hints.Signs) > 0 {
		g.Signs = g.hints.Signs
	}
	if len(forms) > 1 {
		g.NumbersAsk = example
		return
	}
	g.Decimal, g.Thousands = forms[0].Decimal, forms[0].Thousands
}

// lookAtCustomers finds words for nothing among the customers, and ids with a fraction of zeros.
func (g *Guess) lookAtCustomers(p *profile) {
	if c := p.column(g, Customer); c != nil && c.kind == datasets.Text {
		words, fractions, whole := map[string]int{}, 0, 0
		for _, cell := range c.cells {
			n := wholeLength([]byte(cell))
			switch {
			case cell == "":
			case isNullWord(cell):
				words[cell]++
			case n < len(cell):
				fractions++
			case strings.Trim(cell, "0123456789") == "":
				whole++
			}
		}
		g.Missing = sortedByCount(words)
		rest := c.filled
		for _, n := range words {
			rest -= n
		}
		g.NumericIDs = fractions > 0 && fractions+whole == rest
	}
}

// findGaps lists the roles needed by a job and not found.
func (g *Guess) findGaps(p *profile) {
	candidates := func(fits func(*columnProfile) bool) []string {
		var names []string
		for k := range p.columns {
			if c := &p.columns[k]; !g.used(c.name) && fits(c) {
				names = append(names, c.name)
			}
		}
		return names
	}
	open := func(role Role) bool {
		return g.Columns[role] == "" && !slices.ContainsFunc(g.Gaps, func(gap Gap) bool { return gap.Role == role })
	}
	if open(Customer) {
		g.Gaps = append(g.Gaps, Gap{Role: Customer, Candidates: candidates(func(c *columnProfile) bool {
			return p.rows == 0 || c.times < 0.5 && c.distinct > 1 && (c.distinct < c.filled || p.rows < 20) && !hasFraction(c)
		}), Reason: "no name tells which column is the customer"})
	}
	if open(Time) {
		g.Gaps = append(g.Gaps, Gap{Role: Time, Candidates: candidates(func(c *columnProfile) bool { return p.rows == 0 || c.times > 0.5 || dateNamed(c.name) }),
			Reason: "no column, or more than one, holds times"})
	}
	if open(Amount) && open(UnitPrice) {
		g.Gaps = append(g.Gaps, Gap{Role: Amount, Candidates: candidates(func(c *columnProfile) bool { return p.rows == 0 || c.number() && c.distinct > 1 }),
			Reason: "no name tells which column is money; without it, all amounts are 0"})
	}
}

// hasFraction reports whether a column holds numbers with decimal places, and so no ids, unless all places are
// zeros.
func hasFraction(c *columnProfile) bool {
	if c.kind == datasets.Decimal {
		return true
	}
	return c.number() && slices.ContainsFunc(c.cells, func(cell string) bool {
		return strings.ContainsAny(cell, ".,") && wholeLength([]byte(cell)) == len(cell)
	})
}
