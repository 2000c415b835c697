package ingest

import (
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

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
		var valid datasets.Bitmap // what c.Valid becomes; nil while it need not change
		for i := range w.frame.Rows {
			if !c.Valid.Get(i) || !w.standsForMissing(c.TextAt(i)) {
				continue
			}
			if valid == nil {
				valid = copyOf(c.Valid, w.frame.Rows)
			}
			valid.Clear(i)
		}
		if valid != nil {
			c.Valid = valid
		}
	}
}

// copyOf returns a copy of a bitmap of n bits.
func copyOf(valid datasets.Bitmap, n int) datasets.Bitmap {
	if valid != nil {
		return slices.Clone(valid)
	}
	ones := datasets.NewBitmap(n)
	for i := range n {
		ones.Set(i)
	}
	return ones
}

func (w *mapper) standsForMissing(text []byte) bool {
	for _, m := range w.m.source.Missing {
		if string(text) == m {
			return true
		}
	}
	return false
}

// splitByCustomer separates rows with a customer from rows without.
func (w *mapper) splitByCustomer() {
	w.rows, w.anon = w.rows[:0], w.anon[:0]
	c := w.column(Customer)
	switch full := w.neverEmpty(c); {
	case full && c.Valid == nil:
		w.rows = append(w.rows, w.rowsOf(w.frame.Rows)...)
	case full:
		w.splitByBits(c.Valid)
	case c.Kind == datasets.Text && c.Codes == nil && c.Texts.Trimmed && c.Valid == nil:
		for i, start := range c.Texts.Start {
			w.split(i, start != c.Texts.End[i])
		}
	default:
		for i := range w.frame.Rows {
			w.split(i, !w.isMissing(c, i))
		}
	}
	w.counts.setAside[len(w.m.rules)+noCustomerCount] += int64(len(w.anon))
}

func (w *mapper) split(i int, known bool) {
	if known {
		w.rows = append(w.rows, uint32(i))
	} else {
		w.anon = append(w.anon, uint32(i))
	}
}

// splitByBits parts the rows, run by run.
func (w *mapper) splitByBits(valid datasets.Bitmap) {
	each := w.rowsOf(w.frame.Rows)
	for from := 0; from < w.frame.Rows; {
		word := valid[from>>6] >> (from & 63)
		most := min(64-from&63, w.frame.Rows-from)
		if ones := min(bits.TrailingZeros64(^word), most); ones > 0 {
			w.rows = append(w.rows, each[from:from+ones]...)
			from += ones
			continue
		}
		zeros := min(bits.TrailingZeros64(word), most)
		w.anon = append(w.anon, each[from:from+zeros]...)
		from += zeros
	}
}

// neverEmpty reports whether the column obviously has no missing values but
// nulls: no empty text, no NaN.
func (w *mapper) neverEmpty(c *datasets.Column) bool {
	switch {
	case c.Kind != datasets.Text:
		return c.Kind != datasets.Float
	case c.Codes != nil:
		return w.full.has(c)
	}
	return c.Texts.Trimmed && !hasEmpty(c.Texts.Start, c.Texts.End)
}

func hasEmpty(starts, ends []uint32) bool {
	ends = ends[:len(starts)]
	for i, start := range starts {
		if start == ends[i] {
			return true
		}
	}
	return false
}

// fullDict remembers how far the dictionary of a column has no empty text.
type fullDict struct {
	id    *datasets.DictID
	seen  int
	empty bool
}

// has reports whether no entry of the column's dictionary is empty, looking only
// at entries not seen in the batch before.
func (d *fullDict) has(c *datasets.Column) bool {
	if c.DictID == nil || c.DictID != d.id {
		*d = fullDict{id: c.DictID}
	}
	if n := c.Dict.Len(); !d.empty && n > d.seen {
		d.empty = hasEmpty(c.Dict.Start[d.seen:], c.Dict.End[d.seen:])
		d.seen = n
	}
	return c.Dict.Trimmed && !d.empty
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
