package xlsxio

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
)

// part is a block of whole rows. A part implements datasets.Part.
type part struct {
	r    *Reader
	data []byte
	row  int64 // number of the last row before, for rows that do not say theirs
}

// Each decodes the part as one batch.
func (p *part) Each(dst *datasets.Frame, do func() error) error {
	if err := p.Decode(dst); err != nil {
		return err
	}
	return do()
}

// Decode fills dst.
//
// Errors: *datasets.FileError where the XML of the sheet is damaged.
func (p *part) Decode(dst *datasets.Frame) error {
	r := p.r
	n := len(r.selected)
	for len(dst.Columns) < n {
		dst.Columns = append(dst.Columns, datasets.Column{})
	}
	dst.Columns = dst.Columns[:n]
	for k, at := range r.selected {
		c := &dst.Columns[k]
		*c = datasets.Column{Field: r.fields[at], Texts: c.Texts, Valid: c.Valid[:0]}
		c.Texts.Reset()
	}
	dst.Path, dst.FirstRow, dst.Rows, dst.Faults = r.path, 0, 0, nil
	dst.FirstLine, dst.LineOf = max(p.row, 1), dst.LineOf[:0]
	d := cells{book: r.book, strings: r.strings}
	nulls := make([]bool, n)
	err := d.rows(p.data, p.row, func(row int64) error {
		if row <= r.last || d.empty() {
			return nil
		}
		i := dst.Rows
		for k := range dst.Columns {
			c := &dst.Columns[k]
			if i%64 == 0 {
				c.Valid = append(c.Valid, 0)
			}
			at := r.selected[k]
			if cell := d.at(at); len(cell) > 0 {
				c.Texts.Append(cell)
				c.Valid.Set(i)
			} else {
				c.Texts.Append(nil)
				nulls[k] = true
			}
		}
		if row < dst.FirstLine || row-dst.FirstLine > math.MaxUint32 {
			return errors.New("rows that are not in order")
		}
		dst.LineOf = append(dst.LineOf, uint32(row-dst.FirstLine))
		dst.Rows++
		return nil
	})
	if err != nil {
		return r.book.damaged(r.sheet.part, err)
	}
	for k := range dst.Columns {
		c := &dst.Columns[k]
		c.Texts.MarkTrimmed()
		if !nulls[k] {
			c.Valid = nil
		}
	}
	return nil
}

// cells reads the cells of rows.
type cells struct {
	book    *workbook
	strings *datasets.Strings
	data    []byte  // texts of the row
	spans   []span  // by column
	used    []int   // columns that the row has
	kinds   []shape // by column, of the row
}

type span struct{ from, to int }

// shape is the kind of a cell's contents.
type shape uint8

const (
	nothing shape = iota
	someText
	someNumber
)

// at returns the text of a column of the row at hand.
func (d *cells) at(column int) []byte {
	if column >= len(d.spans) {
		return nil
	}
	return d.data[d.spans[column].from:d.spans[column].to]
}

// empty reports whether no cell of the row holds anything.
func (d *cells) empty() bool {
	for _, c := range d.used {
		if d.spans[c].from < d.spans[c].to {
			return false
		}
	}
	return true
}

// rows calls do after each row has been read. row is the number of the row before the first.
func (d *cells) rows(data []byte, row int64, do func(row int64) error) error {
	m := markup{data: data}
	for {
		_, t, ok := m.next()
		if !ok {
			return nil
		}
		if string(t.name) != "row" || t.end {
			continue
		}
		row++
		if r := t.attribute("r"); r != nil {
			v, err := strconv.ParseInt(string(r), 10, 64)
			if err != nil || v < 1 || v > 1<<31 {
				return errors.New("a row whose number is none")
			}
			row = v
		}
		d.begin()
		if !t.empty {
			if err := d.row(&m); err != nil {
				return err
			}
		}
		if err := do(row); err != nil {
			return err
		}
	}
}

func (d *cells) begin() {
	for _, c := range d.used {
		d.spans[c], d.kinds[c] = span{}, nothing
	}
	d.used, d.data = d.used[:0], d.data[:0]
}

var errRow = errors.New("a row that does not end")

// row reads the cells of a row up to its end.
func (d *cells) row(m *markup) error {
	column := -1
	for {
		_, t, ok := m.next()
		if !ok {
			return errRow
		}
		switch name := string(t.name); {
		case name == "row" && t.end:
			return nil
		case name != "c" || t.end:
			continue
		}
		column++
		if r := t.attribute("r"); r != nil {
			if column = columnOf(r); column < 0 {
				return errors.New("a cell whose place is none")
			}
		}
		if column >= maxColumns {
			return errors.New("more columns than a sheet can have")
		}
		if t.empty {
			continue
		}
		if err := d.cell(m, &t, column); err != nil {
			return err
		}
	}
}

// columnOf returns the column of a place such as AB12, from 0; −1 for an invalid
// place.
func columnOf(place []byte) int {
	column := 0
	for i, c := range place {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if i == 0 {
				return -1
			}
			break
		}
		if column = 26*column + int(c|0x20-'a') + 1; column > maxColumns {
			return -1
		}
	}
	return column - 1
}

// letter returns the name of a column, such as AB.
func letter(column int) string {
	var name []byte
	for column++; column > 0; column = (column - 1) / 26 {
		name = append([]byte{byte('A' + (column-1)%26)}, name...)
	}
	return string(name)
}

// cell reads a cell up to its end.
func (d *cells) cell(m *markup, c *tag, column int) (err error) {
	from, kind := len(d.data), string(c.attribute("t"))
	style, shape := c.attribute("s"), nothing
	for {
		_, t, ok := m.next()
		switch name := string(t.name); {
		case !ok:
			return errRow
		case name == "c" && t.end:
			d.keep(column, span{from, len(d.data)}, shape)
			return nil
		case t.end || t.empty:
		case name == "is":
			if d.data, ok = m.richText(d.data, "is"); !ok {
				return errRow
			}
			shape = someText
		case name == "v":
			value, end, ok := m.next()
			if !ok || !end.end || string(end.name) != "v" {
				return errRow
			}
			if shape, err = d.value(value, kind, style); err != nil {
				return err
			}
		}
	}
}

func (d *cells) keep(column int, s span, kind shape) {
	for len(d.spans) <= column {
		d.spans, d.kinds = append(d.spans, span{}), append(d.kinds, nothing)
	}
	d.spans[column], d.kinds[column] = s, kind
	d.used = append(d.used, column)
}

var errNoText = errors.New("a cell whose text is not among the texts of the workbook")

// value appends the value of a cell as text.
func (d *cells) value(value []byte, kind string, style []byte) (shape, error) {
	switch kind {
	case "s":
		if value = bytes.TrimSpace(value); len(value) == 0 {
			return nothing, nil
		}
		i, err := strconv.Atoi(string(value))
		if err != nil || i < 0 || i >= d.strings.Len() {
			return nothing, errNoText
		}
		d.data = append(d.data, d.strings.At(i)...)
		return someText, nil
	case "b":
		d.data = strconv.AppendBool(d.data, string(value) == "1" || string(value) == "true")
		return someText, nil
	case "str", "e", "d":
		d.data = unescape(d.data, value)
		return someText, nil
	}
	v, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsInf(v, 0) || v != v {
		d.data = unescape(d.data, value)
		return someText, nil
	}
	if i, err := strconv.Atoi(string(style)); err == nil && i >= 0 && i < len(d.book.dates) {
		ok := false
		switch d.book.dates[i] {
		case asDate:
			d.data, ok = appendDate(d.data, v, d.book.from904)
		case asClock:
			d.data, ok = appendClock(d.data, v, d.book.from904)
		}
		if ok {
			return someText, nil
		}
	}
	d.data = appendNumber(d.data, v)
	return someNumber, nil
}
