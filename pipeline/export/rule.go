package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Rule says in which form a system wants a cell.
type Rule struct {
	Form  Form
	Undot []string // domains before which the dots of an address do not count
	Untag bool     // what stands between a plus sign and the @ of an address does not count
	Plus  bool     // a phone number has its plus sign
	Upper bool     // a country is in capitals
	Hash  bool     // SHA-256 of the form, in lower-case hexadecimal digits
}

// Form is what a cell holds.
type Form uint8

// The forms of cells.
const (
	Free     Form = iota // text that people read, which must not be taken for a formula; numbers, days
	AsIs                 // an id
	Email                // an address, in lower case
	Phone                // the digits of a phone number with its country code
	Words                // a name in lower case, one blank between words
	Letters              // letters and digits in lower case, and nothing between them
	Postcode             // likewise, up to a dash
	Country              // the two letters of ISO 3166
	Handle               // the name or id of an account in lower case, without an @ before it
)

// apply appends a value in the wanted form, and nothing for a value without this form. An empty value
// is never hashed, and a hash stays unchanged. prefix is the country code for phone numbers without
// one, "" where such numbers are useless.
func (r *Rule) apply(dst, text []byte, prefix string) []byte {
	from := len(dst)
	if r.Hash && isHash(text) {
		return append(dst, bytes.ToLower(text)...)
	}
	switch r.Form {
	case Free, AsIs:
		dst = append(dst, text...)
	case Email:
		dst = r.email(dst, text)
	case Phone:
		dst = r.phone(dst, text, prefix)
	case Words:
		dst = append(dst, bytes.Join(bytes.Fields(bytes.ToLower(text)), []byte(" "))...)
	case Letters:
		dst = letters(dst, text)
	case Postcode:
		first, _, _ := bytes.Cut(text, []byte("-"))
		dst = letters(dst, first)
	case Country:
		dst = r.country(dst, text)
	case Handle:
		dst = append(dst, bytes.ToLower(bytes.TrimPrefix(bytes.TrimSpace(text), []byte("@")))...)
	}
	if !r.Hash || len(dst) == from {
		return dst
	}
	sum := sha256.Sum256(dst[from:])
	return hex.AppendEncode(dst[:from], sum[:])
}

// isHash reports whether a text is a SHA-256 in hexadecimal digits.
func isHash(text []byte) bool {
	if len(text) != 2*sha256.Size {
		return false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// email appends an address, nothing for an impossible address.
func (r *Rule) email(dst, text []byte) []byte {
	text = bytes.ToLower(bytes.TrimSpace(text))
	user, domain, found := bytes.Cut(text, []byte("@"))
	if !found || len(user) == 0 || bytes.IndexByte(domain, '@') >= 0 || bytes.IndexByte(domain, '.') <= 0 ||
		domain[len(domain)-1] == '.' || bytes.ContainsFunc(text, isBlank) {
		return dst
	}
	if r.Untag {
		user, _, _ = bytes.Cut(user, []byte("+"))
	}
	from := len(dst)
	undot := slices.Contains(r.Undot, string(domain))
	for _, c := range user {
		if c != '.' || !undot {
			dst = append(dst, c)
		}
	}
	if len(dst) == from {
		return dst
	}
	return append(append(dst, '@'), domain...)
}

func isBlank(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }

// The digits of a phone number by E.164. No number has fewer than seven.
const (
	minPhone = 7
	maxPhone = 15
)

// phone appends a phone number, nothing for an impossible number or a missing country
// code.
func (r *Rule) phone(dst, text []byte, prefix string) []byte {
	text = bytes.TrimSpace(text)
	international := false
	switch {
	case bytes.HasPrefix(text, []byte("+")):
		international, text = true, text[1:]
	case bytes.HasPrefix(text, []byte("00")):
		international, text = true, text[2:]
	case prefix == "":
		return dst
	}
	from := len(dst)
	if r.Plus {
		dst = append(dst, '+')
	}
	digits := len(dst)
	if !international {
		dst = append(dst, prefix...)
	} else if at := bytes.Index(text, []byte("(0)")); at >= 0 { // dialled inside the country alone
		text = append(bytes.Clone(text[:at]), text[at+3:]...)
	}
	trunk := !international // zeros before a number are dialled inside the country alone
	for _, c := range text {
		switch {
		case c == '0' && (trunk || len(dst) == digits):
		case c >= '0' && c <= '9':
			dst, trunk = append(dst, c), false
		case bytes.IndexByte([]byte(" -./()\t"), c) < 0:
			return dst[:from]
		}
	}
	if n := len(dst) - digits; n < minPhone || n > maxPhone {
		return dst[:from]
	}
	return dst
}

// letters appends the letters and digits of a text in lower case.
func letters(dst, text []byte) []byte {
	for _, c := range string(text) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) {
			dst = utf8.AppendRune(dst, unicode.ToLower(c))
		}
	}
	return dst
}

// country appends two letters, nothing for anything else.
func (r *Rule) country(dst, text []byte) []byte {
	text = bytes.TrimSpace(text)
	if len(text) != 2 || !isLetter(text[0]) || !isLetter(text[1]) {
		return dst
	}
	if r.Upper {
		return append(dst, bytes.ToUpper(text)...)
	}
	return append(dst, bytes.ToLower(text)...)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
