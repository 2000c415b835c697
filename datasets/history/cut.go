package history

import (
	"encoding/binary"

	"github.com/quintile-dev/quintile/datasets"
)

// cut fills a.starts with the rows at which a slip begins, where time, customer
// or order change, and the number of rows. Columns may be nil.
func (a *Appender) cut(times []datasets.Moment, customer, order *datasets.Column, rows []uint32) {
	a.begins = resize(a.begins, len(rows))
	a.starts = resize(a.starts, len(rows)+1)
	if len(rows) == 0 {
		a.starts = a.starts[:0]
		return
	}
	if coded(customer) && coded(order) && order.Valid == nil {
		a.starts = cutCodes(a.starts, times, customer.Codes, order.Codes, rows)
		return
	}
	last := times[rows[0]]
	for r, i := range rows {
		t := times[i]
		a.begins[r] = t != last
		last = t
	}
	a.begins[0] = true
	if customer != nil {
		markChanges(a.begins, rows, customer, nil) // these rows have one
	}
	if order != nil {
		markChanges(a.begins, rows, order, order.Valid)
	}
	n := 0
	for r, begins := range a.begins {
		a.starts[n] = uint32(r)
		if begins {
			n++
		}
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

// markChanges marks the rows whose value differs from that of the row before. It
// may mark one that does not, where a dictionary holds a text twice.
func markChanges(begins []bool, rows []uint32, c *datasets.Column, valid datasets.Bitmap) {
	switch {
	case valid != nil:
		for r := 1; r < len(rows); r++ {
			i, j := int(rows[r]), int(rows[r-1])
			begins[r] = begins[r] || valid.Get(i) != valid.Get(j) || valid.Get(i) && differ(c, i, j)
		}
	case c.Kind == datasets.Text && c.Codes != nil:
		markValues(begins, rows, c.Codes)
	case c.Kind == datasets.Text:
		for r := 1; r < len(rows); r++ {
			begins[r] = begins[r] || !sameText(&c.Texts, rows[r], rows[r-1])
		}
	case c.Kind == datasets.Float:
		markValues(begins, rows, c.Floats)
	default:
		markValues(begins, rows, c.Ints)
	}
}

func markValues[T comparable](begins []bool, rows []uint32, values []T) {
	last := values[rows[0]]
	for r, i := range rows {
		v := values[i]
		begins[r] = begins[r] || v != last
		last = v
	}
}

// differ reports whether two values that are not null differ.
func differ(c *datasets.Column, i, j int) bool {
	switch {
	case c.Kind == datasets.Text && c.Codes != nil:
		return c.Codes[i] != c.Codes[j]
	case c.Kind == datasets.Text:
		return !sameText(&c.Texts, uint32(i), uint32(j))
	case c.Kind == datasets.Float:
		return c.Floats[i] != c.Floats[j]
	}
	return c.Ints[i] != c.Ints[j]
}

// sameText reports whether texts i and j are equal: those of up to eight bytes
// with one comparison.
func sameText(s *datasets.Strings, i, j uint32) bool {
	from, other := s.Start[i], s.Start[j]
	n := s.End[i] - from
	if n != s.End[j]-other {
		return false
	}
	if n > 8 || int(max(from, other))+8 > len(s.Data) {
		return string(s.At(int(i))) == string(s.At(int(j)))
	}
	differ := binary.LittleEndian.Uint64(s.Data[from:]) ^ binary.LittleEndian.Uint64(s.Data[other:])
	return differ<<(8*(8-n)) == 0 // which is 0, too, for no bytes
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
