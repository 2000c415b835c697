package arrowio

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

// Skipped is a column of a file that cannot be delivered.
type Skipped struct {
	Name   string
	Reason string
}

// Reader delivers the flat columns of an Arrow IPC file or stream: it is a
// datasets.Reader.
//
// A part is a record batch. Parts are decoded independently; in a file, even the
// bytes of a part are read by Decode. Buffers may be compressed with LZ4 or
// zstd. Dictionary-coded text stays codes, whether its dictionary is given once,
// is extended or is replaced on the way. Timestamps are cut to microseconds,
// towards the past; timestamps with a time zone are instants. Nested columns,
// times of day, durations and raw bytes of fixed length are passed over: see
// Skipped.
//
// Numbers of 64 bits, floats and the bytes of texts are not copied: the frame
// uses the memory of the batch, which belongs to the frame alone.
//
// Errors are of type *datasets.FileError and name the batch and the column. A
// damaged or hostile file yields such an error, never a panic: no length in the
// file is trusted before a comparison with the actual bytes.
type Reader struct {
	source source
	closer io.Closer // nil if the caller closes the file
	path   string

	schema  frame
	layout  *layout
	fields  []field
	skipped []Skipped

	selected     []int // indexes into fields; nil before Select
	dictionaries []dictionary
	batches      int
	rows         int64
	expander     expander
	allocator    memory.Allocator
}

// dictionary is a message with a dictionary or a piece of a dictionary.
type dictionary struct {
	id  int64
	raw frame
}

// Open opens the file at path, which may also hold a stream.
func Open(path string) (*Reader, error) { return OpenAs(path, path) }

// OpenAs is Open for a file with another name than its path: errors and frames
// use name.
func OpenAs(path, name string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r, err := NewReader(f, info.Size(), name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.closer = f
	return r, nil
}

// NewReader reads the file or stream of size bytes in f. path is its name in
// errors and frames. f is read by several goroutines at once, and not closed.
func NewReader(f io.ReaderAt, size int64, path string) (*Reader, error) {
	var begin [len(fileMagic)]byte
	if n, _ := f.ReadAt(begin[:], 0); string(begin[:n]) != fileMagic {
		return NewStreamReader(io.NewSectionReader(f, 0, size), path)
	}
	s, err := openFile(f, size)
	if err != nil {
		return nil, &datasets.FileError{Path: path, At: "footer", Err: err}
	}
	return newReader(s, path)
}

// NewStreamReader reads the stream in r as the bytes arrive. path is the name
// used in errors and frames.
func NewStreamReader(r io.Reader, path string) (*Reader, error) {
	return newReader(&stream{bufio.NewReaderSize(r, 1<<16)}, path)
}

func newReader(s source, path string) (r *Reader, err error) {
	r = &Reader{source: s, path: path, allocator: memory.NewGoAllocator()}
	fault := func(err error) error {
		return &datasets.FileError{
			Path: path, At: "schema", Err: err, Want: "an Arrow IPC file or stream",
			Got: "something else", Hint: "check the format of the file",
		}
	}
	defer func() {
		if v := recover(); v != nil {
			r, err = nil, fault(fmt.Errorf("%w: %s", errMetadata, datasets.Recovered(v)))
		}
	}()
	raw, _, err := s.next()
	if err != nil {
		return nil, fault(unexpected(err))
	}
	m, raw, err := check(raw, &layout{}, &r.expander)
	if err == nil && m.kind != schemaMessage {
		err = fmt.Errorf("%w: a message of kind %d before the schema", errMetadata, m.kind)
	}
	if err != nil {
		return nil, fault(err)
	}
	r.schema, r.layout = raw, m.layout
	reader, err := ipc.NewReaderFromMessageReader(&replay{frames: []frame{raw}})
	if err != nil {
		return nil, fault(libraryError(err))
	}
	defer reader.Release()
	r.fields, r.skipped = fieldsOf(reader.Schema())
	return r, nil
}

// fieldsOf returns the flat columns of a schema, and the others.
func fieldsOf(schema *arrow.Schema) (fields []field, skipped []Skipped) {
	for i := range schema.NumFields() {
		f, reason := fieldOf(schema.Field(i))
		if reason != "" {
			skipped = append(skipped, Skipped{schema.Field(i).Name, reason})
			continue
		}
		f.index = i
		fields = append(fields, f)
	}
	return fields, skipped
}

// Fields describes the flat columns of the file.
func (r *Reader) Fields() []datasets.Field {
	fields := make([]datasets.Field, len(r.fields))
	for i := range r.fields {
		fields[i] = r.fields[i].Field
	}
	return fields
}

// Skipped lists the columns that cannot be delivered, with the reason, for
// messages about a column missing in Fields.
func (r *Reader) Skipped() []Skipped { return r.skipped }

// Select chooses the columns to decode.
func (r *Reader) Select(columns []int) error {
	if r.selected != nil {
		return errors.New("arrowio: BUG: Select called twice")
	}
	for _, c := range columns {
		if c < 0 || c >= len(r.fields) {
			return &datasets.FileError{
				Path: r.path, Got: fmt.Sprintf("column %d", c), Want: fmt.Sprintf("one of the %d flat columns %s", len(r.fields), names(r.fields)),
			}
		}
	}
	r.selected = append(make([]int, 0, len(columns)), columns...)
	return nil
}

// Next returns the next part. The dictionaries before the part are read too.
func (r *Reader) Next(ctx context.Context) (p datasets.Part, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.selected == nil {
		return nil, errors.New("arrowio: BUG: Next called before Select")
	}
	for {
		raw, where, err := r.source.next()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, r.batchError(r.batches+1, "", err)
		}
		m, inner, err := header(raw.meta)
		switch {
		case err != nil:
		case m.kind == dictionaryMessage:
			err = r.keep(raw)
		case m.kind == batchMessage:
			if m.rows, err = rowsOf(inner); err == nil {
				return r.part(raw, where, m.rows), nil
			}
		default:
			err = fmt.Errorf("%w: a message of kind %d", errMetadata, m.kind)
		}
		if err != nil {
			return nil, r.batchError(r.batches+1, "", err)
		}
	}
}

// keep stores a dictionary for later batches. The new dictionary replaces an
// earlier dictionary of the same id, or extends it.
func (r *Reader) keep(raw frame) error {
	m, raw, err := check(raw, r.layout, &r.expander)
	if err != nil {
		return err
	}
	var kept []dictionary // parts at work hold the old slice
	for _, d := range r.dictionaries {
		if m.delta || d.id != m.id {
			kept = append(kept, d)
		}
	}
	r.dictionaries = append(kept, dictionary{m.id, raw})
	return nil
}

func (r *Reader) part(raw frame, where block, rows int64) *part {
	r.batches++
	p := &part{reader: r, raw: raw, where: where, dictionaries: r.dictionaries, batch: r.batches, first: r.rows + 1, rows: rows}
	r.rows += rows
	return p
}

// batchError says where err happened.
func (r *Reader) batchError(batch int, column string, err error) error {
	at := fmt.Sprintf("record batch %d", batch)
	if column != "" {
		at += fmt.Sprintf(", column %q", column)
	}
	return &datasets.FileError{Path: r.path, At: at, Err: libraryError(err)}
}

// libraryError returns an error in words about the file, should the library have recovered
// from a panic of its own, or this package from one of the library.
func libraryError(err error) error {
	if words := datasets.Recovered(err); words != err.Error() {
		return errors.New(words)
	}
	return err
}

// Close closes the file if Open opened it.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

var _ datasets.Reader = (*Reader)(nil)
