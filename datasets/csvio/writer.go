package csvio

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// WriterOptions says how to write a file. Start from DefaultWriterOptions.
type WriterOptions struct {
	Delimiter byte   // one of , ; tab | ^ `
	CRLF      bool   // end lines in CR LF
	Mark      bool   // begin with a byte order mark, without which Excel takes UTF-8 for something else
	Null      string // written for a missing value; Salesforce sets a field to null where it reads #N/A
	// GuardFormulas puts an apostrophe before text cells that begin with = + - @
	// tab or CR, because spreadsheets would take such cells for formulas. See also
	// Writer.Plain.
	GuardFormulas bool
}

// writable are the delimiters to write: none that a number or a time can hold.
const writable = ",;\t|^`"

// DefaultWriterOptions returns comma, LF, no byte order mark, missing values
// empty, formulas guarded.
func DefaultWriterOptions() WriterOptions {
	return WriterOptions{Delimiter: ',', GuardFormulas: true}
}

// Writer writes delimited text by RFC 4180, in UTF-8, cell by cell:
//
//	w := csvio.NewWriter(file, csvio.DefaultWriterOptions())
//	w.Header("customer", "monetary")
//	w.Text(name)
//	w.Money(total)
//	w.EndRow()
//	err := w.Flush()
//
// Numbers have a decimal point and no grouping, days are 2011-12-10. The first
// error stays and is returned by EndRow and Flush; nothing is written after it.
// Cells cost no allocation.
type Writer struct {
	w       io.Writer
	opts    WriterOptions
	null    []byte
	buf     []byte
	cells   int // of the row so far
	columns int // of the first row
	start   int // of the row in buf
	special [256]bool
	err     error
}

// NewWriter returns a writer to w, which gets whole rows in blocks of 64 KiB.
func NewWriter(w io.Writer, opts WriterOptions) *Writer {
	out := &Writer{w: w, opts: opts, columns: -1, null: []byte(opts.Null), buf: make([]byte, 0, sampleSize+4096)}
	if strings.IndexByte(writable, opts.Delimiter) < 0 {
		out.err = fmt.Errorf("csvio: delimiter: got %q, want one of %q", opts.Delimiter, writable)
	}
	for _, c := range []byte{opts.Delimiter, '"', '\n', '\r'} {
		out.special[c] = true
	}
	if opts.Mark {
		out.buf = append(out.buf, markUTF8...)
		out.start = len(out.buf)
	}
	return out
}

// Header writes the names of the columns, quoted as need be and otherwise as
// they are.
func (w *Writer) Header(names ...string) error {
	for _, name := range names {
		w.next()
		w.quote([]byte(name), false)
	}
	return w.EndRow()
}

// Text writes a cell of text.
func (w *Writer) Text(text []byte) {
	w.next()
	w.quote(text, w.opts.GuardFormulas && guarded(text))
}

// Plain writes a cell of text that is never guarded, such as an id for a look-up by
// another system.
func (w *Writer) Plain(text []byte) {
	w.next()
	w.quote(text, false)
}

// guarded reports whether text takes an apostrophe: text that begins like a
// formula, and text that begins with apostrophes and continues like a formula,
// so that a reader can recognise the added apostrophes.
func guarded(text []byte) bool {
	for len(text) > 0 && text[0] == '\'' {
		text = text[1:]
	}
	return len(text) > 0 && formula(text[0])
}

func formula(c byte) bool {
	switch c {
	case '=', '+', '-', '@', '\t', '\r':
		return true
	}
	return false
}

// Null writes a missing value.
func (w *Writer) Null() {
	w.next()
	w.quote(w.null, false)
}

// Int writes an integer.
func (w *Writer) Int(v int64) {
	w.next()
	w.buf = strconv.AppendInt(w.buf, v, 10)
}

// Float writes a number with the digits needed to distinguish neighbouring
// numbers, and never an exponent; NaN and ±Inf are missing values.
func (w *Writer) Float(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		w.Null()
		return
	}
	w.next()
	if v == 0 {
		v = 0 // not −0
	}
	w.buf = strconv.AppendFloat(w.buf, v, 'f', -1, 64)
}

// Rounded writes a number with that many decimal places; NaN and ±Inf are
// missing values.
func (w *Writer) Rounded(v float64, places int) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		w.Null()
		return
	}
	w.next()
	from := len(w.buf)
	buf := strconv.AppendFloat(w.buf, v, 'f', places, 64)
	if buf[from] == '-' && zero(buf[from+1:]) {
		buf = append(buf[:from], buf[from+1:]...)
	}
	w.buf = buf
}

// zero reports whether a number is written as nothing but zeros.
func zero(digits []byte) bool {
	for _, c := range digits {
		if c != '0' && c != '.' {
			return false
		}
	}
	return true
}

// Money writes an amount in units of the currency, exactly, with at least two
// decimal places: 12.50, -0.125. NoMoney is a missing value.
func (w *Writer) Money(v datasets.Money) {
	if v == datasets.NoMoney {
		w.Null()
		return
	}
	w.next()
	w.buf = appendMillionths(w.buf, int64(v), 2)
}

// Quantity writes a quantity, exactly and as short as it can be: 3, 0.25.
func (w *Writer) Quantity(v datasets.Quantity) {
	w.next()
	w.buf = appendMillionths(w.buf, int64(v), 0)
}

// appendMillionths appends v/10⁶ with at least that many decimal places.
func appendMillionths(dst []byte, v int64, places int) []byte {
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = strconv.AppendUint(dst, u/1_000_000, 10)
	point := len(dst)
	dst = append(dst, '.')
	rest := u % 1_000_000
	for unit := uint64(100_000); unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+rest/unit%10))
	}
	end := len(dst)
	for end > point+1+places && dst[end-1] == '0' {
		end--
	}
	if end == point+1 {
		end--
	}
	return dst[:end]
}

// Day writes a day: 2011-12-10.
func (w *Writer) Day(d datasets.Day) {
	w.next()
	w.buf = d.Date().AppendFormat(w.buf, "2006-01-02")
}

// Moment writes a time on the wall clock: 2011-12-10T08:26:00, with decimal
// places of the second if any.
func (w *Writer) Moment(m datasets.Moment) {
	w.next()
	day := m.Day()
	w.buf = day.Date().AppendFormat(w.buf, "2006-01-02T")
	rest := int64(m) - int64(day)*int64(datasets.FullDay)
	seconds := rest / int64(datasets.Second)
	for i, v := range [...]int64{seconds / 3600, seconds / 60 % 60, seconds % 60} {
		if i > 0 {
			w.buf = append(w.buf, ':')
		}
		w.buf = append(w.buf, byte('0'+v/10), byte('0'+v%10))
	}
	if micros := rest % int64(datasets.Second); micros > 0 {
		from := len(w.buf)
		w.buf = appendMillionths(w.buf, micros, 0)
		w.buf = append(w.buf[:from], w.buf[from+1:]...) // the 0 before the point
	}
}

// Bool writes true or false.
func (w *Writer) Bool(v bool) {
	w.next()
	w.buf = strconv.AppendBool(w.buf, v)
}

// Cells writes n cells, n ≥ 1, of a row from another writer with the same options:
// text is the row without its line end.
func (w *Writer) Cells(text []byte, n int) {
	w.next()
	w.cells += n - 1
	w.buf = append(w.buf, text...)
}

// next begins a cell.
func (w *Writer) next() {
	if w.cells > 0 {
		w.buf = append(w.buf, w.opts.Delimiter)
	}
	w.cells++
}

// quote appends text, in quotes if necessary.
func (w *Writer) quote(text []byte, guard bool) {
	if !w.needsQuotes(text) {
		if guard {
			w.buf = append(w.buf, '\'')
		}
		w.buf = append(w.buf, text...)
		return
	}
	w.buf = append(w.buf, '"')
	if guard {
		w.buf = append(w.buf, '\'')
	}
	for _, c := range text {
		if c == '"' {
			w.buf = append(w.buf, '"')
		}
		w.buf = append(w.buf, c)
	}
	w.buf = append(w.buf, '"')
}

// needsQuotes reports whether text holds a special character, or begins or ends
// with a blank, which some importers trim.
func (w *Writer) needsQuotes(text []byte) bool {
	for _, c := range text {
		if w.special[c] {
			return true
		}
	}
	n := len(text)
	return n > 0 && (blank(text[0]) || blank(text[n-1]))
}

// EndRow ends the row. Every row must have as many cells as the first.
func (w *Writer) EndRow() error {
	if w.err != nil {
		w.buf, w.start, w.cells = w.buf[:0], 0, 0
		return w.err
	}
	if w.columns < 0 {
		w.columns = w.cells
	}
	if w.cells != w.columns {
		w.err = fmt.Errorf("csvio: got a row of %s, want %d", plural(w.cells, "cell"), w.columns)
		return w.err
	}
	if len(w.buf) == w.start { // an empty line would be no row
		w.buf = append(w.buf, '"', '"')
	}
	if w.opts.CRLF {
		w.buf = append(w.buf, '\r')
	}
	w.buf = append(w.buf, '\n')
	w.cells, w.start = 0, len(w.buf)
	if len(w.buf) >= sampleSize {
		return w.Flush()
	}
	return nil
}

// Flush writes the complete rows. The underlying writer stays open.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if _, w.err = w.w.Write(w.buf[:w.start]); w.err != nil {
		return w.err
	}
	w.buf = append(w.buf[:0], w.buf[w.start:]...)
	w.start = 0
	return nil
}
