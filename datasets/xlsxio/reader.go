package xlsxio

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
)

var _ datasets.Reader = (*Reader)(nil)

// Reader reads one sheet. A Reader implements datasets.Reader.
//
// Next and Close belong to one goroutine; other goroutines may decode the parts, also after
// Close.
type Reader struct {
	path     string
	archive  *zip.ReadCloser
	book     *workbook
	sheet    sheet
	strings  *datasets.Strings
	stream   io.ReadCloser
	rows     chunks
	first    []byte // the first block, which begin has looked at; nil once it is handed on
	row      int64  // rows before the next block, as counted
	last     int64  // the last row that is none of the data: the header, or what is skipped
	fields   []datasets.Field
	selected []int
	err      error // sticky, of Next
}

// Open opens the workbook at path and reads the header of a sheet.
//
// Errors: *datasets.FileError if the file is no workbook, or has no such sheet, or several sheets and no name
// is given.
func Open(path string, o Options) (*Reader, error) { return OpenAs(path, path, o) }

// OpenAs is Open for a file with another name than its path.
func OpenAs(path, name string, o Options) (*Reader, error) {
	archive, err := openArchive(path, name)
	if err != nil {
		return nil, err
	}
	r := &Reader{path: name, archive: archive, rows: chunks{name: "row", most: maxRow}}
	if err := r.begin(o); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// openArchive opens the archive of a workbook.
func openArchive(path, name string) (*zip.ReadCloser, error) {
	archive, err := zip.OpenReader(path)
	if err == nil {
		return archive, nil
	}
	var cause *os.PathError
	if errors.As(err, &cause) {
		return nil, &datasets.FileError{Path: name, Err: cause.Err}
	}
	e := &datasets.FileError{Path: name, Got: "no Excel workbook (.xlsx)", Want: "one", Err: err, Hint: "save it again, or save the sheet as CSV"}
	if head := make([]byte, 4); readHead(path, head) && bytes.Equal(head, []byte{0xd0, 0xcf, 0x11, 0xe0}) {
		e.Got, e.Err, e.Hint = "an old Excel workbook, or one with a password", nil, "save it as .xlsx without a password"
	}
	return nil, e
}

func readHead(path string, head []byte) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = io.ReadFull(f, head)
	return err == nil
}

// begin finds the sheet and its columns.
func (r *Reader) begin(o Options) (err error) {
	if r.book, err = openWorkbook(&r.archive.Reader, r.path); err != nil {
		return err
	}
	if r.sheet, err = r.book.choose(o.Sheet); err != nil {
		return err
	}
	if r.strings, err = r.book.readStrings(); err != nil {
		return err
	}
	if r.stream, err = r.book.open(r.sheet.part); err != nil {
		return err
	}
	r.rows.r = r.stream
	if r.first, err = r.rows.next(); err != nil && !errors.Is(err, io.EOF) {
		return r.book.damaged(r.sheet.part, err)
	}
	s := sampled{options: o, d: cells{book: r.book, strings: r.strings}}
	if err := s.d.rows(r.first, 0, s.row); err != nil {
		return r.book.damaged(r.sheet.part, err)
	}
	if !s.begun {
		return &datasets.FileError{Path: r.path, At: fmt.Sprintf("sheet %q", r.sheet.name), Got: "no row", Want: "a header and rows"}
	}
	if r.fields, err = s.fields(); err != nil {
		return &datasets.FileError{Path: r.path, At: fmt.Sprintf("sheet %q", r.sheet.name), Err: err}
	}
	r.last = s.last
	r.selected = make([]int, len(r.fields))
	for i := range r.selected {
		r.selected[i] = i
	}
	return nil
}

// sampled holds the findings in the first rows of a sheet.
type sampled struct {
	options Options
	d       cells
	begun   bool
	last    int64
	header  []string
	width   int
	texts   []bool // by column: it holds a text
	numbers []bool
}

func (s *sampled) row(row int64) error {
	if row <= int64(s.options.Skip) {
		s.last = row
		return nil
	}
	if s.d.empty() {
		return nil
	}
	if !s.begun {
		s.begun = true
		for k := range s.d.spans {
			s.header = append(s.header, string(s.d.at(k)))
		}
		for len(s.header) > 0 && s.header[len(s.header)-1] == "" {
			s.header = s.header[:len(s.header)-1]
		}
		if s.options.Header {
			s.last = row
			return nil
		}
	}
	for _, k := range s.d.used {
		for len(s.texts) <= k {
			s.texts, s.numbers = append(s.texts, false), append(s.numbers, false)
		}
		switch s.d.kinds[k] {
		case someText:
			s.texts[k] = s.texts[k] || len(s.d.at(k)) > 0
		case someNumber:
			s.numbers[k] = true
		}
		if len(s.d.at(k)) > 0 {
			s.width = max(s.width, k+1)
		}
	}
	return nil
}

// fields returns the columns.
func (s *sampled) fields() ([]datasets.Field, error) {
	names := s.header
	switch {
	case len(s.options.Names) > 0:
		if s.options.Header && len(s.options.Names) != len(names) {
			return nil, fmt.Errorf("got %d columns, want the %d that are named; name every column of the sheet", len(names), len(s.options.Names))
		}
		names = s.options.Names
	case !s.options.Header:
		names = make([]string, s.width)
		for i := range names {
			names[i] = fmt.Sprint(i + 1)
		}
	}
	fields := make([]datasets.Field, len(names))
	for i, name := range names {
		f := datasets.Field{Name: string(datasets.Trim([]byte(name))), Kind: datasets.Text, Letter: letter(i)}
		if f.Name == "" {
			f.Name = f.Letter
		}
		f.Plain = i < len(s.numbers) && s.numbers[i] && !s.texts[i]
		fields[i] = f
	}
	datasets.NameRepeated(fields)
	return fields, nil
}

// Fields describes the columns of the sheet.
func (r *Reader) Fields() []datasets.Field { return slices.Clone(r.fields) }

// Select chooses the columns to decode, in the order wanted in frames.
func (r *Reader) Select(columns []int) error {
	for _, c := range columns {
		if c < 0 || c >= len(r.fields) {
			return fmt.Errorf("selecting columns of %s: got column %d, want 0 to %d", r.path, c, len(r.fields)-1)
		}
	}
	r.selected = slices.Clone(columns)
	return nil
}

// Next cuts the next block of rows, or returns io.EOF after the last.
//
// Errors: *datasets.FileError if the workbook is damaged; ctx.Err() if cancelled. An error stays.
func (r *Reader) Next(ctx context.Context) (datasets.Part, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, r.err
	}
	data, err := r.first, error(nil)
	if r.first = nil; data == nil {
		if data, err = r.rows.next(); err != nil {
			if r.err = err; !errors.Is(err, io.EOF) {
				r.err = r.book.damaged(r.sheet.part, err)
			}
			return nil, r.err
		}
	}
	p := &part{r: r, data: data, row: r.row}
	r.row = lastRow(data, r.row)
	return p, nil
}

// lastRow returns the number of the last row of a block, before which row is the last.
func lastRow(data []byte, row int64) int64 {
	for open := bytes.LastIndexByte(data, '<'); open >= 0; open = bytes.LastIndexByte(data[:open], '<') {
		m := markup{data: data, at: open}
		if t, ok := m.tag(); ok && !t.end && string(t.name) == "row" {
			if v, err := strconv.ParseInt(string(t.attribute("r")), 10, 64); err == nil {
				return v
			}
			break
		}
	}
	for m := (markup{data: data}); ; { // rows do not say their numbers
		_, t, ok := m.next()
		if !ok {
			return row
		}
		if string(t.name) == "row" && !t.end {
			row++
		}
	}
}

// Close closes the workbook. Parts that Next has returned can still be decoded.
func (r *Reader) Close() error {
	r.err = fmt.Errorf("xlsxio: next on a closed reader: %w", os.ErrClosed)
	var err error
	if r.stream != nil {
		err = r.stream.Close()
		r.stream = nil
	}
	if r.archive != nil {
		err = errors.Join(err, r.archive.Close())
		r.archive = nil
	}
	return err
}
