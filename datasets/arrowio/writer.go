package arrowio

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

// Format is one of the two forms of Arrow IPC.
type Format uint8

// The formats.
const (
	Stream Format = iota // read from beginning to end
	File                 // with a footer, read anywhere
)

// Compression is a way to make buffers smaller.
type Compression uint8

// The ways to compress.
const (
	Uncompressed Compression = iota
	LZ4
	Zstd
)

// Options say how batches are written.
type Options struct {
	Format      Format
	Compression Compression
	// Dictionaries writes texts as codes, with the dictionary of the first
	// frame before its batch, and the dictionary of a later frame before its
	// batch where it differs. Only streams can replace dictionaries.
	Dictionaries bool
}

// DefaultOptions returns an uncompressed stream with plain texts.
func DefaultOptions() Options { return Options{} }

// Writer writes frames as record batches. A Writer is for one goroutine.
type Writer struct {
	out interface {
		Write(arrow.RecordBatch) error
		Close() error
	}
	schema *arrow.Schema
	closed bool
}

// NewWriter writes frames with columns of the given fields to out, without
// closing out.
func NewWriter(out io.Writer, fields []datasets.Field, options Options) (*Writer, error) {
	return newWriter(out, fields, options, memory.NewGoAllocator())
}

func newWriter(out io.Writer, fields []datasets.Field, options Options, allocator memory.Allocator) (*Writer, error) {
	if options.Dictionaries && options.Format == File {
		return nil, errors.New("arrowio: dictionaries: got a file, want a stream; files cannot replace them")
	}
	columns := make([]arrow.Field, len(fields))
	for i, f := range fields {
		columns[i] = arrowField(f, options.Dictionaries && f.Kind == datasets.Text)
	}
	w := &Writer{schema: arrow.NewSchema(columns, nil)}
	set := []ipc.Option{ipc.WithSchema(w.schema), ipc.WithAllocator(allocator)}
	switch options.Compression {
	case Uncompressed:
	case LZ4:
		set = append(set, ipc.WithLZ4())
	case Zstd:
		set = append(set, ipc.WithZstd())
	default:
		return nil, fmt.Errorf("arrowio: compression: got %d, want Uncompressed, LZ4 or Zstd", options.Compression)
	}
	switch options.Format {
	case Stream:
		w.out = ipc.NewWriter(out, set...)
	case File:
		f, err := ipc.NewFileWriter(out, set...)
		if err != nil {
			return nil, err
		}
		w.out = f
	default:
		return nil, fmt.Errorf("arrowio: format: got %d, want Stream or File", options.Format)
	}
	return w, nil
}

// Write writes the frame as one record batch. The columns of the frame match the
// fields of the writer, in the same order; the frame is neither kept nor
// modified.
func (w *Writer) Write(f *datasets.Frame) error {
	if w.closed {
		return errors.New("arrowio: write to a closed writer")
	}
	if len(f.Columns) != w.schema.NumFields() {
		return fmt.Errorf("arrowio: got %d columns, want %d", len(f.Columns), w.schema.NumFields())
	}
	for i := range f.Columns {
		field := f.Columns[i].Field
		field.Description = ""
		coded := w.schema.Field(i).Type.ID() == arrow.DICTIONARY
		if want := w.schema.Field(i); field.Name != want.Name || !arrow.TypeEqual(arrowField(field, coded).Type, want.Type) {
			return fmt.Errorf("arrowio: got column %q of %s, want %q of %s", field.Name, field.Kind, want.Name, want.Type)
		}
	}
	record, err := view(f, w.schema)
	if err != nil {
		return fmt.Errorf("arrowio: %w", err)
	}
	defer record.Release()
	return w.out.Write(record)
}

// Close ends the stream, or writes the footer of the file.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	return w.out.Close()
}
