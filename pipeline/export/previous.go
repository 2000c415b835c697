package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// previous reads the data sent by an earlier run, customer by customer: from its full
// file, or from the file kept for the purpose.
type previous struct {
	reader  datasets.Reader
	frame   datasets.Frame
	columns []int  // by field: of the frame; −1: the file has not such a column
	guarded []bool // by field: the file has apostrophes before what might be a formula
	next    int
	have    bool // id is that of the next row
	ended   bool
	id      []byte
}

func openCSV(path string) (*csvio.Reader, error) {
	options := csvio.DefaultOptions()
	options.Delimiter = ','
	return csvio.Open(path, options)
}

func openPrevious(path string, p *plan) (*previous, error) {
	csv := filepath.Ext(path) == ".csv"
	r, err := openFile(path, csv)
	if err != nil {
		return nil, err
	}
	id := idColumn
	if csv {
		id = p.fields[0].Header
	}
	find := func(name string) int {
		return slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
	}
	if find(id) < 0 {
		_ = r.Close() // the missing column is what matters
		return nil, &datasets.FileError{Path: path, Got: "no column " + id, Want: "a file that this program has written"}
	}
	out := &previous{reader: r}
	selected := []int{find(id)}
	for _, f := range p.fields {
		at := find(f.Header)
		switch k := slices.Index(selected, at); {
		case at < 0:
			out.columns = append(out.columns, -1)
		case k >= 0:
			out.columns = append(out.columns, k)
		default:
			out.columns = append(out.columns, len(selected))
			selected = append(selected, at)
		}
		out.guarded = append(out.guarded, csv && f.guarded)
	}
	if err := r.Select(selected); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return out, nil
}

// peek sets id to the id of the next row; false after the last row. The result of cell is then
// valid until the next call.
func (p *previous) peek(ctx context.Context) (bool, error) {
	for !p.have && !p.ended {
		if p.next < p.frame.Rows {
			p.id = textAt(&p.frame.Columns[0], p.next)
			p.have = true
			break
		}
		part, err := p.reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			p.ended = true
			break
		}
		if err != nil {
			return false, err
		}
		if err := part.Decode(&p.frame); err != nil {
			return false, err
		}
		if len(p.frame.Faults) > 0 { // a customer who would never be deleted
			pos := p.frame.Faults[0].Pos
			return false, &datasets.FileError{Path: pos.Path, At: "line " + strconv.FormatInt(pos.Line, 10), Got: "a row that cannot be read",
				Want: "a file as this program has written it", Hint: "restore it, or remove the run it belongs to"}
		}
		p.next = 0
	}
	return p.have, nil
}

// textAt returns a text of a column.
func textAt(c *datasets.Column, i int) []byte {
	if c.Codes != nil {
		return c.Dict.At(int(c.Codes[i]))
	}
	return c.Texts.At(i)
}

// at reports whether the next row, already read by peek, has the given id.
func (p *previous) at(id []byte) bool { return p.have && bytes.Equal(p.id, id) }

// cell returns a field of the next row, without the guard.
func (p *previous) cell(k int) []byte {
	at := p.columns[k]
	if at < 0 || !p.frame.Columns[at].Valid.Get(p.next) {
		return nil
	}
	text := textAt(&p.frame.Columns[at], p.next)
	if p.guarded[k] {
		return unguarded(text)
	}
	return text
}

// pop goes past the next row.
func (p *previous) pop() {
	p.have = false
	p.next++
}

func (p *previous) close() error { return p.reader.Close() }

// unguarded drops the apostrophe put by the writer before text that a
// spreadsheet would take for a formula.
func unguarded(text []byte) []byte {
	rest := bytes.TrimLeft(text, "'")
	if len(rest) < len(text) && len(rest) > 0 && bytes.IndexByte([]byte("=+-@\t\r"), rest[0]) >= 0 {
		return text[1:]
	}
	return text
}
