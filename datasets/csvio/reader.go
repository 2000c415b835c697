package csvio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

var _ datasets.Reader = (*Reader)(nil)

// Reader reads one file of delimited text. It implements datasets.Reader.
//
// Next and Close belong to one goroutine; other goroutines may decode the
// parts, also after Close.
type Reader struct {
	path     string
	opts     Options
	src      *source
	file     io.Closer // nil if the caller opened it
	syn      syntax
	table    *table // of a single-byte encoding
	fields   []datasets.Field
	names    []string
	selected []int
	tail     []byte // read, and not yet in a part; starts with a record
	line     int64  // of the start of tail
	eof      bool
	err      error  // sticky, of Next
	marks    *marks // for the next cut; may be nil
	memory   memory
}

// Open opens the file at path and reads its header.
//
// Errors: *datasets.FileError if the file cannot be read, is no delimited text,
// is empty, has another encoding, or has one column where another delimiter
// would give more. Rows are not looked at beyond the first 64 KiB.
func Open(path string, opts Options) (*Reader, error) { return OpenAs(path, path, opts, nil) }

// OpenAs is Open for a file with another name than its path: positions and
// messages use name.
//
// The reader writes to tee every byte of the file as read, before decompression,
// in order. Once Next has returned io.EOF, an uncompressed file has passed whole.
// OpenAs and Next write to tee, and return its errors. Tee may be nil.
func OpenAs(path, name string, opts Options, tee io.Writer) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err // the path is in the FileError
		}
		return nil, &datasets.FileError{Path: name, Err: err}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &datasets.FileError{Path: name, Got: "a folder", Want: "a file"}
	}
	var in io.Reader = f
	if tee != nil {
		in = io.TeeReader(f, tee)
	}
	r, err := NewReader(in, name, opts)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file = f
	return r, nil
}

// NewReader reads from r as Open does; path stands in positions and messages.
// Close does not close r.
func NewReader(r io.Reader, path string, opts Options) (*Reader, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, &datasets.FileError{Path: path, Err: err}
	}
	src, err := openSource(r, path, opts.Encoding)
	if err != nil {
		return nil, err
	}
	out := &Reader{path: path, opts: opts, src: src, table: tableOf(opts.Encoding), line: 1}
	if err := out.begin(); err != nil {
		src.closer()
		return nil, err
	}
	out.selected = make([]int, len(out.fields))
	for i := range out.selected {
		out.selected[i] = i
	}
	return out, nil
}

// Fields describes the columns of the file, all of kind Text. A column whose
// name in the header is empty is named by its number; of several with one name the
// first has it, and the others are name_1, name_2 and so on.
func (r *Reader) Fields() []datasets.Field { return slices.Clone(r.fields) }

// Compressed reports whether the file is compressed.
func (r *Reader) Compressed() bool { return r.src.packed != "" }

// Delimiter returns the delimiter in use: the requested delimiter, or the
// detected one.
func (r *Reader) Delimiter() byte { return r.syn.delim }

// Select chooses the columns to decode, in the order wanted in frames; without
// Select, all columns are decoded. The selection does not change the faults.
func (r *Reader) Select(columns []int) error {
	for _, c := range columns {
		if c < 0 || c >= len(r.fields) {
			return fmt.Errorf("selecting columns of %s: got column %d, want 0 to %d", r.path, c, len(r.fields)-1)
		}
	}
	r.selected = slices.Clone(columns)
	return nil
}

// Next cuts the next block of records, or returns io.EOF after the last.
//
// Errors: *datasets.FileError if the file cannot be read further, is damaged,
// or has no line end within 16 MiB; ctx.Err() if cancelled. An error stays.
func (r *Reader) Next(ctx context.Context) (datasets.Part, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, r.err
	}
	p, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	return p, nil
}

func (r *Reader) next() (*part, error) {
	need := r.opts.BlockSize
	if r.eof {
		need = min(need, len(r.tail))
	}
	b := r.memory.take(need + 2*pad)
	for size := r.opts.BlockSize; ; size = min(2*size, maxRecord+pad) {
		from := len(b)
		b = append(b, r.tail[min(from, len(r.tail)):min(size, len(r.tail))]...)
		inTail := len(r.tail) > len(b)
		if !inTail {
			var err error
			if b, err = r.fill(b, size); err != nil {
				return nil, err
			}
		}
		if r.eof && !inTail {
			r.tail = nil
			if len(b) == 0 {
				return nil, io.EOF
			}
			return r.short(r.terminate(b)), nil
		}
		if r.marks == nil {
			r.marks = r.memory.takeMarks()
		}
		cut := r.syn.cut(b, r.marks)
		switch {
		case cut.end == 0 && len(b) > maxRecord:
			return nil, r.endless()
		case cut.end == 0:
			continue
		case inTail:
			r.tail = r.tail[cut.end:]
		default:
			r.tail = append(r.tail[:0], b[cut.end:]...)
		}
		if !cut.marked {
			return r.short(b[:cut.end]), nil
		}
		return r.part(b[:cut.end], cut), nil
	}
}

// short returns a part with the records at the start of b, and puts the remaining
// records back where they are many: an unclosed quote makes a block grow to 16 MiB,
// while its record is one line.
func (r *Reader) short(b []byte) *part {
	if size := r.opts.BlockSize; len(b) > 2*size {
		if end := r.syn.firstOf(b, size); end < len(b) {
			r.tail = append(bytes.Clone(b[end:]), r.tail...)
			b = b[:end]
		}
	}
	return r.part(b, piece{quoted: r.syn.quotes && bytes.IndexByte(b, '"') >= 0})
}

// part returns the part with the records b; cut tells more about the records.
func (r *Reader) part(b []byte, cut piece) *part {
	p := &part{r: r, data: b, quoted: cut.quoted, line: r.line, lines: cut.lines}
	switch {
	case cut.marked && cut.quoted:
		p.marks, r.marks = r.marks, nil
	case !cut.marked:
		p.lines = bytes.Count(b, []byte{r.syn.newline})
	}
	r.line += int64(p.lines)
	return p
}

// fill reads until b holds at least size bytes or the file ends. It leaves room
// for a line end and the padding.
func (r *Reader) fill(b []byte, size int) ([]byte, error) {
	if len(b) < size && !r.eof {
		b = slices.Grow(b, size-len(b)+2*pad)
	}
	for idle := 0; len(b) < size && !r.eof; {
		n, err := r.src.Read(b[len(b):size])
		b = b[:len(b)+n]
		switch {
		case errors.Is(err, io.EOF):
			r.eof = true
		case err != nil:
			return b, err
		case n > 0:
			idle = 0
		default:
			if idle++; idle == 100 {
				return b, r.src.fail(io.ErrNoProgress)
			}
		}
	}
	return b, nil
}

// terminate ends the last line of the file.
func (r *Reader) terminate(b []byte) []byte {
	if len(b) > 0 && b[len(b)-1] != r.syn.newline {
		b = append(b, r.syn.newline)
	}
	return b
}

func (r *Reader) endless() error {
	return &datasets.FileError{Path: r.path, At: fmt.Sprintf("line %d", r.line), Got: "a line that does not end within 16 MiB",
		Want: "delimited text", Hint: "check that this is the right file"}
}

// Close closes the file if Open opened the file. Parts returned by Next can
// still be decoded.
func (r *Reader) Close() error {
	r.src.closer()
	r.err = errClosed
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
