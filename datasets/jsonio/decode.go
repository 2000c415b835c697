package jsonio

import (
	"bytes"
	"unicode/utf8"

	"github.com/quintile-dev/quintile/datasets"
)

// part is a block of whole lines. A part implements datasets.Part.
type part struct {
	r    *Reader
	data []byte // ends with a newline, or with the file
	line int64  // of data[0]
}

// Each decodes the part as one batch.
func (p *part) Each(dst *datasets.Frame, do func() error) error {
	if err := p.Decode(dst); err != nil {
		return err
	}
	return do()
}

// Decode fills dst.
func (p *part) Decode(dst *datasets.Frame) error {
	d := &decoder{out: dst, tree: p.r.tree, valid: utf8.Valid(p.data)}
	d.begin(p)
	data, line := p.data, int64(0)
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		next := end + 1
		if end < 0 {
			end, next = len(data), len(data)
		}
		d.line(data[:end], line)
		data = data[next:]
		line++
	}
	for k := range dst.Columns {
		c := &dst.Columns[k]
		c.Texts.MarkTrimmed()
		if !d.nulls[k] {
			c.Valid = nil
		}
	}
	return nil
}

// decoder decodes lines into a frame.
type decoder struct {
	out   *datasets.Frame
	tree  *node
	s     scanner
	valid bool // all of the block is UTF-8
	set   []bool
	nulls []bool
}

func (d *decoder) begin(p *part) {
	f := d.out
	n := len(p.r.selected)
	if len(f.Columns) > n {
		f.Columns = f.Columns[:n]
	}
	for len(f.Columns) < n {
		f.Columns = append(f.Columns, datasets.Column{})
	}
	for k, at := range p.r.selected {
		c := &f.Columns[k]
		*c = datasets.Column{Field: p.r.fields[at], Texts: c.Texts, Valid: c.Valid}
		c.Texts.Reset()
		c.Valid = c.Valid[:0]
	}
	f.Path, f.FirstLine, f.FirstRow, f.Rows = p.r.path, p.line, 0, 0
	f.LineOf, f.Faults = f.LineOf[:0], nil
	d.set, d.nulls = make([]bool, n), make([]bool, n)
}

// line decodes one line, the at-th of the block.
func (d *decoder) line(data []byte, at int64) {
	d.s.data, d.s.at = data, 0
	d.s.space()
	if d.s.at == len(data) {
		return
	}
	clear(d.set)
	if reason, want := d.row(data); reason != "" {
		for k := range d.out.Columns {
			t := &d.out.Columns[k].Texts
			t.Start, t.End = t.Start[:d.out.Rows], t.End[:d.out.Rows]
		}
		d.out.Faults = append(d.out.Faults, datasets.Fault{
			Pos: datasets.Position{Path: d.out.Path, Line: d.out.FirstLine + at}, Reason: reason, Got: datasets.Clip(string(data), 80), Want: want,
		})
		return
	}
	row := d.out.Rows
	for k := range d.out.Columns {
		c := &d.out.Columns[k]
		if row%64 == 0 {
			c.Valid = append(c.Valid, 0)
		}
		if d.set[k] {
			c.Valid.Set(row)
			continue
		}
		if len(c.Texts.Start) > row { // a null after a value of the same name
			c.Texts.Start, c.Texts.End = c.Texts.Start[:row], c.Texts.End[:row]
		}
		c.Texts.Append(nil)
		d.nulls[k] = true
	}
	d.out.LineOf = append(d.out.LineOf, uint32(at))
	d.out.Rows++
}

// row decodes the object of a line, and returns the fault, or "".
func (d *decoder) row(data []byte) (datasets.Reason, string) {
	if !d.valid && !utf8.Valid(data) {
		return datasets.BadEncoding, "text in utf-8"
	}
	if d.s.peek() != object || !d.object(d.tree, 0) {
		return datasets.BadJSON, "a JSON object in one line"
	}
	d.s.space()
	if d.s.at != len(data) {
		return datasets.BadJSON, "one JSON object in each line"
	}
	return "", ""
}

func (d *decoder) object(n *node, depth int) bool {
	if depth > maxDepth {
		return false
	}
	return d.s.members('{', '}', func() bool {
		name, ok := d.s.key(true)
		if !ok {
			return false
		}
		m := n.members[string(name)]
		if m == nil {
			return d.s.skip(depth + 1)
		}
		return d.value(m, depth+1)
	})
}

func (d *decoder) value(n *node, depth int) bool {
	from, k := d.s.at, d.s.peek()
	if k == object && n.members != nil {
		if !d.object(n, depth) {
			return false
		}
		if n.column < 0 {
			return true
		}
		d.put(n.column, d.s.data[from:d.s.at])
		return true
	}
	if n.column < 0 {
		return d.s.skip(depth)
	}
	switch k {
	case text:
		cell, ok := d.s.quoted(true)
		if ok {
			d.put(n.column, cell)
		}
		return ok
	case number:
		cell, ok := d.s.number()
		if ok {
			d.put(n.column, plainNumber(cell))
		}
		return ok
	case null:
		d.set[n.column] = false
		return d.s.word("null")
	}
	if !d.s.skip(depth) {
		return false
	}
	d.put(n.column, d.s.data[from:d.s.at])
	return true
}

// put sets a cell of the row at hand; the last value of a name counts.
func (d *decoder) put(column int, cell []byte) {
	t := &d.out.Columns[column].Texts
	if row := d.out.Rows; len(t.Start) > row {
		t.Start, t.End = t.Start[:row], t.End[:row]
	}
	t.Append(cell)
	d.set[column] = true
}
