package text

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Evidence gathers how the numbers of a column are written. The zero value has seen none.
type Evidence struct {
	Seen    int64 // texts that look like numbers
	Odd     int64 // texts that do not
	fits    [len(forms)]int64
	differs [len(forms)][len(forms)]string // a text that two forms read differently; "" while there is none
	signs   map[string]int64
}

// forms are the ways in which numbers are written, the simplest first.
var forms = [...]Form{
	{Decimal: '.'}, {Decimal: ','},
	{Decimal: '.', Thousands: ','}, {Decimal: ',', Thousands: '.'},
	{Decimal: '.', Thousands: ' '}, {Decimal: ',', Thousands: ' '},
	{Decimal: '.', Thousands: '\''}, {Decimal: ',', Thousands: '\''},
}

// Add looks at one text. Empty texts do not count.
func (e *Evidence) Add(cell []byte) {
	var memory [maxFigure]byte
	if len(cell) > maxFigure {
		e.Odd++
		return
	}
	b := plainMarks(memory[:0], cell)
	if len(b) == 0 {
		return
	}
	b, sign := e.unsigned(b)
	if body, _, _, _ := (&Form{Percent: true}).strip(b); len(body) == 0 || !digitsAndMarks(body) {
		e.Odd++
		return
	}
	if !e.compare(b) {
		e.Odd++
		return
	}
	e.Seen++
	if sign != "" {
		if e.signs == nil {
			e.signs = map[string]int64{}
		}
		e.signs[sign]++
	}
}

// compare notes the forms that fit a text, and the forms that read it differently. The result is false
// where no form fits.
func (e *Evidence) compare(b []byte) (fits bool) {
	var values [len(forms)]int64
	var ok [len(forms)]bool
	for k := range forms {
		f := forms[k]
		v, r := f.Parse(b)
		ok[k] = r != NotNumber && !(f.Thousands != 0 && zeroGroup(b, f.Thousands))
		if values[k] = v; ok[k] {
			e.fits[k]++
			fits = true
		}
	}
	for k := range forms {
		for j := range k {
			if ok[k] && ok[j] && values[k] != values[j] && e.differs[j][k] == "" {
				e.differs[j][k] = string(b)
			}
		}
	}
	return fits
}

// unsigned removes the sign or the code of a currency from a number: letters and signs before the first
// digit, or after the last.
func (e *Evidence) unsigned(b []byte) (rest []byte, sign string) {
	first := bytes.IndexFunc(b, isDigit)
	last := bytes.LastIndexFunc(b, isDigit)
	if first < 0 {
		return b, ""
	}
	for _, part := range [][]byte{b[:first], b[last+1:]} {
		s := strings.Trim(string(part), " ()+-.,'%")
		if s == "" {
			continue
		}
		if !currencyLike(s) || sign != "" && sign != s {
			return b, ""
		}
		sign = s
	}
	if sign == "" {
		return b, ""
	}
	return bytes.TrimSpace(bytes.ReplaceAll(b, []byte(sign), nil)), sign
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// currencyLike reports whether a text may be the sign or the code of a currency: a sign, perhaps with letters,
// or two to four letters such as EUR, kr, zł or Kč.
func currencyLike(s string) bool {
	letters, signs := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Sc, r):
			signs++
		case unicode.IsLetter(r):
			letters++
		case r != '.':
			return false
		}
	}
	return signs == 1 && letters <= 3 || signs == 0 && letters >= 2 && letters <= 4 || s == "R" || s == "€"
}

func digitsAndMarks(b []byte) bool {
	digit := false
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c == '.', c == ',', c == ' ', c == '\'', c|0x20 == 'e':
		case (c == '-' || c == '+') && i > 0 && b[i-1]|0x20 == 'e':
		default:
			return false
		}
	}
	return digit
}

// zeroGroup reports whether a number that is grouped begins with a zero, as no group does: 0,500 is a half.
func zeroGroup(b []byte, thousands byte) bool {
	i := bytes.IndexFunc(b, isDigit)
	return i >= 0 && i+1 < len(b) && b[i] == '0' && b[i+1] == thousands
}

// Signs returns the signs and codes of currencies that stand at numbers, sorted.
func (e *Evidence) Signs() []string {
	var all []string
	for s := range e.signs {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// Fitting returns the forms that fit most of the numbers seen, the simplest first. Among forms that read all
// numbers alike, only the simplest is returned. Several forms therefore mean several readings of the numbers;
// example is a number on which the first and the second form differ: 2.538 is two and a half or two and a half
// thousand. Without numbers, no form is returned.
//
// Forms have the signs of Signs, where there are any.
func (e *Evidence) Fitting() (found []Form, example string) {
	most := slices.Max(e.fits[:])
	if e.Seen == 0 || most == 0 {
		return nil, ""
	}
	var at []int
	for k := range forms {
		if e.fits[k] < most || slices.ContainsFunc(at, func(j int) bool { return e.differs[j][k] == "" }) {
			continue
		}
		if at = append(at, k); len(at) == 2 {
			example = e.differs[at[0]][k]
		}
	}
	for _, k := range at {
		f := forms[k]
		f.Signs = e.Signs()
		found = append(found, f)
	}
	return found, example
}

// Fits returns how many of the numbers a form fits that Fitting might return.
func (e *Evidence) Fits(decimal, thousands byte) int64 {
	for k := range forms {
		if forms[k].Decimal == decimal && forms[k].Thousands == thousands {
			return e.fits[k]
		}
	}
	return 0
}

// GroupMark returns the mark between groups that a text in a setting means: ' ' for every blank, '\” for
// every apostrophe, another character of ASCII for itself; 0 for an impossible mark.
func GroupMark(s string) byte {
	if len(s) == 0 || utf8.RuneCountInString(s) != 1 {
		return 0
	}
	var memory [8]byte
	switch {
	case wideBlank([]byte(s)) > 0:
		return ' '
	case len(s) == 1 && s[0] < utf8.RuneSelf:
		return s[0]
	}
	if b := plainMarks(memory[:0], []byte(s)); len(b) == 1 && b[0] == '\'' {
		return '\''
	}
	return 0
}
