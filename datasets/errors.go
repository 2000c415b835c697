package datasets

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position tells where a value was read. A layer leaves unknown fields zero.
type Position struct {
	Path   string // as the user wrote it; "" if not yet known
	Line   int64  // 1-based, header included; 0 for formats without lines
	Row    int64  // 1-based data row, header excluded; 0 where rows are not counted
	Cell   string // in a spreadsheet, such as D12; "" elsewhere
	Column string // name in the file; "" if the whole row is at fault
}

// String writes the position so that terminals and editors can open it:
// `orders.csv:4812, column "amount"` or `orders.parquet (row 12), column "day"`.
func (p Position) String() string {
	var b strings.Builder
	b.WriteString(p.Path)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Row > 0 {
		fmt.Fprintf(&b, " (row %d)", p.Row)
	}
	if p.Cell != "" {
		fmt.Fprintf(&b, " (cell %s)", p.Cell)
	}
	if p.Column != "" {
		fmt.Fprintf(&b, ", column %q", p.Column)
	}
	return b.String()
}

// CellError reports one value that does not fit its column: the position, the
// value found, the value wanted, and the remedy.
type CellError struct {
	Pos      Position
	Got      string // the text found
	Want     string // noun phrase: "an amount such as 12.50"
	Hint     string // imperative, or "" when there is no honest advice
	Personal bool   // the column holds personal data: Got is never printed
	Err      error  // underlying cause, or nil
}

func (e *CellError) Error() string {
	got := strconv.Quote(Clip(e.Got, 40))
	if e.Personal {
		got = "a value (hidden: it may be personal)"
	}
	s := fmt.Sprintf("%s: got %s, want %s", e.Pos, got, e.Want)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func (e *CellError) Unwrap() error { return e.Err }

// FileError reports a file that cannot be read, or only in part: a missing
// column, a damaged block, a wrong encoding.
type FileError struct {
	Path string
	At   string // "row group 3, column \"day\"", "byte 4096", or ""
	Got  string // what was found, or ""
	Want string // what was wanted, or ""
	Hint string // how to mend it, or ""
	Err  error  // underlying cause, or nil
}

func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.At != "" {
		b.WriteString(", " + e.At)
	}
	b.WriteString(": ")
	switch {
	case e.Got != "" && e.Want != "":
		fmt.Fprintf(&b, "got %s, want %s", e.Got, e.Want)
	case e.Got != "":
		b.WriteString(e.Got)
	case e.Want != "":
		b.WriteString("want " + e.Want)
	}
	if e.Err != nil {
		if e.Got != "" || e.Want != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

func (e *FileError) Unwrap() error { return e.Err }

// Reason is why a row was refused. The names are stable: they stand in
// quarantine.parquet and in the manifest.
type Reason string

// The reasons for which a row is refused.
const (
	WrongFieldCount Reason = "wrong_field_count" // more or fewer fields than the header
	BadQuote        Reason = "bad_quote"         // a quote inside an unquoted field, or one never closed
	BadJSON         Reason = "bad_json"          // a line that is no JSON object
	BadEncoding     Reason = "bad_encoding"      // bytes that are not text in the encoding of the file
	MissingKey      Reason = "missing_key"       // no time, or another required value is missing
	BadTime         Reason = "bad_time"          // a time that does not follow the format, or that no calendar has
	BadNumber       Reason = "bad_number"        // a quantity or an amount that is not a number
	OutOfRange      Reason = "out_of_range"      // a number that the column cannot hold exactly
	UnknownWord     Reason = "unknown_word"      // a text that is none of those the column may hold
)

// Fault is one row that was refused.
type Fault struct {
	Pos    Position
	Reason Reason
	Got    string // the cell, or the beginning of the row: for the quarantine
	Want   string
	Shown  bool `json:",omitempty"` // Got may be shown elsewhere: the cell is a time, a quantity or money, and nothing else
}

// Cell returns the fault as an error; the value found is hidden unless it may be
// shown.
func (f *Fault) Cell() *CellError {
	return &CellError{Pos: f.Pos, Got: f.Got, Want: f.Want, Personal: !f.Shown}
}

// Clip shortens text to at most n characters, ending in "…" where it cut.
func Clip(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	for i := range text {
		if n--; n == 0 {
			return text[:i] + "…"
		}
	}
	return text
}
