package history

import (
	"encoding/binary"

	"github.com/quintile-dev/quintile/datasets"
)

// cut fills a.starts with the rows at which a slip begins, where time, customer
// or order change, and the number of rows. Columns may be nil.
func (a *Appender) cut(times []datasets.Moment, customer, order *datasets.Column, rows []uint32) {
	a.starts = resize(a.starts, len(rows)+1)
	if len(rows) == 0 {
		a.starts = a.starts[:0]
		return
	}
	if coded(customer) && coded(order) && order.Valid == nil {
		a.starts = cutCodes(a.starts, times, customer.Codes, order.Codes, rows)
		return
	}
	a.begins = resize(a.begins, len(rows))
	last := times[rows[0]]
	for r, i := range rows {
		t := times[i]
		a.begins[r] = bit(uint64(t ^ last))
		last = t
	}
	a.begins[0] = 1
	if customer != nil {
		markChanges(a.begins, rows, customer, nil) // these rows have one
	}
	if order != nil {
		markChanges(a.begins, rows, order, order.Valid)
	}
	n := 0
	for r, begins := range a.begins {
		a.starts[n] = uint32(r)
		n += int(begins)
	}
	a.starts[n] = uint32(len(rows))
	a.starts = a.starts[:n+1]
}

// coded reports whether codes tell the values of a column apart.
func coded(c *datasets.Column) bool {
	return c != nil && c.Kind == datasets.Text && c.Codes != nil
}

// cutCodes is cut for columns of codes without nulls, in one pass.
func cutCodes(starts []uint32, times []datasets.Moment, customers, orders, rows []uint32) []uint32 {
	n := 1
	starts[0] = 0
	time, customer, order := times[rows[0]], customers[rows[0]], orders[rows[0]]
	for r, i := range rows {
		starts[n] = uint32(r)
		t, c, o := times[i], customers[i], orders[i]
		if uint64(t^time)|uint64(c^customer)|uint64(o^order) != 0 {
			n++
		}
		time, customer, order = t, c, o
	}
	starts[n] = uint32(len(rows))
	return starts[:n+1]
}

// markChanges marks the rows with a value different from the row before. Where a
// dictionary holds a text twice, an unchanged row may be marked too.
func markChanges(begins []uint8, rows []uint32, c *datasets.Column, valid datasets.Bitmap) {
	switch {
	case valid != nil:
		for r := 1; r < len(rows); r++ {
			i, j := int(rows[r]), int(rows[r-1])
			if valid.Get(i) != valid.Get(j) || valid.Get(i) && differ(c, i, j) {
				begins[r] = 1
			}
		}
	case c.Kind == datasets.Text && c.Codes != nil:
		markValues(begins, rows, c.Codes)
	case c.Kind == datasets.Text:
		markTexts(begins, rows, &c.Texts)
	case c.Kind == datasets.Float:
		markValues(begins, rows, c.Floats)
	default:
		markValues(begins, rows, c.Ints)
	}
}

func markValues[T comparable](begins []uint8, rows []uint32, values []T) {
	last := values[rows[0]]
	for r, i := range rows {
		v, changed := values[i], uint8(0)
		if v != last {
			changed = 1
		}
		begins[r] |= changed
		last = v
	}
}

// markTexts is markChanges for texts: those of up to eight bytes are compared as
// words, without branches.
func markTexts(begins []uint8, rows []uint32, s *datasets.Strings) {
	starts, ends, data := s.Start, s.End, s.Data
	before, length := uint64(0), uint32(0)
	for r, i := range rows {
		from, n, word := starts[i], ends[i]-starts[i], uint64(0)
		switch {
		case n > 8:
			if r > 0 && string(s.At(int(i))) != string(s.At(int(rows[r-1]))) {
				begins[r] = 1
			}
		case int(from)+8 <= len(data):
			word = binary.LittleEndian.Uint64(data[from:]) << (8 * (8 - n)) // which is 0, too, for no bytes
		default:
			for k, b := range data[from : from+n] {
				word |= uint64(b) << (8 * (8 - n + uint32(k)))
			}
		}
		begins[r] |= bit(word ^ before | uint64(n^length))
		before, length = word, n
	}
}

// bit is 1 unless v is 0.
func bit(v uint64) uint8 {
	if v != 0 {
		return 1
	}
	return 0
}

// differ reports whether two values that are not null differ.
func differ(c *datasets.Column, i, j int) bool {
	switch {
	case c.Kind == datasets.Text && c.Codes != nil:
		return c.Codes[i] != c.Codes[j]
	case c.Kind == datasets.Text:
		return string(c.Texts.At(i)) != string(c.Texts.At(j))
	case c.Kind == datasets.Float:
		return c.Floats[i] != c.Floats[j]
	}
	return c.Ints[i] != c.Ints[j]
}

// textOf returns the text of row i and the scratch memory, perhaps grown. A null
// is the empty text.
func textOf(c *datasets.Column, i int, scratch []byte) (text, grown []byte) {
	if c.Kind != datasets.Text {
		scratch = c.AppendText(scratch[:0], i)
		return scratch, scratch
	}
	if !c.Valid.Get(i) {
		return nil, scratch
	}
	return c.TextAt(i), scratch
}
