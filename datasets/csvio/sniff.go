package csvio

import (
	"bytes"
	"compress/gzip"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// Sniffed is how the beginning of a file looks to be written.
type Sniffed struct {
	Encoding  string // one of Encodings
	Skip      int    // lines before the header
	Delimiter byte   // that sets most lines apart alike; 0 where no delimiter does
	Columns   int    // that it gives
	Escape    byte   // '\\' where quotes inside quotes have a backslash before them
	NoQuotes  bool   // quotes stand inside fields that have none around them
}

// Sniff looks at the beginning of a file without a description: at most 64 KiB of text. Sniff never fails: an
// undecided setting keeps its default, and Open reports a faulty file.
func Sniff(r io.Reader) Sniffed {
	s := Sniffed{Encoding: UTF8}
	raw := make([]byte, sampleSize)
	n, _ := io.ReadFull(r, raw)
	whole := n < len(raw)
	raw = raw[:n]
	if text, ok := unpack(raw); ok {
		raw, whole = text, false
	}
	if wide, order := looksWide(raw); wide && len(raw) > 1 {
		s.Encoding = order
		if bytes.HasPrefix(raw, markLE) || bytes.HasPrefix(raw, markBE) {
			s.Encoding = UTF16
		}
		raw = narrow(raw, order == UTF16BE)
	} else if raw = bytes.TrimPrefix(raw, markUTF8); !validBut(raw, whole) {
		s.Encoding = Windows1252
	}
	lines := linesOf(raw, whole)
	s.Delimiter, s.Columns, s.Skip = layout(lines)
	if s.Columns > 1 {
		s.quotes(lines[s.Skip:])
	}
	return s
}

// unpack returns the beginning of the text of a compressed file, of which data are the beginning.
func unpack(data []byte) (text []byte, ok bool) {
	var in io.Reader
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, false
		}
		in = z
	case zstandard(data):
		z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, false
		}
		defer z.Close()
		in = z
	default:
		return nil, false
	}
	text = make([]byte, sampleSize)
	n, _ := io.ReadFull(in, text) // the data end early: what came before is enough
	return text[:n], n > 0
}

// narrow returns UTF-16 as UTF-8, without its byte order mark.
func narrow(raw []byte, big bool) []byte {
	var out []byte
	for i := 0; i+1 < len(raw); i += 2 {
		c := rune(raw[i]) | rune(raw[i+1])<<8
		if big {
			c = rune(raw[i+1]) | rune(raw[i])<<8
		}
		if c != 0xFEFF {
			out = utf8.AppendRune(out, c)
		}
	}
	return out
}

// validBut reports whether text is UTF-8, except a character cut at the end.
func validBut(text []byte, whole bool) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(text); cut++ {
		if utf8.Valid(text[:len(text)-cut]) {
			return true
		}
		if whole {
			break
		}
	}
	return false
}

// linesOf returns the whole lines of text.
func linesOf(text []byte, whole bool) [][]byte {
	newline := []byte{'\n'}
	if bytes.IndexByte(text, '\n') < 0 {
		newline[0] = '\r'
	}
	lines := bytes.Split(text, newline)
	if last := len(lines) - 1; last > 0 && (!whole || len(lines[last]) == 0) {
		lines = lines[:last]
	}
	for i := range lines {
		lines[i] = bytes.TrimSuffix(lines[i], []byte{'\r'})
	}
	return lines
}

// maxPreamble is the number of lines that may stand before a header.
const maxPreamble = 50

// layout returns the delimiter that gives most lines the same number of fields, two or more, and the number of lines
// before the first such line. A line at the top with fewer fields is a preamble only if it has fewer than half: a
// header may lack a name or two, and Open then decides.
func layout(lines [][]byte) (delim byte, columns, skip int) {
	best := 0
	for _, d := range delimiters {
		counts := map[int]int{}
		for _, line := range lines {
			counts[fieldsIn(line, d)]++
		}
		for n, alike := range counts {
			if n > 1 && (alike > best || alike == best && n > columns) {
				best, delim, columns = alike, d, n
			}
		}
	}
	if 2*best < len(lines) {
		return 0, 0, 0
	}
	if _, n := separatorLine(append(bytes.Clone(lines[0]), '\n')); n > 0 {
		return delim, columns, 0
	}
	for skip < len(lines) && skip < maxPreamble && 2*fieldsIn(lines[skip], delim) <= columns {
		skip++
	}
	if skip == len(lines) || skip == maxPreamble {
		skip = 0
	}
	return delim, columns, skip
}

// fieldsIn counts the fields of a line; delimiters inside quotes do not count.
func fieldsIn(line []byte, delim byte) int {
	n, inside := 1, false
	for _, c := range line {
		switch {
		case c == '"':
			inside = !inside
		case c == delim && !inside:
			n++
		}
	}
	return n
}

// quotes tells how quotes are meant that RFC 4180 does not allow.
func (s *Sniffed) quotes(lines [][]byte) {
	escaped, inside, enclosing := 0, 0, 0
	for _, line := range lines {
		if bytes.Contains(line, []byte(`\"`)) {
			escaped++
		}
		for _, field := range bytes.Split(line, []byte{s.Delimiter}) {
			switch quote := bytes.IndexByte(field, '"'); {
			case quote == 0:
				enclosing++
			case quote > 0:
				inside++
			}
		}
	}
	switch {
	case enclosing > 0 && escaped > 0:
		s.Escape = '\\'
	case enclosing == 0 && inside > 0:
		s.NoQuotes = true
	}
}
