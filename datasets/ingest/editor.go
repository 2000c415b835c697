package ingest

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// cell is the value of a column in one row.
type cell struct {
	text   []byte
	number int64
	float  float64
}

// zeroCell is the number 0, whatever the column holds.
var zeroCell = cell{text: []byte("0")}

// editor changes cells of a column of a frame. A changed column is first copied, since columns may share memory
// with other columns and with the reader.
type editor struct {
	c        *datasets.Column
	rows     int
	own      bool   // the slices of the column are copies
	appended []byte // the text that was appended last
	at       uint32 // and where: its entry of the dictionary, or its start in the data
}

// cell returns the value of row i, in the memory of an earlier one.
func (e *editor) cell(memory cell, i int) cell {
	switch e.c.Kind {
	case datasets.Text:
		memory.text = append(memory.text[:0], e.c.TextAt(i)...)
	case datasets.Float:
		memory.float = e.c.Floats[i]
	default:
		memory.number = e.c.Ints[i]
	}
	return memory
}

// set changes row i.
func (e *editor) set(i int, v cell) {
	e.copyOnce()
	c := e.c
	if c.Valid != nil {
		c.Valid.Set(i)
	}
	switch {
	case c.Kind == datasets.Float:
		c.Floats[i] = v.float
	case c.Kind != datasets.Text:
		c.Ints[i] = v.number
	case c.Codes != nil:
		if e.appended == nil || string(e.appended) != string(v.text) {
			e.at = uint32(c.Dict.Len())
			c.Dict.Append(v.text)
			e.appended = append([]byte{}, v.text...)
		}
		c.Codes[i] = e.at
	default:
		if e.appended == nil || string(e.appended) != string(v.text) {
			e.at = uint32(len(c.Texts.Data))
			c.Texts.Data = append(c.Texts.Data, v.text...)
			e.appended = append([]byte{}, v.text...)
		}
		c.Texts.Start[i], c.Texts.End[i] = e.at, e.at+uint32(len(v.text))
	}
}

// copyOnce copies the slices of the column before the first change.
func (e *editor) copyOnce() {
	if e.own {
		return
	}
	e.own = true
	c := e.c
	if c.Valid != nil {
		c.Valid = slices.Clone(c.Valid)
	}
	switch {
	case c.Kind == datasets.Float:
		c.Floats = slices.Clone(c.Floats)
	case c.Kind != datasets.Text:
		c.Ints = slices.Clone(c.Ints)
	case c.Codes != nil:
		c.Codes, c.DictID = slices.Clone(c.Codes), nil
		c.Dict = datasets.Strings{Data: slices.Clone(c.Dict.Data), Start: slices.Clone(c.Dict.Start), End: slices.Clone(c.Dict.End)}
	default:
		c.Texts = datasets.Strings{Data: slices.Clone(c.Texts.Data), Start: slices.Clone(c.Texts.Start), End: slices.Clone(c.Texts.End)}
	}
}
