// Package datasets says what a row is and where it came from: the frames that
// the format readers deliver, the typed transactions they are mapped to, the
// positions of values in files, and the quarantine for rows that do not fit.
//
// The formats live in csvio, parquetio and arrowio, each with its reader and
// writer; history keeps the transactions by customer; synth makes a retailer
// with known truth.
package datasets

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
)

// Kind says what the values of a column are, as the file delivers them.
type Kind uint8

// The kinds of a column.
const (
	Text      Kind = iota // any characters, UTF-8
	Int                   // 64-bit integers
	Float                 // 64-bit floating point
	Decimal               // integers with a fixed number of decimal places
	Date                  // days since 1970-01-01
	Timestamp             // microseconds since 1970-01-01T00:00:00
	Bool                  // 0 or 1
)

func (k Kind) String() string {
	names := [...]string{"text", "int", "float", "decimal", "date", "timestamp", "bool"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", k)
}

// Field describes one column of a file.
type Field struct {
	Name        string
	Kind        Kind
	Scale       int    // decimal places of a Decimal
	UTC         bool   // a Timestamp is an instant, not a time on a wall clock
	Description string // as the file's own metadata has it, or ""
	Letter      string // of the column in a spreadsheet, such as AB; "" elsewhere
	Plain       bool   // numbers among its texts have a point and no groups, whatever the source says of texts
	Repeated    string // the name in the header, where it gives that name to several columns; "" otherwise
}

// NameRepeated gives fields with the name of an earlier one a name of their own, name_1, name_2 and so on, and marks
// all that share a name.
func NameRepeated(fields []Field) {
	first := map[string]int{}
	for i := range fields {
		name := fields[i].Name
		at, seen := first[name]
		if !seen {
			first[name] = i
			continue
		}
		fields[at].Repeated, fields[i].Repeated = name, name
		for k := 1; ; k++ {
			other := fmt.Sprintf("%s_%d", name, k)
			if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == other }) {
				fields[i].Name = other
				break
			}
		}
	}
}

// Strings is a sequence of texts in one buffer: text i is Data[Start[i]:End[i]].
// The texts may lie in any order and share bytes.
type Strings struct {
	Data       []byte
	Start, End []uint32
	Trimmed    bool // no text begins or ends with white space; false where nobody looked
}

// Len returns the number of texts.
func (s *Strings) Len() int { return len(s.Start) }

// At returns text i. The bytes belong to the buffer: copy them to keep them.
func (s *Strings) At(i int) []byte { return s.Data[s.Start[i]:s.End[i]] }

// Pack returns what PackText makes of text i, sooner where eight bytes can be read
// at once.
func (s *Strings) Pack(i int) (key uint64, short bool) {
	from, n := s.Start[i], s.End[i]-s.Start[i]
	if n > 8 || int(from)+8 > len(s.Data) {
		return PackText(s.At(i))
	}
	beyond := 64 - 8*n
	key = binary.BigEndian.Uint64(s.Data[from:]) >> beyond << beyond
	return key, n == 0 || byte(key>>beyond) != 0
}

// Append adds a copy of text.
func (s *Strings) Append(text []byte) {
	from := len(s.Data)
	s.Data = append(s.Data, text...)
	s.Start = append(s.Start, uint32(from))
	s.End = append(s.End, uint32(len(s.Data)))
	s.Trimmed = false
}

// MarkTrimmed looks at every text and sets Trimmed.
func (s *Strings) MarkTrimmed() {
	s.Trimmed = true
	end := s.End[:len(s.Start)]
	for i, from := range s.Start {
		if to := end[i]; from < to && (s.Data[from] <= ' ' || s.Data[to-1] <= ' ') {
			s.Trimmed = false
			return
		}
	}
}

// Reset empties the sequence and keeps its memory.
func (s *Strings) Reset() {
	s.Data, s.Start, s.End, s.Trimmed = s.Data[:0], s.Start[:0], s.End[:0], false
}

// Bitmap holds one bit a row, least significant first. The nil Bitmap stands
// for all ones.
type Bitmap []uint64

// NewBitmap returns a bitmap of n zero bits.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+63)/64) }

// Get returns bit i.
func (b Bitmap) Get(i int) bool { return b == nil || b[i>>6]>>(uint(i)&63)&1 == 1 }

// Set sets bit i to one.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// Clear sets bit i to zero.
func (b Bitmap) Clear(i int) { b[i>>6] &^= 1 << (uint(i) & 63) }

// Column is one column of a frame. Field.Kind says which slice holds the
// values: Ints for Int, Decimal (unscaled), Date, Timestamp and Bool; Floats
// for Float; for Text either Texts, one a row, or Codes into Dict.
type Column struct {
	Field
	Ints   []int64
	Floats []float64
	Texts  Strings
	Codes  []uint32 // row i is Dict.At(Codes[i]); nil where Texts is used
	Dict   Strings  // may hold a text twice, and texts no row uses
	DictID *DictID  // tells dictionaries apart; nil: this one is like no other
	Valid  Bitmap   // nil: no value is null. The value of a null row is unspecified, its code in range
}

// DictID says which dictionary a column has. Where two columns have the same,
// entry i of the one is entry i of the other, as far as both reach: what was
// worked out for an entry in one stretch of a file holds in the next, and only
// the entries that were added since are new. IDs are compared as pointers.
type DictID struct{ _ byte } // pointers to things without a size may be equal

// Frame is a stretch of consecutive rows of one file, column by column.
type Frame struct {
	Path      string   // as the user wrote it, or as a glob or folder resolved it
	FirstLine int64    // 1-based line of row 0; 0 for formats without lines
	FirstRow  int64    // 1-based data row of row 0; 0 where the reader does not count rows
	LineOf    []uint32 // line of row i less FirstLine; nil: i
	Rows      int
	Columns   []Column // those asked for, in the order asked for
	Faults    []Fault  // rows of this stretch that could not be split into fields; not among Rows
	Scratch   any      // memory of the reader that filled the frame, which it needs again; nil at first
}

// Position returns where row i stands; column may be "".
func (f *Frame) Position(i int, column string) Position {
	p := Position{Path: f.Path, Column: column}
	if f.FirstRow > 0 {
		p.Row = f.FirstRow + int64(i)
	}
	if f.FirstLine > 0 {
		p.Line = f.FirstLine + int64(i)
		if f.LineOf != nil {
			p.Line = f.FirstLine + int64(f.LineOf[i])
		}
	}
	return p
}

// Reader delivers one opened file in parts. Next is called by one goroutine and
// does the least it can (cut the next block of lines, name the next row group),
// so that the parts can be decoded by many.
type Reader interface {
	// Fields describes the columns of the file.
	Fields() []Field
	// Select chooses the columns to decode, by index into Fields, in the order
	// in which frames shall hold them. It is called once, before Next.
	Select(columns []int) error
	// Next returns the next part, or io.EOF after the last.
	Next(ctx context.Context) (Part, error)
	Close() error
}

// Part is a piece of a file that waits to be decoded: once, by one of the two
// methods, on any goroutine.
type Part interface {
	// Decode fills dst with the whole part, reusing its memory. What dst then
	// holds is valid until another part is decoded into it.
	Decode(dst *Frame) error
	// Each decodes the part a stretch of rows at a time, as many as the cache
	// holds: it fills dst, calls do, and so on to the end of the part, or until do
	// returns an error, which it passes on. What dst holds is valid until do
	// returns. Where the stretches end depends on the format and on nothing else,
	// and means nothing; a part may also come as one.
	Each(dst *Frame, do func() error) error
}
