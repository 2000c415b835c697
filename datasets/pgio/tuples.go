package pgio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// signature is the beginning of the data of binary COPY.
var signature = []byte("PGCOPY\n\xff\r\n\x00")

// batchRows is the number of rows of a batch.
const batchRows = 16_384

// batchBytes bounds the texts of a batch.
const batchBytes = 16 << 20

// maxTuple bounds a row.
const maxTuple = 256 << 20

// tuples takes rows in the form of binary COPY, in pieces of any length, and passes the rows on in batches. A tuples
// implements io.Writer.
type tuples struct {
	columns []column
	frame   datasets.Frame
	flush   func(*datasets.Frame) error
	rest    []byte // of a row that has not come whole
	begun   bool   // the header has passed
	done    bool   // the trailer has
	nulls   []bool // by column of the batch
	bytes   int
	rows    int64
	err     error // the first
	hint    string
}

func newTuples(columns []column, flush func(*datasets.Frame) error) *tuples {
	t := &tuples{columns: columns, flush: flush, nulls: make([]bool, len(columns))}
	t.frame.Columns = make([]datasets.Column, len(columns))
	for i, c := range columns {
		t.frame.Columns[i].Field = c.field
	}
	return t
}

// Write takes a piece.
func (t *tuples) Write(p []byte) (int, error) {
	data := p
	if len(t.rest) > 0 {
		t.rest = append(t.rest, p...)
		data = t.rest
	}
	for t.err == nil && len(data) > 0 {
		n, err := t.take(data)
		if t.err = err; n == 0 {
			break
		}
		data = data[n:]
	}
	if t.err != nil {
		return 0, t.err
	}
	if len(data) > maxTuple {
		t.err, t.hint = errors.New("got a row beyond 256 MiB"), "leave its large columns out of the query"
		return 0, t.err
	}
	t.rest = append(t.rest[:0], data...)
	return len(p), nil
}

// take reads the header, a row or the trailer, and returns its length; 0 while incomplete.
func (t *tuples) take(data []byte) (n int, err error) {
	if !t.begun {
		if len(data) < len(signature)+8 {
			return 0, nil
		}
		if !bytes.HasPrefix(data, signature) {
			return 0, errors.New("got what is no binary COPY")
		}
		more := int(binary.BigEndian.Uint32(data[len(signature)+4:]))
		if n = len(signature) + 8 + more; more > 1<<16 || len(data) < n {
			return 0, nil
		}
		t.begun = true
		return n, nil
	}
	if len(data) < 2 {
		return 0, nil
	}
	fields := int(int16(binary.BigEndian.Uint16(data)))
	if fields == -1 {
		t.done = true
		return 2, nil
	}
	if t.done || fields != len(t.columns) {
		return 0, fmt.Errorf("got a row of %d columns, want %d", fields, len(t.columns))
	}
	if n = whole(data, fields); n == 0 {
		return 0, nil
	}
	return n, t.row(data[2:n])
}

// whole returns the length of a row, 0 while incomplete.
func whole(data []byte, fields int) int {
	at := 2
	for range fields {
		if len(data)-at < 4 {
			return 0
		}
		length := int(int32(binary.BigEndian.Uint32(data[at:])))
		if at += 4; length > 0 {
			if length > len(data)-at {
				return 0
			}
			at += length
		}
	}
	return at
}

// row reads a row that is complete.
func (t *tuples) row(data []byte) error {
	row := t.frame.Rows
	for k := range t.columns {
		length := int(int32(binary.BigEndian.Uint32(data)))
		data = data[4:]
		c := &t.frame.Columns[k]
		if row%64 == 0 {
			c.Valid = append(c.Valid, 0)
		}
		err := errNull
		if length >= 0 {
			err = t.columns[k].parse(c, data[:length])
			data = data[length:]
			t.bytes += length
		}
		switch {
		case err == nil:
			c.Valid.Set(row)
		case errors.Is(err, errNull):
			t.nulls[k] = true
			appendNothing(c)
		default:
			t.hint = fmt.Sprintf("cast it in the query, such as %s::text", identifier(c.Name))
			return fmt.Errorf("row %d, column %q: got %w", t.rows+1, c.Name, err)
		}
	}
	t.frame.Rows++
	t.rows++
	if t.frame.Rows == batchRows || t.bytes > batchBytes {
		return t.pass()
	}
	return nil
}

// appendNothing gives a null a place.
func appendNothing(c *datasets.Column) {
	switch c.Kind {
	case datasets.Text:
		c.Texts.Append(nil)
	case datasets.Float:
		c.Floats = append(c.Floats, 0)
	default:
		c.Ints = append(c.Ints, 0)
	}
}

// pass hands the batch on, and begins the next.
func (t *tuples) pass() error {
	kept := make([]datasets.Bitmap, len(t.columns))
	for k := range t.frame.Columns {
		c := &t.frame.Columns[k]
		kept[k] = c.Valid
		if !t.nulls[k] {
			c.Valid = nil
		}
	}
	err := t.flush(&t.frame)
	for k := range t.frame.Columns {
		c := &t.frame.Columns[k]
		c.Valid, c.Ints, c.Floats = kept[k][:0], c.Ints[:0], c.Floats[:0]
		c.Texts.Reset()
		t.nulls[k] = false
	}
	t.frame.Rows, t.bytes = 0, 0
	return err
}

// finish passes the last batch on.
func (t *tuples) finish() error {
	if t.err == nil && !t.done {
		t.err = errors.New("got rows that end too early")
	}
	if t.err == nil && t.frame.Rows > 0 {
		t.err = t.pass()
	}
	return t.err
}
