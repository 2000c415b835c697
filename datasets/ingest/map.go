package ingest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// mapper turns frames into transactions. One worker owns it; it reuses its
// memory.
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
	text    []byte
	zeros   []uint32
}

// counts is the fate of the rows of one file, as one worker saw it.
type counts struct {
	rows, kept, quarantined, rounded int64
	setAside                         []int64 // by rule; the last entry is no_customer
	faults                           []datasets.Fault
}

// transactions maps a frame. The batch is valid until the next call.
func (w *mapper) transactions(m *mapping, f *datasets.Frame, c *counts, anonymous bool) *datasets.Transactions {
	w.m, w.frame, w.counts, w.quiet = m, f, c, false
	w.addConstants()
	w.prepare(f.Rows)
	c.rows += int64(f.Rows + len(f.Faults))
	c.quarantined += int64(len(f.Faults))
	c.faults = append(c.faults, f.Faults...)

	w.markMissing()
	w.splitByCustomer()
	w.out.Rows = w.fit(w.rows)
	c.kept += int64(len(w.out.Rows))
	w.out.Anonymous = w.out.Anonymous[:0]
	if anonymous && len(w.anon) > 0 {
		w.quiet = true
		w.out.Anonymous = w.fit(w.anon)
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
	return &w.out
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
	for len(w.numbers) < len(w.m.fields) {
		w.numbers = append(w.numbers, numbers{})
	}
	for i := range w.numbers {
		w.numbers[i].outcome = w.numbers[i].outcome[:0]
		w.numbers[i].rounded = 0
	}
}

func (w *mapper) room(r Role, column []datasets.Money, n int) []datasets.Money {
	if w.m.at(r) < 0 {
		return nil
	}
	return resize(column, n)
}

// markMissing makes nulls of the texts that the source says stand for a missing
// value.
func (w *mapper) markMissing() {
	if len(w.m.source.Missing) == 0 {
		return
	}
	for k := range w.frame.Columns {
		c := &w.frame.Columns[k]
		if c.Kind != datasets.Text {
			continue
		}
		valid := datasets.NewBitmap(w.frame.Rows)
		for i := range w.frame.Rows {
			if c.Valid.Get(i) && !w.standsForMissing(c.TextAt(i)) {
				valid.Set(i)
			}
		}
		c.Valid = valid
	}
}

func (w *mapper) standsForMissing(text []byte) bool {
	for _, m := range w.m.source.Missing {
		if string(text) == m {
			return true
		}
	}
	return false
}

// splitByCustomer parts the rows that have a customer from those that have
// none.
func (w *mapper) splitByCustomer() {
	w.rows, w.anon = w.rows[:0], w.anon[:0]
	c := w.column(Customer)
	plain := c.Kind == datasets.Text && c.Codes == nil && c.Valid == nil
	for i := range w.frame.Rows {
		if plain && len(c.TextAt(i)) > 0 || !plain && !w.isMissing(c, i) {
			w.rows = append(w.rows, uint32(i))
		} else {
			w.anon = append(w.anon, uint32(i))
		}
	}
	w.counts.setAside[len(w.m.rules)] += int64(len(w.anon))
}

func (w *mapper) isMissing(c *datasets.Column, i int) bool {
	if !c.Valid.Get(i) {
		return true
	}
	switch c.Kind {
	case datasets.Text:
		return len(c.TextAt(i)) == 0
	case datasets.Float:
		return c.Floats[i] != c.Floats[i]
	}
	return false
}

// fit returns those of the rows that no rule sets aside and that fit their
// columns, with all their values read. The result reuses rows.
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
		return n.outcome[i] == fits && (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
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
	if len(n.outcome) == 0 || w.quiet {
		n.values = resize(n.values, w.frame.Rows)
		n.outcome = resize(n.outcome, w.frame.Rows)
		n.read(&w.frame.Columns[column], rows, w.m.source)
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
	w.counts.faults = append(w.counts.faults, datasets.Fault{
		Pos:    w.frame.Position(int(i), c.Name),
		Reason: reason,
		Got:    datasets.Clip(string(w.textOf(c, i)), 80),
		Want:   want,
	})
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// readTimes reads the time of each row and drops those without one.
func (w *mapper) readTimes(rows []uint32) []uint32 {
	at := w.m.at(Time)
	c := &w.frame.Columns[at]
	kept := rows[:0]
	for _, i := range rows {
		if w.isMissing(c, int(i)) {
			w.refuse(i, at, datasets.MissingKey, "a time")
			continue
		}
		t, ok := w.moment(c, i)
		if !ok || t < firstMoment || t > lastMoment {
			w.refuse(i, at, datasets.BadTime, w.wantedTime())
			continue
		}
		w.out.Time[i] = t
		kept = append(kept, i)
	}
	return kept
}

// The times that a row may have: the years 1 to 9999.
var (
	firstMoment = datasets.Moment(datasets.DayOf(1, 1, 1)) * datasets.FullDay
	lastMoment  = datasets.Moment(datasets.DayOf(10000, 1, 1))*datasets.FullDay - 1
)

func (w *mapper) wantedTime() string {
	if w.m.layout == nil {
		return "a time in the years 1 to 9999"
	}
	return fmt.Sprintf("a time in the format %q", w.m.layout.String())
}

func (w *mapper) moment(c *datasets.Column, i uint32) (datasets.Moment, bool) {
	switch c.Kind {
	case datasets.Date:
		days := c.Ints[i]
		if days < -1<<30 || days > 1<<30 {
			return 0, false
		}
		return datasets.Moment(days) * datasets.FullDay, true
	case datasets.Timestamp:
		if c.UTC {
			return w.clock.local(c.Ints[i]), true
		}
		return datasets.Moment(c.Ints[i]), true
	}
	micros, zoned, ok := w.m.layout.Parse(w.textOf(c, i))
	if zoned && ok {
		return w.clock.local(micros), true
	}
	return datasets.Moment(micros), ok
}

// readQuantities reads the quantity of each row; one where none is mapped.
func (w *mapper) readQuantities(rows []uint32) []uint32 {
	at := w.m.at(Quantity)
	if at < 0 {
		for _, i := range rows {
			w.out.Quantity[i] = datasets.One
		}
		return rows
	}
	n, kept := w.numbersOf(at, rows), rows[:0]
	for _, i := range rows {
		if w.accept(n, i, at, "a quantity such as 6 or 0.5") {
			w.out.Quantity[i] = datasets.Quantity(n.values[i])
			kept = append(kept, i)
		}
	}
	return kept
}

// wantAmount is what a column of money wants; DECIMAL stands for the decimal
// sign of the source.
const wantAmount = "an amount such as 12DECIMAL50"

// readAmounts reads the amount of each row, or multiplies quantity and price.
func (w *mapper) readAmounts(rows []uint32) []uint32 {
	at, priced := w.m.at(Amount), false
	if at < 0 {
		at, priced = w.m.at(UnitPrice), true
	}
	if at < 0 {
		for _, i := range rows {
			w.out.Amount[i] = 0
		}
		return rows
	}
	n, kept := w.numbersOf(at, rows), rows[:0]
	for _, i := range rows {
		if !w.accept(n, i, at, wantAmount) {
			continue
		}
		amount := datasets.Money(n.values[i])
		if priced {
			var ok bool
			if amount, ok = w.out.Quantity[i].Times(amount); !ok || amount >= limit || amount <= -limit {
				w.refuse(i, at, datasets.OutOfRange, "quantity × price below 10^12")
				continue
			}
		}
		w.out.Amount[i] = amount
		kept = append(kept, i)
	}
	return kept
}

// accept reports whether the number of row i can be used, and refuses the row
// where it cannot.
func (w *mapper) accept(n *numbers, i uint32, column int, want string) bool {
	switch n.outcome[i] {
	case fits:
		return true
	case missing:
		w.refuse(i, column, datasets.MissingKey, want)
	case tooLarge:
		w.refuse(i, column, datasets.OutOfRange, "a number below 10^12")
	default:
		w.refuse(i, column, datasets.BadNumber, want)
	}
	return false
}

// readOptional reads a column of money in which a value may be missing.
func (w *mapper) readOptional(rows []uint32, r Role, dst []datasets.Money) []uint32 {
	at := w.m.at(r)
	if at < 0 {
		return rows
	}
	n, kept := w.numbersOf(at, rows), rows[:0]
	for _, i := range rows {
		if n.outcome[i] == missing {
			dst[i] = datasets.NoMoney
		} else if w.accept(n, i, at, wantAmount+", or nothing") {
			dst[i] = datasets.Money(n.values[i])
		} else {
			continue
		}
		kept = append(kept, i)
	}
	return kept
}

// sign marks the returns and gives their numbers the sign of one: a row is a
// return by the source's rule, or where its quantity or its amount is negative.
func (w *mapper) sign(rows []uint32) {
	byRule := func(uint32) bool { return false }
	if w.m.ret != nil {
		byRule = w.matcher(rows, w.m.ret)
	}
	for _, i := range rows {
		if w.out.Quantity[i] >= 0 && w.out.Amount[i] >= 0 && !byRule(i) {
			continue
		}
		w.out.Return[i] = true
		w.out.Quantity[i] = -abs(w.out.Quantity[i])
		w.out.Amount[i] = -abs(w.out.Amount[i])
		if w.out.Cost != nil && w.out.Cost[i] != datasets.NoMoney {
			w.out.Cost[i] = -abs(w.out.Cost[i])
		}
	}
}

func abs[T ~int64](v T) T { return max(v, -v) }
