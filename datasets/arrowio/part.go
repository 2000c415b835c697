package arrowio

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

// part is one record batch, with its dictionaries.
type part struct {
	reader       *Reader
	raw          frame
	where        block
	dictionaries []dictionary
	batch        int
	first, rows  int64
}

// Decode decodes the selected columns of the batch.
func (p *part) Decode(dst *datasets.Frame) (err error) {
	column := ""
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("damaged batch: %v", v)
		}
		if err != nil {
			err = p.reader.batchError(p.batch, column, err)
		}
	}()
	record, err := p.record()
	if err != nil {
		return err
	}
	defer record.Release()
	if record.NumRows() != p.rows {
		return fmt.Errorf("%d rows, want %d", record.NumRows(), p.rows)
	}
	dst.Path, dst.FirstLine, dst.FirstRow = p.reader.path, 0, p.first
	dst.LineOf, dst.Faults = nil, nil
	dst.Rows = int(p.rows)
	selected := p.reader.selected
	for len(dst.Columns) < len(selected) {
		dst.Columns = append(dst.Columns, datasets.Column{})
	}
	dst.Columns = dst.Columns[:len(selected)]
	for i, index := range selected {
		f := &p.reader.fields[index]
		column = f.Name
		values := record.Column(f.index)
		if values.Len() != dst.Rows {
			return fmt.Errorf("%d values, want %d", values.Len(), dst.Rows)
		}
		if err := validate(values); err != nil {
			return err
		}
		if err := f.fill(&dst.Columns[i], values); err != nil {
			return err
		}
	}
	return nil
}

// Each decodes the batch as a whole: most of the data are not copied anyway.
func (p *part) Each(dst *datasets.Frame, do func() error) error {
	if err := p.Decode(dst); err != nil {
		return err
	}
	return do()
}

// record returns the batch as the library has it.
func (p *part) record() (arrow.RecordBatch, error) {
	raw := p.raw
	if p.where != (block{}) {
		body, err := p.reader.source.load(p.where)
		if err != nil {
			return nil, err
		}
		raw.body = body
	}
	_, raw, err := check(raw, p.reader.layout, new(expander))
	if err != nil {
		return nil, err
	}
	frames := []frame{p.reader.schema}
	for _, d := range p.dictionaries {
		frames = append(frames, d.raw)
	}
	reader, err := ipc.NewReaderFromMessageReader(&replay{frames: append(frames, raw)}, ipc.WithAllocator(p.reader.allocator))
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	record, err := reader.Read()
	if errors.Is(err, io.EOF) || err == nil && record == nil {
		return nil, errors.New("a batch without all of its dictionaries")
	}
	if err != nil {
		return nil, err
	}
	record.Retain() // beyond the reader
	return record, nil
}

// replay is a message reader that has the messages at hand.
type replay struct {
	frames []frame
	last   *ipc.Message
}

// Message returns the next message. It is valid until the next call.
func (r *replay) Message() (*ipc.Message, error) {
	r.Release()
	if len(r.frames) == 0 {
		return nil, io.EOF
	}
	f := r.frames[0]
	r.frames = r.frames[1:]
	r.last = ipc.NewMessage(memory.NewBufferBytes(f.meta), memory.NewBufferBytes(f.body))
	return r.last, nil
}

// Release gives the last message back.
func (r *replay) Release() {
	if r.last != nil {
		r.last.Release()
		r.last = nil
	}
}

// Retain does nothing: only the library holds a replay.
func (r *replay) Retain() {}

// validate checks an array of a foreign file. The library's own check wants a
// buffer that arrays of nothing but nulls do not have.
func validate(values arrow.Array) error {
	if values.DataType().ID() == arrow.NULL {
		return nil
	}
	return array.ValidateFull(values)
}
