package text

import (
	"fmt"
	"slices"
	"strings"
)

// TimeLayout is a compiled time format. A TimeLayout is immutable and may be
// used by many goroutines.
type TimeLayout struct {
	format string
	ops    []op
	has    [opKinds]bool
	order  string // of the parts of the date: "Ymd", "dmY", …

	// If all parts are numbers with two or four digits, a text of that width is
	// read without looking for the ends of numbers.
	rest   int          // the number of ops for which that holds, from the first
	width  int          // bytes
	at     [opKinds]int // byte of each part
	fixed  []fixedByte  // the other bytes
	common uint64       // bit k: part k is there
	zoned  bool
	whole  *template // for columns of such texts, or nil
}

type fixedByte struct {
	at int
	c  byte
}

// op reads one piece of a text.
type op struct {
	kind  opKind
	c     byte  // of a literal
	width uint8 // most digits
	full  bool  // all digits must be there, because digits stand beside them
	pad   bool  // blanks may stand before the digits
}

type opKind uint8

const (
	opYear opKind = iota
	opYear2
	opMonth
	opDay
	opHour
	opHour12
	opMinute
	opSecond
	opYearDay
	opFraction
	opMonthName
	opDayName
	opHalf // AM or PM
	opZone
	opZoneName
	opUnix
	opMillis
	opCount // of the unit in c since 1970, or of days since 1899-12-30 or 1904-01-01
	opISO
	opSpace
	opLiteral
	opKinds
)

// width is the number of digits of a kind in full; 0 for a kind without such a
// number.
func (k opKind) width() int {
	switch k {
	case opYear:
		return 4
	case opYear2, opMonth, opDay, opHour, opHour12, opMinute, opSecond:
		return 2
	case opYearDay:
		return 3
	}
	return 0
}

// directives maps the letters of strftime; longer directives are made of
// shorter.
var directives = map[byte]op{
	'Y': {kind: opYear}, 'y': {kind: opYear2}, 'm': {kind: opMonth},
	'd': {kind: opDay, pad: true}, 'e': {kind: opDay, pad: true}, 'j': {kind: opYearDay},
	'H': {kind: opHour, pad: true}, 'k': {kind: opHour, pad: true},
	'I': {kind: opHour12, pad: true}, 'l': {kind: opHour12, pad: true},
	'M': {kind: opMinute}, 'S': {kind: opSecond}, 'f': {kind: opFraction},
	'b': {kind: opMonthName}, 'B': {kind: opMonthName}, 'h': {kind: opMonthName},
	'a': {kind: opDayName}, 'A': {kind: opDayName},
	'p': {kind: opHalf}, 'P': {kind: opHalf},
	'z': {kind: opZone}, 'Z': {kind: opZoneName},
	's': {kind: opUnix}, 'Q': {kind: opMillis},
	'n': {kind: opSpace}, 't': {kind: opSpace},
	'%': {kind: opLiteral, c: '%'},
}

var compounds = strings.NewReplacer("%%", "%%", "%T", "%H:%M:%S", "%F", "%Y-%m-%d", "%D", "%m/%d/%y", "%R", "%H:%M", "%r", "%I:%M:%S %p")

// CompileTime compiles a time format in the notation of strftime:
//
//	%Y year, four digits   %y year, two digits: 69…99 is 19…, 00…68 is 20…
//	%m month   %b %B %h month's English name, short or long, in any case
//	%d %e day  %j day of the year
//	%H %k hour %I %l hour of the half day, with %p, AM or PM
//	%M minute  %S second   %f one to nine decimal places of the second
//	%z offset: Z, +01, +0100, +01:00   %Z UTC, GMT or Z
//	%s seconds, %Q milliseconds since 1970-01-01T00:00:00Z
//	%a %A weekday's English name, which is not checked against the date
//	%F = %Y-%m-%d   %T = %H:%M:%S   %R = %H:%M   %D = %m/%d/%y   %r = %I:%M:%S %p
//	%n %t and blanks: one or more blanks   %% a percent sign
//
// A format may also be one word, for a whole family of texts:
//
//	iso8601   a date, or a date and a time of any width: 2024-01-31, 2024-01-31T10:00, 2024-01-31 10:00:00.5+01:00
//	unix unix_ms unix_us unix_ns   seconds to nanoseconds since 1970-01-01T00:00:00Z, perhaps with a fraction
//	excel excel1904   days since 1899-12-30 or 1904-01-01, the fraction being the time of day
//
// Everything else stands for itself. The flags -, _ and 0 are allowed and mean
// nothing, since numbers may lack leading zeros anyway, except beside other
// digits, as in %Y%m%d. A format without %d means the first day of the month.
//
// Errors: an unknown directive; no year; %I without %p; a part given twice.
func CompileTime(strftime string) (*TimeLayout, error) {
	t := &TimeLayout{format: strftime}
	if o, ok := families[strftime]; ok {
		t.add(o)
		t.order = "Ymd"
		t.zoned = o.kind == opCount && o.c < countExcel
		return t, nil
	}
	expanded := compounds.Replace(strftime)
	for i := 0; i < len(expanded); i++ {
		c := expanded[i]
		switch {
		case isBlank(c):
			t.add(op{kind: opSpace})
			continue
		case c != '%':
			t.add(op{kind: opLiteral, c: c})
			continue
		}
		i++
		for i < len(expanded)-1 && strings.IndexByte("-_0:", expanded[i]) >= 0 {
			i++
		}
		if i == len(expanded) {
			return nil, fmt.Errorf("time format %q: got a %% at the end, want a letter after it, or %%%%", strftime)
		}
		o, ok := directives[expanded[i]]
		if !ok {
			return nil, fmt.Errorf("time format %q: got %%%c, want a directive such as %%Y, %%m, %%d, %%H, %%M or %%S", strftime, expanded[i])
		}
		if t.has[o.kind] && o.kind < opSpace {
			return nil, fmt.Errorf("time format %q: got %%%c where that part was given before, want each part once", strftime, expanded[i])
		}
		t.add(o)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("time format %q: %w", strftime, err)
	}
	t.prepare()
	t.whole = t.template()
	return t, nil
}

func (t *TimeLayout) add(o op) {
	if o.kind == opSpace && len(t.ops) > 0 && t.ops[len(t.ops)-1].kind == opSpace {
		return
	}
	t.has[o.kind] = true
	t.ops = append(t.ops, o)
}

// check reports a format that does not determine the moment of a text.
func (t *TimeLayout) check() error {
	has := &t.has
	date := has[opYear] || has[opYear2] || has[opMonth] || has[opDay] || has[opMonthName] || has[opYearDay]
	clock := has[opHour] || has[opHour12] || has[opMinute] || has[opSecond]
	switch {
	case has[opUnix] || has[opMillis]:
		if date || clock || has[opUnix] && has[opMillis] || has[opZone] || has[opZoneName] {
			return fmt.Errorf("got %%s or %%Q beside other parts, want it alone")
		}
		return nil
	case !has[opYear] && !has[opYear2]:
		return fmt.Errorf("got no year, want %%Y or %%y")
	case has[opYear] && has[opYear2]:
		return fmt.Errorf("got %%Y and %%y, want one of them")
	case has[opYearDay] && (has[opMonth] || has[opMonthName] || has[opDay]):
		return fmt.Errorf("got %%j beside a month or a day, want one of them")
	case has[opMonth] && has[opMonthName]:
		return fmt.Errorf("got %%m and %%b, want one of them")
	case has[opDay] && !has[opMonth] && !has[opMonthName]:
		return fmt.Errorf("got %%d without a month, want %%m or %%b")
	case has[opHour12] != has[opHalf]:
		return fmt.Errorf("got %%I without %%p or the reverse, want both, or %%H")
	case has[opHour12] && has[opHour]:
		return fmt.Errorf("got %%I and %%H, want one of them")
	case has[opZone] && has[opZoneName]:
		return fmt.Errorf("got %%z and %%Z, want one of them")
	}
	return nil
}

// prepare finds what can be known before a text is seen.
func (t *TimeLayout) prepare() {
	t.zoned = t.has[opZone] || t.has[opZoneName] || t.has[opUnix] || t.has[opMillis]
	for i := range t.ops {
		after := i+1 < len(t.ops) && (t.ops[i+1].kind.width() > 0 || t.ops[i+1].kind == opFraction)
		before := i > 0 && t.ops[i-1].kind.width() > 0
		t.ops[i].width = uint8(t.ops[i].kind.width())
		t.ops[i].full = (after || before) && t.ops[i].width > 0 || t.ops[i].kind <= opYear2
		switch t.ops[i].kind {
		case opYear, opYear2:
			t.order += "Y"
		case opMonth, opMonthName:
			t.order += "m"
		case opDay, opYearDay:
			t.order += "d"
		}
	}
	for ; t.rest < len(t.ops); t.rest++ {
		o := t.ops[t.rest]
		switch {
		case o.kind <= opSecond && o.kind != opHour12:
			t.at[o.kind] = t.width
			t.common |= 1 << o.kind
			t.width += o.kind.width()
		case o.kind == opLiteral || o.kind == opSpace:
			c := o.c
			if o.kind == opSpace {
				c = ' '
			}
			t.fixed = append(t.fixed, fixedByte{t.width, c})
			t.width++
		default:
			return
		}
	}
}

// String returns the format.
func (t *TimeLayout) String() string { return t.format }

// Zoned reports whether the texts determine an instant, by an offset or by
// counting from 1970; otherwise a text is a time on a wall clock.
func (t *TimeLayout) Zoned() bool { return t.zoned }

// DateOnly reports whether the texts have no time of day.
func (t *TimeLayout) DateOnly() bool {
	return !slices.ContainsFunc(t.ops, func(o op) bool {
		switch o.kind {
		case opHour, opHour12, opMinute, opSecond, opUnix, opMillis, opCount, opISO:
			return true
		}
		return false
	})
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
