package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// Note is something about the inputs for a person to look at, though the inputs are
// readable.
type Note struct {
	Code    string // stable: "customer_words", "customer_fractions", …
	Message string // never with personal data
	Count   int    // rows or columns that it is about
}

// sampledFiles is the number of files of a source of which the beginning is looked at.
const sampledFiles = 8

// sample is what the beginnings of a source's files look like.
type sample struct {
	first      *file
	rows       int
	numbers    map[Role]*text.Evidence
	words      map[string]int            // words for nothing among the customers
	customers  map[string]int            // rows by id
	fractions  int                       // ids such as 17850.0
	scientific int                       // ids such as 1.78E+4
	currencies map[string]map[string]int // rows by value, by name of a column of currencies that has no role
	mapped     map[string]int            // rows by value of the column that has the role
}

// numberRoles are the roles whose columns hold numbers.
var numberRoles = []Role{Quantity, UnitPrice, Amount, Cost, Discount}

// lookAtSamples looks at the beginnings of the source's files for what cannot be seen row by row.
//
// Errors: *datasets.FileError where numbers can be read in two ways, and nobody has said which is meant.
func (s *Source) lookAtSamples(ctx context.Context, files []*file, report *Report) error {
	p := sample{numbers: map[Role]*text.Evidence{}, words: map[string]int{}, customers: map[string]int{}, currencies: map[string]map[string]int{}, mapped: map[string]int{}}
	seen := 0
	for _, f := range files {
		if f.source != s {
			continue
		}
		if seen++; seen > sampledFiles {
			continue
		}
		if err := p.add(ctx, f); err != nil {
			return err
		}
	}
	if p.rows == 0 {
		return nil
	}
	p.noteCustomers(s, report)
	p.noteCurrencies(s, report)
	if err := p.checkCurrencies(s); err != nil {
		return err
	}
	if s.NumbersSet {
		return nil
	}
	return p.checkNumbers()
}

// Messages name columns and no paths: the same lines from another place are noted alike.

// add looks at the first part of a file.
func (p *sample) add(ctx context.Context, f *file) error {
	reader, err := f.Open(f.source.CSV)
	if err != nil {
		return err
	}
	defer reader.Close()
	fields := reader.Fields()
	columns, visit := p.plan(f, fields)
	if len(columns) == 0 {
		return nil
	}
	if err := reader.Select(columns); err != nil {
		return err
	}
	part, err := reader.Next(ctx)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	var frame datasets.Frame
	if err := part.Decode(&frame); err != nil {
		return err
	}
	if p.first == nil {
		p.first = f
	}
	var cell []byte
	for i := 0; i < frame.Rows; i += max(1, frame.Rows/sampleRows) {
		p.rows++
		for k := range frame.Columns {
			cell = frame.Columns[k].AppendText(cell[:0], i)
			visit[k](cell)
		}
	}
	return nil
}

// plan returns the columns to look at, and the checks of their cells.
func (p *sample) plan(f *file, fields []datasets.Field) (columns []int, visit []func([]byte)) {
	m := f.mapping
	add := func(column int, do func([]byte)) { columns, visit = append(columns, column), append(visit, do) }
	if at := m.at(Customer); at < len(m.selected) {
		add(m.selected[at], func(cell []byte) { p.customer(f.source, cell) })
	}
	for _, role := range numberRoles {
		if at := m.at(role); at >= 0 && at < len(m.selected) && m.fields[at].Kind == datasets.Text && !m.fields[at].Plain && !f.source.NumbersSet {
			e := p.numbers[role]
			if e == nil {
				e = &text.Evidence{}
				p.numbers[role] = e
			}
			add(m.selected[at], e.Add)
		}
	}
	if at := m.at(Currency); at >= 0 && at < len(m.selected) {
		add(m.selected[at], func(cell []byte) {
			if len(cell) > 0 && len(p.mapped) < 100 {
				p.mapped[string(cell)]++
			}
		})
	}
	for i, field := range fields {
		if field.Kind == datasets.Text && namesCurrency(field.Name) && !slices.Contains(columns, i) {
			values := p.currencies[field.Name]
			if values == nil {
				values = map[string]int{}
				p.currencies[field.Name] = values
			}
			add(i, func(cell []byte) {
				if len(cell) > 0 && len(cell) <= 8 && len(values) < 100 {
					values[string(cell)]++
				}
			})
		}
	}
	return columns, visit
}

// namesCurrency reports whether a column with that name holds the currency of amounts.
func namesCurrency(name string) bool {
	switch plainName(name) {
	case "currency", "currencycode", "currencyiso", "currencyisocode", "ordercurrency", "ordercurrencycode", "waehrung", "whrung", "whrg", "devise", "moneda", "moeda", "valuta":
		return true
	}
	return false
}

// nullWords are words that programs write where there is nothing, in lower case.
var nullWords = []string{"null", `\n`, "nan", "none", "<na>", "n/a", "#n/a", "na", "nil", "-", "--", "?", "unknown", "undefined", "(null)", "nat"}

func isNullWord(cell string) bool {
	return len(cell) <= 9 && slices.Contains(nullWords, strings.ToLower(cell))
}

func (p *sample) customer(s *Source, cell []byte) {
	id := string(cell)
	switch {
	case id == "" || slices.Contains(s.Missing, id):
		return
	case isNullWord(id):
		p.words[id]++
		return
	case wholeLength(cell) < len(cell):
		p.fractions++
	case scientific(cell):
		p.scientific++
	}
	p.customers[id]++
}

// scientific reports whether a text is a number such as 4.01E+12, a long number after a visit to a
// spreadsheet.
func scientific(cell []byte) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(string(cell)), "E+")
	if !found || exponent == "" || mantissa == "" {
		return false
	}
	return strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent, "0123456789") == ""
}

// noteCustomers notes what ids of customers look unlike ids.
func (p *sample) noteCustomers(s *Source, report *Report) {
	note := func(code string, n int, format string, args ...any) {
		report.Notes = append(report.Notes, Note{Code: code, Count: n, Message: fmt.Sprintf("of %d rows looked at, %d have ", p.rows, n) +
			fmt.Sprintf(format, args...)})
	}
	for _, word := range sortedByCount(p.words) {
		if n := p.words[word]; 100*n > p.rows {
			note("customer_words", n, "the customer %q, which counts as a customer; if it stands for none, set missing: [%q]", word, word)
		}
	}
	if 100*p.fractions > p.rows && !s.NumericIDs {
		note("customer_fractions", p.fractions, "an id such as 17850.0; if ids are whole numbers, set id: number")
	}
	if 100*p.scientific > p.rows {
		note("customer_scientific", p.scientific, "an id such as 1.78E+12, of which a spreadsheet has cut the end: different customers may have become one; export the file again")
	}
	if most := sortedByCount(p.customers); len(most) > 1 && p.rows >= 100 && 5*p.customers[most[0]] > p.rows {
		note("customer_share", p.customers[most[0]], "the same customer; if that id stands for nobody, add it to missing")
	}
}

// noteCurrencies notes that amounts of several currencies would be added up.
func (p *sample) noteCurrencies(s *Source, report *Report) {
	var names []string
	for name := range p.currencies {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := sortedByCount(p.currencies[name])
		if len(values) < 2 || slices.ContainsFunc(s.SetAside, func(r Rule) bool { return r.Column == name || s.Further[r.Column] == name }) {
			continue
		}
		report.Notes = append(report.Notes, Note{Code: "currencies", Count: len(values), Message: fmt.Sprintf(
			"the column %q has %d values (%s), and amounts are added up as they are; map it to currency, and give rates",
			name, len(values), strings.Join(values[:min(len(values), 5)], ", "))})
	}
}

// sortedByCount returns the keys of a map, the most frequent first.
func sortedByCount(counts map[string]int) []string {
	var keys []string
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return keys
}

// checkNumbers reports numbers with two readings, where the default is one of the two.
func (p *sample) checkNumbers() error {
	var faults []error
	for _, role := range numberRoles {
		e := p.numbers[role]
		if e == nil {
			continue
		}
		forms, example := e.Fitting()
		if len(forms) < 2 || forms[0].Decimal != '.' || forms[0].Thousands != 0 {
			continue
		}
		at := p.first.mapping.at(role)
		shown := fmt.Sprintf("numbers such as %q", datasets.Clip(example, 40))
		if at < 0 || !p.first.mapping.shown(at) {
			shown = "numbers with a point before three digits"
		}
		faults = append(faults, &datasets.FileError{Path: p.first.Name, At: fmt.Sprintf("column %q", p.first.source.Columns[role]),
			Got: shown + ", in which the point may be a decimal sign or mean thousands", Want: "one reading",
			Hint: `choose it: "decimal: ." for a decimal sign; "decimal: ','" and "thousands: ." for thousands`})
	}
	return errors.Join(faults...)
}
