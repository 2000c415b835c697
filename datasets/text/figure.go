package text

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Form says how the numbers of a file are written, where people or programs wrote them for people.
type Form struct {
	Decimal   byte     // between the whole and the fraction: '.' or ','
	Thousands byte     // between groups of digits; ' ' stands for every blank, '\'' for every apostrophe; 0: none
	Signs     []string // signs and codes of a currency that may stand before or after a number
	Percent   bool     // 12% is 0.12; without it, a percent sign is no part of a number
}

// maxFigure bounds the bytes of a number that Form.Parse reads.
const maxFigure = 96

// Parse reads a number in millionths, as ParseDecimal does, and besides:
//
//   - blanks of every kind, non-breaking blanks included, and the Unicode minus;
//   - a minus after the number, and parentheses, which mean a minus: (12.50);
//   - a sign or a code of f.Signs before or after the number, inside or outside of the minus: -£5, £-5, (£5), 5 EUR;
//   - the groups of India, 12,34,567.00, where Thousands groups;
//   - a percent sign, where f.Percent is set.
//
// A text with two marks of a minus is no number.
//
// Cost: some 50 ns, no allocation. ParseDecimal reads usual numbers in a tenth of that.
func (f *Form) Parse(b []byte) (millionths int64, r Result) {
	if len(b) > maxFigure {
		return 0, NotNumber
	}
	var memory [maxFigure]byte
	body, negative, percent, ok := f.strip(plainMarks(memory[:0], b))
	if !ok || len(body) == 0 || body[0] == '-' || body[0] == '+' {
		return 0, NotNumber
	}
	if f.Thousands != 0 && indian(body, f.Decimal, f.Thousands) {
		body = without(body, f.Thousands)
	}
	v, r := ParseDecimal(body, f.Decimal, f.Thousands)
	if percent {
		v, r = hundredth(v, r)
	}
	if negative {
		v = -v
	}
	return v, r
}

// plainMarks appends b to dst with blanks, apostrophes and minuses of every kind as those of ASCII.
// Blanks at either end are left out.
func plainMarks(dst, b []byte) []byte {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			dst, b = append(dst, b[0]), b[1:]
			continue
		}
		c, n := utf8.DecodeRune(b)
		switch {
		case wideBlank(b) > 0:
			dst = append(dst, ' ')
		case c == '\u2019' || c == '\u02bc':
			dst = append(dst, '\'')
		case c == '\u2212':
			dst = append(dst, '-')
		default:
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	return bytes.TrimSpace(dst)
}

// wideBlank returns the bytes of a blank beyond ASCII at the start of b: a non-breaking blank, or a
// blank of a certain width; 0 if b starts otherwise.
func wideBlank(b []byte) int {
	switch {
	case len(b) >= 2 && b[0] == 0xC2 && b[1] == 0xA0:
		return 2
	case len(b) >= 3 && b[0] == 0xE2 && b[1] == 0x80 && (b[2] >= 0x80 && b[2] <= 0x8A || b[2] == 0xAF):
		return 3
	}
	return 0
}

// strip removes all but the digits and marks from a number.
func (f *Form) strip(b []byte) (body []byte, negative, percent, ok bool) {
	minuses, signs := 0, 0
	for {
		n := len(b)
		switch {
		case n == 0:
			return nil, false, false, false
		case b[0] == '(' && b[n-1] == ')':
			b, minuses = b[1:n-1], minuses+1
		case b[n-1] == '-':
			b, minuses = b[:n-1], minuses+1
		case b[0] == '-':
			b, minuses = b[1:], minuses+1
		case b[0] == '+' && minuses == 0 && n > 1 && b[1] != '-' && b[1] != '+' && b[1] != '(':
			b = b[1:]
		case f.Percent && !percent && b[n-1] == '%':
			b, percent = b[:n-1], true
		default:
			rest, found := f.cutSign(b)
			if !found {
				return b, minuses == 1, percent, minuses < 2 && signs < 2
			}
			b, signs = rest, signs+1
		}
		b = bytes.TrimSpace(b)
	}
}

// cutSign takes a sign or a code of a currency off either end.
func (f *Form) cutSign(b []byte) (rest []byte, found bool) {
	for _, sign := range f.Signs {
		if len(sign) == 0 || len(sign) > len(b) {
			continue
		}
		if strings.EqualFold(string(b[:len(sign)]), sign) {
			return b[len(sign):], true
		}
		if at := len(b) - len(sign); strings.EqualFold(string(b[at:]), sign) {
			return b[:at], true
		}
	}
	return b, false
}

// indian reports whether the groups of a number are those of India: three digits before the decimal
// sign, two in each group before them.
func indian(b []byte, decimal, thousands byte) bool {
	if at := bytes.IndexByte(b, decimal); at >= 0 {
		b = b[:at]
	}
	groups, digits := 0, 0
	for i := len(b) - 1; i >= 0; i-- {
		switch {
		case b[i] >= '0' && b[i] <= '9':
			digits++
		case b[i] == thousands && (groups == 0 && digits == 3 || groups > 0 && digits == 2):
			groups, digits = groups+1, 0
		default:
			return false
		}
	}
	return groups > 1 && (digits == 1 || digits == 2)
}

// without removes a byte from b, in place.
func without(b []byte, c byte) []byte {
	kept := b[:0]
	for _, x := range b {
		if x != c {
			kept = append(kept, x)
		}
	}
	return kept
}

// hundredth divides a number by a hundred, rounding half away from zero.
func hundredth(v int64, r Result) (int64, Result) {
	quotient, rest := v/100, v%100
	if rest >= 50 {
		quotient++
	} else if rest <= -50 {
		quotient--
	}
	if rest != 0 && r == Exact {
		r = Rounded
	}
	return quotient, r
}
