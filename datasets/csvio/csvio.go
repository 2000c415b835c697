// Package csvio reads and writes delimited text: CSV, TSV, and columns set
// apart by blanks; compressed or not; in several encodings.
//
// Reading happens in two stages. [Reader.Next] cuts the file, in sequence, into blocks that end with a record;
// the blocks are then decoded on any number of goroutines. A block becomes columns of texts that point into the
// block itself, so that no row and no cell is copied or allocated.
//
// # Syntax
//
// The syntax is RFC 4180 as read by encoding/csv: a field may be in quotes, and inside quotes a doubled quote
// is a quote, while delimiters and line ends are text; a quote inside an unquoted field is a fault; empty lines
// are no records. The differences from encoding/csv are:
//
//   - CR LF inside quotes stays CR LF.
//   - A file whose first 64 KiB hold CR and no LF has lines that end in CR.
//   - Bytes that are not text in the encoding of the file are a fault.
//   - After a fault of quoting, reading resumes at the second line of the record, so that a stray quote costs
//     one line, not all text up to the next quote.
//   - A first line sep=X is no record, and names the delimiter, as Excel has it.
//   - Where every record ends with a delimiter that the header lacks, the columns get one more, without a name.
//   - A name that stands in the header a second time becomes name_1, a third time name_2.
//   - A quoted field that takes a record beyond 16 MiB counts as never closed.
//
// No record is lost: each becomes a row or a fault.
package csvio

import (
	"fmt"
	"slices"
	"strings"
)

// Whitespace is the delimiter of text in columns: a run of blanks and tabs is
// one delimiter, blanks at either end of a line mean nothing, and quotes are
// ordinary characters.
const Whitespace byte = ' '

// The encodings that can be read.
const (
	UTF8        = "utf-8"
	Latin1      = "iso-8859-1"
	Windows1252 = "windows-1252"
	UTF16       = "utf-16" // the byte order mark says which
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
)

// Encodings lists the encodings that can be read.
func Encodings() []string {
	return []string{UTF8, Latin1, Windows1252, UTF16, UTF16LE, UTF16BE}
}

// The bounds on memory.
const (
	defaultBlock = 1 << 20
	maxBlock     = 16 << 20
	maxRecord    = 16 << 20 // of a record; beyond it a quote counts as never closed
	sampleSize   = 64 << 10 // what delimiter and line end are detected from
	pad          = 64       // zero bytes after the data of a block, for the indexers
)

// Options says how a file is written. Start from DefaultOptions.
type Options struct {
	// Delimiter separates the fields: an ASCII character, or Whitespace. Zero
	// detects one of tab, semicolon, vertical bar and comma from the first 64 KiB.
	Delimiter byte
	// Header says that the first record holds the names of the columns.
	Header bool
	// Names are the names of the columns: of a file without a header, or in
	// place of those in the header. Without either the names are "1", "2", ….
	Names []string
	// Encoding is one of Encodings; "" is UTF8. A byte order mark is skipped.
	Encoding string
	// NoQuotes makes the quote an ordinary character, as many TSV files have it.
	NoQuotes bool
	// Escape is the character that makes a quote inside quotes a part of the text, such as a backslash; 0: quotes are
	// doubled. A doubled quote stays one.
	Escape byte
	// Comment is the first character of lines that are no records, such as '#'; 0:
	// no comment lines.
	Comment byte
	// Skip is the number of lines before the first record or the header; at most the first 64 KiB.
	Skip int
	// BlockSize is the size of a part in bytes, from 1 to 16 MiB; 0 is 1 MiB.
	// The size never changes a result.
	BlockSize int
}

// DefaultOptions returns the options of a CSV file with a header: delimiter
// detected, UTF-8, blocks of 1 MiB.
func DefaultOptions() Options {
	return Options{Header: true, Encoding: UTF8, BlockSize: defaultBlock}
}

// complete returns o with defaults in place of zero values, or an error for the
// first option without sense.
func (o Options) complete() (Options, error) {
	if o.Encoding == "" {
		o.Encoding = UTF8
	}
	if o.BlockSize == 0 {
		o.BlockSize = defaultBlock
	}
	switch {
	case !slices.Contains(Encodings(), o.Encoding):
		return o, fmt.Errorf("encoding: got %q, want one of %s", o.Encoding, strings.Join(Encodings(), ", "))
	case o.Skip < 0:
		return o, fmt.Errorf("skip: got %d, want 0 or more lines", o.Skip)
	case o.Escape == '"' || o.Escape >= 0x80 || o.Escape != 0 && (o.Escape <= ' ' || o.Escape == o.Delimiter):
		return o, fmt.Errorf("escape: got %q, want an ASCII character such as a backslash", o.Escape)
	case o.Comment == '"' || o.Comment >= 0x80 || o.Comment != 0 && (o.Comment <= ' ' || o.Comment == o.Delimiter):
		return o, fmt.Errorf("comment: got %q, want an ASCII character such as #", o.Comment)
	case o.BlockSize < 1 || o.BlockSize > maxBlock:
		return o, fmt.Errorf("block size: got %d, want 1 to %d bytes", o.BlockSize, maxBlock)
	case o.Delimiter == '"' || o.Delimiter == '\n' || o.Delimiter == '\r' || o.Delimiter >= 0x80:
		return o, fmt.Errorf("delimiter: got %q, want an ASCII character other than a quote or a line end", o.Delimiter)
	}
	return o, nil
}
