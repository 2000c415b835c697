package jsonio

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the JSON of one line. A scanner is as strict as encoding/json.
type scanner struct {
	data []byte
	at   int
	text []byte // memory for texts with escapes
}

// kind is the kind of a value.
type kind uint8

const (
	broken kind = iota
	null
	boolean
	number
	text
	list
	object
)

func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// peek returns the kind of the value that begins here.
func (s *scanner) peek() kind {
	if s.at == len(s.data) {
		return broken
	}
	switch c := s.data[s.at]; {
	case c == '"':
		return text
	case c == '{':
		return object
	case c == '[':
		return list
	case c == 'n':
		return null
	case c == 't', c == 'f':
		return boolean
	case c == '-', c >= '0' && c <= '9':
		return number
	}
	return broken
}

// skip passes over a value, and reports whether it is well formed.
func (s *scanner) skip(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch s.peek() {
	case text:
		_, ok := s.quoted(false)
		return ok
	case number:
		_, ok := s.number()
		return ok
	case null:
		return s.word("null")
	case boolean:
		return s.word("true") || s.word("false")
	case list:
		return s.members('[', ']', func() bool { return s.skip(depth + 1) })
	case object:
		return s.members('{', '}', func() bool {
			if _, ok := s.key(false); !ok {
				return false
			}
			return s.skip(depth + 1)
		})
	}
	return false
}

// members skips the contents of two brackets, value by value.
func (s *scanner) members(open, closing byte, value func() bool) bool {
	if s.at == len(s.data) || s.data[s.at] != open {
		return false
	}
	s.at++
	s.space()
	if s.at < len(s.data) && s.data[s.at] == closing {
		s.at++
		return true
	}
	for {
		s.space()
		if !value() {
			return false
		}
		s.space()
		if s.at == len(s.data) {
			return false
		}
		c := s.data[s.at]
		s.at++
		switch c {
		case closing:
			return true
		case ',':
		default:
			return false
		}
	}
}

// key reads the name of a member, and the separator before the value.
func (s *scanner) key(wanted bool) ([]byte, bool) {
	name, ok := s.quoted(wanted)
	if !ok {
		return nil, false
	}
	s.space()
	if s.at == len(s.data) || s.data[s.at] != ':' {
		return nil, false
	}
	s.at++
	s.space()
	return name, true
}

func (s *scanner) word(w string) bool {
	if !bytes.HasPrefix(s.data[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// number reads a number as written.
func (s *scanner) number() ([]byte, bool) {
	from := s.at
	if s.byte('-'); !s.byte('0') && s.digits() == 0 {
		return nil, false
	}
	if s.byte('.') && s.digits() == 0 {
		return nil, false
	}
	if s.byte('e') || s.byte('E') {
		if !s.byte('+') {
			s.byte('-')
		}
		if s.digits() == 0 {
			return nil, false
		}
	}
	return s.data[from:s.at], true
}

// byte passes over a character, if it is the next.
func (s *scanner) byte(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

// digits passes over digits and returns how many there are.
func (s *scanner) digits() int {
	from := s.at
	for s.at < len(s.data) && s.data[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at - from
}

// quoted reads a text. For an unwanted text, only the form is checked. The result is valid until the next call.
func (s *scanner) quoted(wanted bool) ([]byte, bool) {
	if !s.byte('"') {
		return nil, false
	}
	from := s.at
	for s.at < len(s.data) {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[from : s.at-1], true
		case c == '\\':
			return s.escaped(from, wanted)
		case c < ' ':
			return nil, false
		}
		s.at++
	}
	return nil, false
}

// escaped reads on a text from its first backslash.
func (s *scanner) escaped(from int, wanted bool) ([]byte, bool) {
	s.text = append(s.text[:0], s.data[from:s.at]...)
	for s.at < len(s.data) {
		c := s.data[s.at]
		s.at++
		switch {
		case c == '"':
			return s.text, true
		case c < ' ':
			return nil, false
		case c != '\\':
			if wanted {
				s.text = append(s.text, c)
			}
			continue
		}
		if !s.escape() {
			return nil, false
		}
	}
	return nil, false
}

// escape reads the text after a backslash.
func (s *scanner) escape() bool {
	if s.at == len(s.data) {
		return false
	}
	c := s.data[s.at]
	s.at++
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, ok := s.hex()
		if !ok {
			return false
		}
		if utf16.IsSurrogate(r) {
			r = s.pair(r)
		}
		s.text = utf8.AppendRune(s.text, r)
		return true
	default:
		return false
	}
	s.text = append(s.text, c)
	return true
}

// pair returns the character of two halves, where the second half may follow.
func (s *scanner) pair(first rune) rune {
	before := s.at
	if s.byte('\\') && s.byte('u') {
		if second, ok := s.hex(); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r
			}
		}
	}
	s.at = before
	return utf8.RuneError
}

// hex reads four hexadecimal digits.
func (s *scanner) hex() (rune, bool) {
	if len(s.data)-s.at < 4 {
		return 0, false
	}
	r := rune(0)
	for _, c := range s.data[s.at : s.at+4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	s.at += 4
	return r, true
}

// plainNumber takes the zeros off the end of a number's decimal places.
func plainNumber(n []byte) []byte {
	point := bytes.IndexByte(n, '.')
	if point < 0 || bytes.ContainsAny(n, "eE") {
		return n
	}
	return bytes.TrimSuffix(bytes.TrimRight(n, "0"), []byte{'.'})
}
