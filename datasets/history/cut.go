package history

import "github.com/quintile-dev/quintile/datasets"

// cut marks the rows at which a slip begins: where time, customer or order
// change. Columns may be nil.
func (a *Appender) cut(times []datasets.Moment, customer, order *datasets.Column, rows []uint32) {
	a.begins = resize(a.begins, len(rows))
	if len(rows) == 0 {
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
			if !begins[r] && string(c.Texts.At(int(rows[r]))) != string(c.Texts.At(int(rows[r-1]))) {
				begins[r] = true
			}
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
