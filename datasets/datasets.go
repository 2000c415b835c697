// Package datasets defines rows and their origin: the frames delivered by the
// format readers, the typed transactions made from frames, the positions of
// values in files, and the quarantine for rows that do not fit.
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

// Kind is the kind of values in a column, as delivered by the file.
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

// At returns text i. The bytes belong to the buffer: copy the text to keep it.
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

// Column is one column of a frame. Field.Kind selects the slice of the values:
// Ints for Int, Decimal (unscaled), Date, Timestamp and Bool; Floats for Float;
// for Text either Texts, one a row, or Codes into Dict.
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

// DictID identifies the dictionary of a column. Two columns with the same
// DictID agree in entry i, as far as both dictionaries reach: a result computed
// for an entry in one batch of a file holds in the next batch, and only the
// entries added since are new. IDs are compared as pointers.
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
	Before    []Column // Columns as the file has them, where a reader has changed cells; else nil
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
// does as little work as possible (cut the next block of lines, name the next
// row group), so that many goroutines can decode the parts.
type Reader interface {
	// Fields describes the columns of the file.
	Fields() []Field
	// Select chooses the columns to decode, by index into Fields, in the order
	// wanted in frames. Select is called once, before Next.
	Select(columns []int) error
	// Next returns the next part, or io.EOF after the last.
	Next(ctx context.Context) (Part, error)
	Close() error
}

// Part is a piece of a file to be decoded once, by either method, on any
// goroutine.
type Part interface {
	// Decode fills dst with the whole part, reusing its memory. The contents of
	// dst are valid until another part is decoded into dst.
	Decode(dst *Frame) error
	// Each decodes the part in batches of rows sized for the cache. For each
	// batch, dst is filled and do is called, up to the end of the part or until do
	// returns an error; Each returns that error. The contents of dst are valid
	// until do returns. The borders of batches depend on the format alone, and
	// have no meaning; a part may be a single batch.
	Each(dst *Frame, do func() error) error
}
