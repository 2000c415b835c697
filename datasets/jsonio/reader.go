package jsonio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

var _ datasets.Reader = (*Reader)(nil)

// Reader reads one file of JSON lines. A Reader implements datasets.Reader.
//
// Next and Close belong to one goroutine; other goroutines may decode the parts, also after
// Close.
type Reader struct {
	path     string
	text     *csvio.Text
	file     io.Closer // nil if the caller opened it
	fields   []datasets.Field
	ways     [][]way // to each
	selected []int
	tree     *node
	tail     []byte // read, and not yet in a part
	line     int64  // of the start of tail
	eof      bool
	err      error // sticky, of Next
}

// Open opens the file at path and finds its columns.
//
// Errors: *datasets.FileError if the file cannot be read, or its first lines hold no object.
func Open(path string) (*Reader, error) { return OpenAs(path, path) }

// OpenAs is Open for a file with another name than its path.
func OpenAs(path, name string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err // the path is in the FileError
		}
		return nil, &datasets.FileError{Path: name, Err: err}
	}
	r, err := NewReader(f, name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.file = f
	return r, nil
}

// NewReader reads from r as Open does; path stands in positions and messages. Close does not close r.
func NewReader(r io.Reader, path string) (*Reader, error) {
	text, err := csvio.NewText(r, path)
	if err != nil {
		return nil, err
	}
	out := &Reader{path: path, text: text, line: 1}
	if err := out.begin(); err != nil {
		text.Close()
		return nil, err
	}
	all := make([]int, len(out.fields))
	for i := range all {
		all[i] = i
	}
	return out, out.Select(all)
}

// begin finds the columns.
func (r *Reader) begin() error {
	if err := r.fill(sampleBytes); err != nil {
		return err
	}
	data := r.tail
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte{'['}) {
		return &datasets.FileError{Path: r.path, Got: "one JSON list", Want: "JSON lines: an object in each line",
			Hint: "write it so, such as with: jq -c '.[]'"}
	}
	d := discovery{byName: map[string]int{}}
	objects := 0
	for n := 0; n < sampleLines && len(data) > 0; n++ {
		end := bytes.IndexByte(data, '\n')
		switch {
		case end < 0 && !r.eof:
			n = sampleLines
			continue
		case end < 0:
			end = len(data) - 1
		}
		if d.line(bytes.TrimSuffix(data[:end+1], []byte{'\n'})) {
			objects++
		}
		data = data[end+1:]
	}
	if objects == 0 {
		got := "an empty file"
		switch {
		case !r.eof && bytes.IndexByte(r.tail, '\n') < 0:
			got = "a first line that does not end within 4 MiB"
		case len(bytes.TrimSpace(r.tail)) > 0:
			got = "no line that is a JSON object"
		}
		return &datasets.FileError{Path: r.path, Got: got, Want: "JSON lines: an object in each line", Hint: "check the export that wrote it"}
	}
	r.fields, r.ways = d.finish(), d.ways
	return nil
}

// Compressed reports whether the file is compressed.
func (r *Reader) Compressed() bool { return r.text.Compressed }

// Fields describes the columns of the file.
func (r *Reader) Fields() []datasets.Field { return slices.Clone(r.fields) }

// Select chooses the columns to decode, in the order wanted in frames.
func (r *Reader) Select(columns []int) error {
	for _, c := range columns {
		if c < 0 || c >= len(r.fields) {
			return fmt.Errorf("selecting columns of %s: got column %d, want 0 to %d", r.path, c, len(r.fields)-1)
		}
	}
	r.selected = slices.Clone(columns)
	r.tree = treeOf(r.ways, r.selected)
	return nil
}

// Next cuts the next block of lines, or returns io.EOF after the last.
//
// Errors: *datasets.FileError if the file cannot be read further, is damaged, or has a line beyond 16 MiB; ctx.Err() if
// cancelled. An error stays.
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
	for size := blockSize; ; size = min(2*size, maxLine) {
		if err := r.fill(size); err != nil {
			return nil, err
		}
		end := bytes.LastIndexByte(r.tail[:min(size, len(r.tail))], '\n') + 1
		if end == 0 && r.eof && len(r.tail) <= size {
			end = len(r.tail)
		}
		switch {
		case end == 0 && len(r.tail) == 0:
			return nil, io.EOF
		case end == 0 && size == maxLine:
			return nil, &datasets.FileError{Path: r.path, At: fmt.Sprintf("line %d", r.line), Got: "a line that does not end within 16 MiB",
				Want: "JSON lines: an object in each line", Hint: "check that this is the right file"}
		case end == 0:
			continue
		}
		p := &part{r: r, data: bytes.Clone(r.tail[:end]), line: r.line}
		r.line += int64(bytes.Count(p.data, []byte{'\n'}))
		r.tail = r.tail[end:]
		return p, nil
	}
}

// fill reads until tail holds at least size bytes or the file ends.
func (r *Reader) fill(size int) error {
	if len(r.tail) >= size || r.eof {
		return nil
	}
	grown := make([]byte, len(r.tail), size)
	copy(grown, r.tail)
	r.tail = grown
	for len(r.tail) < size {
		n, err := r.text.Read(r.tail[len(r.tail):size])
		r.tail = r.tail[:len(r.tail)+n]
		if errors.Is(err, io.EOF) {
			r.eof = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file if Open opened the file. Parts returned by Next can still be decoded.
func (r *Reader) Close() error {
	r.text.Close()
	r.err = fmt.Errorf("jsonio: next on a closed reader: %w", os.ErrClosed)
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}
