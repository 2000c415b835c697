package ingest

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// mapper turns frames into transactions. A mapper belongs to one worker, and
// reuses its memory.
type mapper struct {
	clock   clock
	quiet   bool // rows that do not fit are dropped, not counted: lines without a customer
	counts  *counts
	frame   *datasets.Frame
	m       *mapping
	numbers []numbers // by column of the frame
	out     datasets.Transactions
	rows    []uint32
	anon    []uint32

	positive bool     // no quantity or amount of the rows is negative, as far as is known
	signed   bool     // negative lists where one is
	negative []uint32 // rows, ascending; also of those between the rows asked for
	text     []byte
	joined   []byte // a date and a time of day
	zeros    []uint32
	full     fullDict // of the customers
	entries  []int32  // of a lookup
	dayText  []byte
	extra    []datasets.Money // a further column of discounts
	before   numbers          // for asInFile
	each     []uint32         // for rowsOf
}

// counts is the fate of the rows of one file, as one worker saw it.
type counts struct {
	rows, kept, quarantined, rounded int64
	setAside                         []int64 // by rule; then as the constants below have it
	faults                           []datasets.Fault
	lines                            map[uint64]uint32 // those compared between files, by hash
	unmatched                        map[*Lookup]*unmatched
	currencies                       map[string]int64 // lines in another currency than that of the job, where nothing says what they are worth
}

// The places of built-in names in counts.setAside, after those of the rules.
const (
	noCustomerCount = iota
	erasedCount
	duplicateCount
	builtInCounts
)

// transactions maps a frame. The batch is valid until the next call.
//
// Errors: *datasets.FileError where what is remembered of lines takes too much memory.
func (w *mapper) transactions(m *mapping, f *datasets.Frame, c *counts, anonymous bool) (*datasets.Transactions, error) {
	w.m, w.frame, w.counts, w.quiet = m, f, c, false
	w.addConstants()
	w.addLookups()
	w.prepare(f.Rows)
	c.rows += int64(f.Rows + len(f.Faults))
	c.quarantined += int64(len(f.Faults))
	w.addFaults()

	w.markMissing()
	if m.source.NumericIDs {
		wholeIDs(w.column(Customer))
	}
	w.splitByCustomer()
	w.erase()
	var err error
	if w.out.Rows, err = w.unique(w.fit(w.rows)); err != nil {
		return nil, err
	}
	c.kept += int64(len(w.out.Rows))
	if m.overlap != nil {
		m.overlap.note(w, c)
	}
	w.out.Anonymous = w.out.Anonymous[:0]
	if anonymous && len(w.anon) > 0 {
		w.quiet = true
		if w.out.Anonymous, err = w.unique(w.fit(w.anon)); err != nil {
			return nil, err
		}
	}
	w.out.Customer = w.column(Customer)
	w.out.Order = w.column(Order)
	for d, at := range m.dims {
		w.out.Dims[d] = nil
		if at >= 0 {
			w.out.Dims[d] = &f.Columns[at]
		}
	}
	for i := range w.numbers {
		c.rounded += w.numbers[i].rounded
	}
	return &w.out, nil
}

// unique leaves out lines that are equal to others, where that is asked for.
func (w *mapper) unique(rows []uint32) ([]uint32, error) {
	if w.m.duplicates == nil {
		return rows, nil
	}
	return w.m.duplicates.without(w, rows)
}

// column returns the frame's column of a role, or nil.
func (w *mapper) column(r Role) *datasets.Column {
	if at := w.m.at(r); at >= 0 {
		return &w.frame.Columns[at]
	}
	return nil
}

// addConstants appends the columns whose value the path holds.
func (w *mapper) addConstants() {
	for len(w.zeros) < w.frame.Rows {
		w.zeros = append(w.zeros, 0)
	}
	for i, value := range w.m.constants {
		field := w.m.fields[len(w.m.selected)+i]
		c := datasets.Column{Field: field, Codes: w.zeros[:w.frame.Rows]}
		c.Dict.Append([]byte(value))
		w.frame.Columns = append(w.frame.Columns[:len(w.m.selected)+i], c)
	}
}

// prepare makes room for a frame of n rows.
func (w *mapper) prepare(n int) {
	w.out.Time = resize(w.out.Time, n)
	w.out.Quantity = resize(w.out.Quantity, n)
	w.out.Amount = resize(w.out.Amount, n)
	w.out.Return = resize(w.out.Return, n)
	clear(w.out.Return)
	w.out.Cost, w.out.Discount = w.room(Cost, w.out.Cost, n), w.room(Discount, w.out.Discount, n)
	w.prepareNumbers()
}

// rowsOf returns the rows of a frame of n, which count from 0.
func (w *mapper) rowsOf(n int) []uint32 {
	for len(w.each) < n {
		w.each = append(w.each, uint32(len(w.each)))
	}
	return w.each[:n]
}

// prepareNumbers forgets the numbers of the frame before.
func (w *mapper) prepareNumbers() {
	for len(w.numbers) < len(w.m.fields) {
		w.numbers = append(w.numbers, numbers{})
	}
	for i := range w.numbers {
		w.numbers[i].known = false
		w.numbers[i].rounded = 0
	}
}

func (w *mapper) room(r Role, column []datasets.Money, n int) []datasets.Money {
	if w.m.at(r) < 0 {
		return nil
	}
	return resize(column, n)
}

// fit reads the values of rows, and returns the rows that no rule sets aside
// and whose values all fit. The result reuses rows.
func (w *mapper) fit(rows []uint32) []uint32 {
	for r := range w.m.rules {
		before := len(rows)
		rows = w.without(rows, &w.m.rules[r])
		if !w.quiet {
			w.counts.setAside[r] += int64(before - len(rows))
		}
	}
	if w.quiet && w.m.at(Order) >= 0 {
		order, kept := w.column(Order), rows[:0]
		for _, i := range rows {
			if !w.isMissing(order, int(i)) {
				kept = append(kept, i)
			}
		}
		rows = kept
	}
	rows = w.readTimes(rows)
	rows = w.readQuantities(rows)
	rows = w.readAmounts(rows)
	rows = w.readOptional(rows, Cost, w.out.Cost)
	rows = w.readOptional(rows, Discount, w.out.Discount)
	if w.m.pieceCosts {
		rows = w.multiplyCosts(rows)
	}
	for _, role := range moreDiscounts {
		if w.m.at(role) >= 0 {
			rows = w.addDiscounts(rows, role)
		}
	}
	if w.m.at(Currency) >= 0 {
		rows = w.convert(rows)
	}
	w.sign(rows)
	return rows
}

// without returns the rows that the rule does not match.
func (w *mapper) without(rows []uint32, r *boundRule) []uint32 {
	kept := rows[:0]
	match := w.matcher(rows, r)
	for _, i := range rows {
		if !match(i) {
			kept = append(kept, i)
		}
	}
	return kept
}

// matcher returns the test of a rule, for the given rows.
func (w *mapper) matcher(rows []uint32, r *boundRule) func(i uint32) bool {
	match := w.matchRow(rows, r)
	if r.orders == nil {
		return match
	}
	order := w.column(Order)
	return func(i uint32) bool {
		if w.isMissing(order, int(i)) {
			return match(i)
		}
		_, taken := r.orders[string(w.textOf(order, i))]
		return taken
	}
}

// matchRow is matcher for a rule that looks at each row alone.
func (w *mapper) matchRow(rows []uint32, r *boundRule) func(i uint32) bool {
	c := &w.frame.Columns[r.column]
	switch {
	case r.Missing:
		return func(i uint32) bool { return w.isMissing(c, int(i)) }
	case r.Prefix != nil:
		prefix := []byte(*r.Prefix)
		return func(i uint32) bool { return bytes.HasPrefix(w.textOf(c, i), prefix) }
	case r.Equals != nil:
		return func(i uint32) bool { return string(w.textOf(c, i)) == *r.Equals }
	}
	n := w.numbersOf(r.column, rows)
	return func(i uint32) bool {
		v := n.values[i]
		return n.of(i) == fits && (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
	}
}

func (w *mapper) textOf(c *datasets.Column, i uint32) []byte {
	if c.Kind == datasets.Text && c.Valid.Get(int(i)) {
		return c.TextAt(int(i))
	}
	w.text = c.AppendText(w.text[:0], int(i))
	return w.text
}

// numbersOf reads a column as numbers, for the given rows and once a frame: the
// rows asked for later are always among those asked for first.
func (w *mapper) numbersOf(column int, rows []uint32) *numbers {
	n := &w.numbers[column]
	if !n.known || w.quiet {
		n.values = resize(n.values, w.frame.Rows)
		c := &w.frame.Columns[column]
		n.read(c, rows, w.m.source.formOf(c))
	}
	return n
}

// refuse quarantines row i for what stands in a column.
func (w *mapper) refuse(i uint32, column int, reason datasets.Reason, want string) {
	if w.quiet {
		return
	}
	want = strings.ReplaceAll(want, "DECIMAL", string(w.m.source.Decimal))
	w.counts.quarantined++
	c := &w.frame.Columns[column]
	at := w.frame.Position(int(i), c.Name)
	if c.Letter != "" {
		at.Cell = c.Letter + strconv.FormatInt(at.Line, 10)
	}
	w.counts.faults = append(w.counts.faults, datasets.Fault{
		Pos:    at,
		Reason: reason,
		Got:    datasets.Clip(string(w.textOf(c, i)), 80),
		Want:   want,
		Shown:  w.m.shown(column),
	})
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
