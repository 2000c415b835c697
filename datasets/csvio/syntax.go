package csvio

import (
	"bytes"

	"github.com/quintile-dev/quintile/datasets/csvio/internal/index"
)

// syntax says how bytes are cut into records and fields.
type syntax struct {
	delim   byte // Whitespace: runs of blanks
	newline byte // '\n', or '\r' in files that have no '\n'
	quotes  bool
	escape  byte // before a quote inside quotes; 0: none
	comment byte // begins lines that are no records; 0: none
}

// plain reports whether the indexers know the syntax.
func (s syntax) plain() bool { return s.escape == 0 && s.comment == 0 }

// span is one field: data[start:end], without quotes.
type span struct {
	start, end uint32
	doubled    bool // holds doubled quotes, which stand for one each
}

// verdict says how a quoted field ends.
type verdict uint8

const (
	closed   verdict = iota
	bad              // a quote stands where none may, or none closes the field
	unending         // the data end before the field does
)

// record cuts the record that starts at data[at:] and appends its fields to
// dst. Data must end with a line end. The next record starts at next. An empty
// line yields no fields. A fault of quoting, in the field after the last
// appended field, gives false; next is then the next line.
//
// Method record defines the syntax. The indexers do the same faster for blocks
// without faults of quoting.
func (s syntax) record(dst []span, data []byte, at int) (fields []span, next int, ok bool) {
	if s.delim == Whitespace {
		fields, next = s.words(dst, data, at)
		return fields, next, true
	}
	if end := at + bytes.IndexByte(data[at:], s.newline); s.trim(data, at, end) == at {
		return dst, end + 1, true
	} else if s.comment != 0 && data[at] == s.comment {
		return dst, end + 1, true
	}
	for i := at; ; {
		var end int
		if s.quotes && data[i] == '"' {
			quote, doubled, v := s.closing(data, i, at)
			if v != closed {
				return dst, s.nextLine(data, at), false
			}
			dst = append(dst, span{uint32(i + 1), uint32(quote), doubled})
			end = quote + 1
			if data[end] == '\r' && s.newline == '\n' {
				end++
			}
		} else {
			end = i + s.unquoted(data[i:])
			if s.quotes && bytes.IndexByte(data[i:end], '"') >= 0 {
				return dst, s.nextLine(data, at), false
			}
			stop := end
			if data[end] == s.newline {
				stop = s.trim(data, i, end)
			}
			dst = append(dst, span{uint32(i), uint32(stop), false})
		}
		if data[end] == s.newline {
			return dst, end + 1, true
		}
		i = end + 1
	}
}

// unquoted returns the length of the unquoted field at the start of data.
func (s syntax) unquoted(data []byte) int {
	for i, c := range data {
		if c == s.delim || c == s.newline {
			return i
		}
	}
	panic("csvio: BUG: a block without a line end")
}

// words cuts the line at data[at:] at its runs of blanks.
func (s syntax) words(dst []span, data []byte, at int) (fields []span, next int) {
	stop := at + bytes.IndexByte(data[at:], s.newline)
	end := s.trim(data, at, stop)
	for i := at; ; {
		for i < end && blank(data[i]) {
			i++
		}
		if i == end {
			return dst, stop + 1
		}
		from := i
		for i < end && !blank(data[i]) {
			i++
		}
		dst = append(dst, span{start: uint32(from), end: uint32(i)})
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// trim returns end, or one less if data[start:end] ends with the CR of a CR LF.
func (s syntax) trim(data []byte, start, end int) int {
	if s.newline == '\n' && end > start && data[end-1] == '\r' {
		return end - 1
	}
	return end
}

// nextLine returns where the line after data[at:] starts; len(data) if none.
func (s syntax) nextLine(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], s.newline); i >= 0 {
		return at + i + 1
	}
	return len(data)
}

// closing finds the quote that closes the field opened by data[open], in the
// record that starts at data[record].
func (s syntax) closing(data []byte, open, record int) (quote int, doubled bool, v verdict) {
	from := open + 1
	limit := min(len(data), record+maxRecord+1)
	for i := open + 1; i < limit; i += 2 {
		k := bytes.IndexByte(data[i:limit], '"')
		if k < 0 {
			break
		}
		i += k
		if s.escaped(data, from, i) {
			doubled = true
			i--
			continue
		}
		if i+1 == len(data) {
			return 0, false, unending
		}
		switch c := data[i+1]; {
		case c == '"':
			doubled = true
			continue
		case c == s.delim, c == s.newline:
			return i, doubled || s.hasEscape(data[from:i]), closed
		case c == '\r' && s.newline == '\n':
			if i+2 == len(data) {
				return 0, false, unending
			}
			if data[i+2] == '\n' {
				return i, doubled || s.hasEscape(data[from:i]), closed
			}
		}
		return 0, false, bad
	}
	if len(data)-record > maxRecord {
		return 0, false, bad
	}
	return 0, false, unending
}

// hasEscape reports whether a text holds an escape.
func (s syntax) hasEscape(text []byte) bool {
	return s.escape != 0 && bytes.IndexByte(text, s.escape) >= 0
}

// escaped reports whether the quote at data[i], of a text that starts at from, has an odd number of escapes before it.
func (s syntax) escaped(data []byte, from, i int) bool {
	n := 0
	for s.escape != 0 && i-n-1 >= from && data[i-n-1] == s.escape {
		n++
	}
	return n%2 == 1
}

// single appends text to dst, with each doubled or escaped quote replaced by a quote.
func (s syntax) single(dst, text []byte) []byte {
	if s.escape == 0 {
		return appendUndoubled(dst, text)
	}
	for i := 0; i < len(text); i++ {
		if i+1 < len(text) && (text[i] == s.escape && (text[i+1] == '"' || text[i+1] == s.escape) || text[i] == '"') {
			i++
		}
		dst = append(dst, text[i])
	}
	return dst
}

// piece is some records at the start of a block.
type piece struct {
	end    int  // of the last one that surely ends within the block; 0 if none does
	quoted bool // they hold quotes
	marked bool // they are marked
	lines  int  // in them; known if they are marked
}

// cut finds the records that surely end within data. Data starts with a record
// and may continue. Records with quotes are marked in m if no fault is seen.
func (s syntax) cut(data []byte, m *marks) piece {
	quote := -1
	if s.quotes {
		quote = bytes.IndexByte(data, '"')
	}
	if quote < 0 {
		return piece{end: bytes.LastIndexByte(data, s.newline) + 1}
	}
	if s.plain() && len(data) <= maxRecord && m.find(s, data[:len(data)/index.Block*index.Block]) {
		if end, lines := m.cut(data, s.newline); end > 0 {
			return piece{end: end, quoted: quote < end, marked: true, lines: lines}
		}
	}
	end := s.cutCarefully(data)
	return piece{end: end, quoted: quote < end}
}

// cutCarefully is cut for data with possible faults of quoting: it moves from
// quote to quote.
func (s syntax) cutCarefully(data []byte) int { return s.hop(data, len(data), unending) }

// firstOf returns the first end of a record after at least size bytes of data;
// len(data) if no end is earlier. Data holds whole records.
func (s syntax) firstOf(data []byte, size int) int {
	if !s.quotes {
		return size + bytes.IndexByte(data[size:], s.newline) + 1
	}
	if end := s.hop(data, size, bad); end > 0 {
		return end
	}
	return len(data)
}

// hop returns the end of the last record that surely ends within data, or of the
// first such record after at least enough bytes. ending tells how to count a
// quote that is not closed in data.
func (s syntax) hop(data []byte, enough int, ending verdict) int {
	// Byte i is outside quotes, in the record that starts at record.
	i, record := 0, 0
	for record < enough {
		next := bytes.IndexByte(data[i:], '"')
		stop := i + next
		if next < 0 {
			stop = len(data)
		}
		record = max(record, s.endIn(data, i, stop, enough))
		if next < 0 || record >= enough {
			break
		}
		next = stop
		v := bad
		if next == record || data[next-1] == s.delim {
			i, _, v = s.closing(data, next, record)
			i++
		}
		if v == unending {
			v = ending
		}
		switch v {
		case unending:
			return record
		case bad:
			k := bytes.IndexByte(data[record:], s.newline)
			if k < 0 {
				return record
			}
			record += k + 1
			i = record
		}
	}
	return record
}

// endIn returns where the last line of data[from:to] ends, or the first that does so
// after enough bytes of data; 0 if none ends there.
func (s syntax) endIn(data []byte, from, to, enough int) int {
	if late := max(from, enough-1); late < to {
		if k := bytes.IndexByte(data[late:to], s.newline); k >= 0 {
			return late + k + 1
		}
	}
	if k := bytes.LastIndexByte(data[from:to], s.newline); k >= 0 {
		return from + k + 1
	}
	return 0
}
