package history

import "github.com/quintile-dev/quintile/datasets"

// number gives every text of the batch's dimensions its code.
func (a *Appender) number(t *datasets.Transactions) {
	for d, column := range t.Dims {
		if column == nil || !a.builder.layout.mapped[d] {
			continue
		}
		a.codes[d] = resize(a.codes[d], len(t.Time))
		var lut []uint32
		if column.Kind == datasets.Text && column.Codes != nil {
			lut = a.luts[d].of(column)
		}
		a.lookUp(a.codes[d], column, t.Rows, lut, &a.dims[d])
		a.lookUp(a.codes[d], column, t.Anonymous, lut, &a.dims[d])
	}
}

// lut holds, for each entry of a dictionary, the code plus one if the entry was
// looked up, and 0 otherwise.
type lut struct {
	id    *datasets.DictID
	codes []uint32
}

// of returns the entries for the column's dictionary: the entries known already,
// if the dictionary is the same as in the batch before.
func (l *lut) of(c *datasets.Column) []uint32 {
	known := len(l.codes)
	if c.DictID == nil || c.DictID != l.id {
		l.id, known = c.DictID, 0
	}
	n := c.Dict.Len()
	if n < known {
		return l.codes[:n]
	}
	if cap(l.codes) < n {
		l.codes = append(make([]uint32, 0, n+n/4), l.codes[:known]...)
	}
	l.codes = l.codes[:n]
	clear(l.codes[known:])
	return l.codes
}

// lookUp fills dst with the codes of the texts in the given rows. A column with
// a dictionary is looked up once per entry in use: lut holds the code plus one
// for each entry seen.
func (a *Appender) lookUp(dst []uint32, c *datasets.Column, rows, lut []uint32, in *datasets.Interner) {
	switch {
	case c.Kind == datasets.Text && c.Codes != nil:
		for _, i := range rows {
			if !c.Valid.Get(int(i)) {
				dst[i] = datasets.NoCode
				continue
			}
			entry := c.Codes[i]
			if lut[entry] == 0 {
				lut[entry] = codeOf(in, c.TextAt(int(i))) + 1 // which is 0, to be looked up again, for the empty text
			}
			dst[i] = lut[entry] - 1
		}
	case c.Kind == datasets.Text && c.Valid == nil && c.Texts.Trimmed:
		in.Codes(dst, &c.Texts, rows)
	case c.Kind == datasets.Text:
		for _, i := range rows {
			dst[i] = datasets.NoCode
			if c.Valid.Get(int(i)) {
				dst[i] = codeOf(in, c.TextAt(int(i)))
			}
		}
	case c.Kind == datasets.Int:
		last, code := int64(0), datasets.NoCode // no code yet
		for _, i := range rows {
			if !c.Valid.Get(int(i)) {
				dst[i] = datasets.NoCode
				continue
			}
			if v := c.Ints[i]; v != last || code == datasets.NoCode {
				a.text = c.AppendText(a.text[:0], int(i))
				last, code = v, codeOf(in, a.text)
			}
			dst[i] = code
		}
	default:
		for _, i := range rows {
			a.text = c.AppendText(a.text[:0], int(i))
			dst[i] = codeOf(in, a.text)
		}
	}
}

// codeOf numbers a text; the empty text is a missing value.
func codeOf(in *datasets.Interner, text []byte) uint32 {
	if len(text) == 0 {
		return datasets.NoCode
	}
	return in.Code(text)
}
