package csvio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/quintile-dev/quintile/datasets"
)

// The byte order marks.
var (
	markUTF8 = []byte{0xef, 0xbb, 0xbf}
	markLE   = []byte{0xff, 0xfe}
	markBE   = []byte{0xfe, 0xff}
)

// noText is a byte that never occurs in UTF-8. In decoded text, noText replaces
// undecodable bytes, so that the row becomes a fault.
const noText = 0xff

// decode sets s.text to the text of r, which begins with sample, or reports
// another encoding. Single-byte encodings are left for the parts to decode.
func (s *source) decode(r *bufio.Reader, sample []byte, encoding string) error {
	wide, order := looksWide(sample)
	switch encoding {
	case UTF16, UTF16LE, UTF16BE:
		marked := bytes.HasPrefix(sample, markLE) || bytes.HasPrefix(sample, markBE)
		switch {
		case !wide && len(sample) > 0:
			return s.misread("text without the zero bytes of UTF-16", encoding, UTF8)
		case encoding == UTF16 && !marked && len(sample) > 0:
			return s.misread("UTF-16 without a byte order mark", "UTF-16 with a byte order mark", order)
		case encoding != UTF16 && len(sample) > 0 && encoding != order:
			return s.misread("text in "+order, encoding, order)
		}
		if marked {
			r.Discard(2) //nolint:errcheck // peeked
		}
		s.text = &utf16Reader{r: r, big: order == UTF16BE}
		return nil
	}
	if wide {
		return s.misread("text in "+order, encoding, order)
	}
	if bytes.HasPrefix(sample, markUTF8) {
		if encoding != UTF8 {
			return s.misread("a byte order mark of utf-8", encoding, UTF8)
		}
		r.Discard(len(markUTF8)) //nolint:errcheck // peeked
	}
	return nil
}

func (s *source) misread(got, want, mend string) error {
	return &datasets.FileError{Path: s.path, Got: got, Want: want, Hint: fmt.Sprintf("set encoding: %s for this file", mend)}
}

// looksWide reports whether a file with such a beginning is in UTF-16, and the
// byte order: the file has a byte order mark, or every fourth byte is zero.
func looksWide(sample []byte) (wide bool, order string) {
	switch {
	case bytes.HasPrefix(sample, markLE):
		return true, UTF16LE
	case bytes.HasPrefix(sample, markBE):
		return true, UTF16BE
	}
	var zeros [2]int
	for i, c := range sample {
		if c == 0 {
			zeros[i&1]++
		}
	}
	order = UTF16LE
	if zeros[0] > zeros[1] {
		order = UTF16BE
	}
	return zeros[0]+zeros[1] > len(sample)/4, order
}

// utf16Reader reads UTF-16 as UTF-8, with noText for every unpaired surrogate.
type utf16Reader struct {
	r    *bufio.Reader
	big  bool
	out  []byte // decoded
	rest []byte // of out, not yet read
	err  error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.rest) == 0 && u.err == nil {
		u.fill()
	}
	if len(u.rest) == 0 {
		return 0, u.err
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// fill decodes what the buffer of u.r holds.
func (u *utf16Reader) fill() {
	u.out = u.out[:0]
	if _, err := u.r.Peek(4); err != nil {
		u.err = err
	}
	raw, _ := u.r.Peek(u.r.Buffered())
	i := 0
	for i+1 < len(raw) {
		c := u.unit(raw[i:])
		i += 2
		if !utf16.IsSurrogate(c) {
			u.out = utf8.AppendRune(u.out, c)
			continue
		}
		if i+1 >= len(raw) && u.err == nil {
			i -= 2 // its other half is still to come
			break
		}
		if i+1 < len(raw) {
			if pair := utf16.DecodeRune(c, u.unit(raw[i:])); pair != utf8.RuneError {
				u.out = utf8.AppendRune(u.out, pair)
				i += 2
				continue
			}
		}
		u.out = append(u.out, noText)
	}
	if errors.Is(u.err, io.EOF) && i < len(raw) { // half a character
		u.out = append(u.out, noText)
		i = len(raw)
	}
	u.r.Discard(i) //nolint:errcheck // peeked
	u.rest = u.out
}

func (u *utf16Reader) unit(b []byte) rune {
	if u.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

// table maps the upper half of a single-byte encoding to UTF-8.
type table [128][]byte

// tableOf returns the table of a single-byte encoding, or nil for the others.
func tableOf(encoding string) *table {
	var source *charmap.Charmap
	switch encoding {
	case Latin1:
		source = charmap.ISO8859_1
	case Windows1252:
		source = charmap.Windows1252
	default:
		return nil
	}
	t := new(table)
	for i := range t {
		r := source.DecodeByte(byte(0x80 + i))
		if r == utf8.RuneError {
			t[i] = []byte{noText}
		} else {
			t[i] = utf8.AppendRune(nil, r)
		}
	}
	return t
}

// appendTo appends text, in the encoding of t, to dst as UTF-8.
func (t *table) appendTo(dst, text []byte) []byte {
	for len(text) > 0 {
		n := 0
		for n < len(text) && text[n] < 0x80 {
			n++
		}
		dst = append(dst, text[:n]...)
		for text = text[n:]; len(text) > 0 && text[0] >= 0x80; text = text[1:] {
			dst = append(dst, t[text[0]-0x80]...)
		}
	}
	return dst
}
