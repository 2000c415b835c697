package csvio

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/quintile-dev/quintile/datasets"
)

// begin finds the syntax and the columns.
func (r *Reader) begin() error {
	var err error
	if r.tail, err = r.fill(nil, sampleSize); err != nil {
		return err
	}
	sample := r.tail[:min(len(r.tail), sampleSize)]
	r.syn = syntax{
		delim: r.opts.Delimiter, newline: '\n', quotes: !r.opts.NoQuotes && r.opts.Delimiter != Whitespace,
		escape: r.opts.Escape, comment: r.opts.Comment,
	}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		r.syn.newline = '\r'
	}
	if r.eof {
		r.tail = r.terminate(r.tail)
	}
	if err := r.skip(); err != nil {
		return err
	}
	if err := r.detect(); err != nil {
		return err
	}
	first, next, err := r.firstRecord()
	if err != nil && (len(r.opts.Names) == 0 || r.opts.Header || len(bytes.TrimSpace(r.tail)) == 0) {
		return err
	}
	if err := r.name(first); err != nil {
		return err
	}
	if r.opts.Header {
		r.line += int64(bytes.Count(r.tail[:next], []byte{r.syn.newline}))
		r.tail = r.tail[next:]
	}
	return nil
}

// firstRecord returns the fields of the first record that is not an empty line,
// and where the next starts.
func (r *Reader) firstRecord() (fields []string, next int, err error) {
	for size := len(r.tail); ; {
		end := len(r.tail)
		if !r.eof {
			end = r.syn.cut(r.tail, new(marks)).end
		}
		if fields, next, err := r.firstIn(r.tail[:end]); err != nil || len(fields) > 0 {
			return fields, next, err
		}
		if r.eof {
			return nil, 0, r.noRecord()
		}
		if len(r.tail) > maxRecord {
			return nil, 0, r.endless()
		}
		size = min(2*size, maxRecord+pad)
		if r.tail, err = r.fill(r.tail, size); err != nil {
			return nil, 0, err
		}
		if r.eof {
			r.tail = r.terminate(r.tail)
		}
	}
}

func (r *Reader) noRecord() error {
	e := &datasets.FileError{Path: r.path, Got: "an empty file", Want: r.wanted(), Hint: "check the export that wrote it"}
	if len(bytes.TrimSpace(r.tail)) > 0 {
		e.Got = "no record without a stray quote"
		e.Hint = "set no_quotes: true for this file, or name its columns"
	}
	return e
}

// firstIn returns the first record of whole records.
func (r *Reader) firstIn(data []byte) (fields []string, next int, err error) {
	var spans []span
	for at := 0; at < len(data) && len(spans) == 0; at = next {
		var ok bool
		spans, next, ok = r.syn.record(nil, data, at)
		if !ok && r.opts.Header {
			return nil, 0, &datasets.FileError{Path: r.path, At: fmt.Sprintf("line %d", 1+bytes.Count(data[:at], []byte{r.syn.newline})),
				Got: "a header with a stray quote", Want: r.wanted(), Hint: "double the quotes inside quotes, or set no_quotes: true for this file"}
		}
		if !ok { // the columns are those of the first sound record; this one becomes a fault
			spans = nil
		}
	}
	for _, s := range spans {
		field := data[s.start:s.end]
		if s.doubled {
			field = r.syn.single(nil, field)
		}
		if r.table != nil {
			field = r.table.appendTo(nil, field)
		}
		fields = append(fields, string(field))
	}
	return fields, next, nil
}

func (r *Reader) wanted() string {
	if r.opts.Header {
		return "a header and rows"
	}
	return "rows"
}

// name sets the columns, given the fields of the first record.
func (r *Reader) name(first []string) error {
	switch {
	case len(r.opts.Names) > 0:
		if r.opts.Header && len(first) != len(r.opts.Names) {
			return &datasets.FileError{Path: r.path, Got: plural(len(first), "column"),
				Want: fmt.Sprintf("the %d that are named", len(r.opts.Names)), Hint: "name every column of the file"}
		}
		r.names = slices.Clone(r.opts.Names)
	case r.opts.Header:
		r.names = first
	default:
		r.names = make([]string, len(first))
	}
	if r.opts.Header && len(r.opts.Names) == 0 && r.oneMore(len(r.names)) {
		r.names = append(r.names, "")
	}
	for i, name := range r.names {
		if name == "" {
			r.names[i] = strconv.Itoa(i + 1)
		}
		if !utf8.ValidString(name) {
			return &datasets.FileError{Path: r.path, At: fmt.Sprintf("header, field %d", i+1), Got: "bytes that are no text", Want: "a name in " + r.opts.Encoding,
				Hint: "set encoding: " + Windows1252 + ", or the one that the file is in"}
		}
		r.fields = append(r.fields, datasets.Field{Name: r.names[i], Kind: datasets.Text})
	}
	if r.opts.Header && len(r.opts.Names) == 0 {
		datasets.NameRepeated(r.fields)
		for i, f := range r.fields {
			r.names[i] = f.Name
		}
	}
	return nil
}
