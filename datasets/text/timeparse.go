package text

import "math"

// moment is what the parts of a text say.
type moment struct {
	parts  [opYearDay + 1]int // by kind
	micro  int
	offset int // seconds east of UTC
	pm     bool
	epoch  int64 // microseconds, of %s, %Q and families
	zoned  bool  // the text names an offset though the layout need not
}

// Parse reads a text in the layout: microseconds since 1970-01-01T00:00:00, on
// the wall clock, or, if the layout is zoned, in UTC. The result is false for a
// text that does not follow the layout to the end, and for an impossible date
// or time: February 30, 24:00, a second of 60.
//
// Numbers may lack leading zeros; a year has all its digits. Decimal places of
// a second beyond the sixth are cut off.
//
// Cost: 5 to 30 ns, no allocation.
func (t *TimeLayout) Parse(b []byte) (micros int64, zoned, ok bool) {
	if len(b) == t.width && t.rest == len(t.ops) {
		if micros, ok = t.parseFull(b); ok {
			return micros, t.zoned, true
		}
	}
	m := moment{}
	m.parts[opMonth], m.parts[opDay] = 1, 1
	i, ok := t.walk(b, &m)
	if !ok || i != len(b) {
		return 0, false, false
	}
	micros, ok = t.resolve(&m)
	return micros, (t.zoned || m.zoned) && ok, ok
}

// parseFull reads a text whose parts are numbers with all their digits. The
// result is false if the text has another form, or is no date.
func (t *TimeLayout) parseFull(b []byte) (micros int64, ok bool) {
	for _, f := range t.fixed {
		if b[f.at] != f.c {
			return 0, false
		}
	}
	year, month, day, hour, minute, second := 0, 1, 1, 0, 0, 0
	var bad, more byte
	if t.inFull(opYear) {
		at := t.at[opYear]
		year, bad = twoDigits(b, at)
		year *= 100
		low, worse := twoDigits(b, at+2)
		year += low
		bad |= worse
	} else {
		year, bad = twoDigits(b, t.at[opYear2])
		year = fullYear(year)
	}
	if t.inFull(opMonth) {
		month, more = twoDigits(b, t.at[opMonth])
		bad |= more
	}
	if t.inFull(opDay) {
		day, more = twoDigits(b, t.at[opDay])
		bad |= more
	}
	if t.inFull(opHour) {
		hour, more = twoDigits(b, t.at[opHour])
		bad |= more
	}
	if t.inFull(opMinute) {
		minute, more = twoDigits(b, t.at[opMinute])
		bad |= more
	}
	if t.inFull(opSecond) {
		second, more = twoDigits(b, t.at[opSecond])
		bad |= more
	}
	if bad >= 0x80 {
		return 0, false
	}
	days, ok := dayNumber(year, month, day)
	if !ok || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return (days*86400 + int64(hour*3600+minute*60+second)) * 1_000_000, true
}

func (t *TimeLayout) inFull(kind opKind) bool { return t.common>>kind&1 != 0 }

// twoDigits reads b[at:at+2]; bad is 128 or more if they are not digits.
func twoDigits(b []byte, at int) (v int, bad byte) {
	hi, lo := b[at]-'0', b[at+1]-'0'
	return int(hi)*10 + int(lo), hi | (hi + 118) | lo | (lo + 118)
}

// dayNumber returns the days from 1970-01-01 to a date, if there is such a date
// from year 1 on.
func dayNumber(year, month, day int) (days int64, ok bool) {
	if uint(month-1) > 11 || day < 1 || year < 1 {
		return 0, false
	}
	yearDay := before[month-1] + day
	if day > lengths[month-1] && (month != 2 || day != 29 || !leap(year)) {
		return 0, false
	}
	if month > 2 && leap(year) {
		yearDay++
	}
	return ordinal(year, yearDay), true
}

// ordinal returns the days from 1970-01-01 to the day of the year.
func ordinal(year, yearDay int) int64 {
	y := uint(year - 1)
	return int64(y*365+y/4-y/100+y/400) + int64(yearDay) - 719163
}

func leap(year int) bool { return year&3 == 0 && (year%100 != 0 || year%400 == 0) }

// The lengths of the months, and the days before them, in a common year.
var (
	lengths = [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	before  = [12]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}
)

func fullYear(y int) int {
	if y < 69 {
		return 2000 + y
	}
	return 1900 + y
}

// resolve turns the parts into microseconds.
func (t *TimeLayout) resolve(m *moment) (micros int64, ok bool) {
	if t.has[opUnix] || t.has[opMillis] || t.has[opCount] || t.has[opISO] {
		return m.epoch, true
	}
	p := &m.parts
	hour := p[opHour]
	if t.has[opHour12] {
		if p[opHour12] < 1 || p[opHour12] > 12 {
			return 0, false
		}
		hour = p[opHour12] % 12
		if m.pm {
			hour += 12
		}
	}
	year := p[opYear]
	if t.has[opYear2] {
		year = fullYear(p[opYear2])
	}
	days, ok := dayNumber(year, p[opMonth], p[opDay])
	if t.has[opYearDay] {
		if p[opYearDay] < 1 || p[opYearDay] > 366 || p[opYearDay] == 366 && !leap(year) {
			return 0, false
		}
		days = ordinal(year, p[opYearDay])
	}
	if !ok || hour > 23 || p[opMinute] > 59 || p[opSecond] > 59 {
		return 0, false
	}
	seconds := days*86400 + int64(hour*3600+p[opMinute]*60+p[opSecond]-m.offset)
	return seconds*1_000_000 + int64(m.micro), true
}

// walk reads b piece by piece.
func (t *TimeLayout) walk(b []byte, m *moment) (end int, ok bool) {
	i := 0
	for k := range t.ops {
		o := &t.ops[k]
		switch {
		case o.kind == opLiteral:
			if i >= len(b) || b[i] != o.c {
				return 0, false
			}
			i++
		case o.kind <= opYearDay:
			width := int(o.width)
			if o.pad && i < len(b) && b[i] == ' ' {
				i++
				width--
			}
			from, stop, v := i, min(len(b), i+width), 0
			for i < stop && b[i]-'0' <= 9 {
				v = v*10 + int(b[i]-'0')
				i++
			}
			if i == from || o.full && i-from < width {
				return 0, false
			}
			m.parts[o.kind] = v
		default:
			n := m.other(o, b[i:])
			if n < 0 {
				return 0, false
			}
			i += n
		}
	}
	return i, true
}

// digits reads the digits at the start of b.
func digits(b []byte) (v, n int) {
	for n < len(b) && b[n]-'0' <= 9 {
		v = v*10 + int(b[n]-'0')
		n++
	}
	return v, n
}

// other reads a part that is no number of fixed width. The result is the number
// of bytes taken, or -1.
func (m *moment) other(o *op, b []byte) int {
	switch o.kind {
	case opSpace:
		n := 0
		for n < len(b) {
			if isBlank(b[n]) {
				n++
			} else if wide := wideBlank(b[n:]); wide > 0 {
				n += wide
			} else {
				break
			}
		}
		if n == 0 {
			return -1
		}
		return n
	case opFraction:
		return m.fraction(b)
	case opMonthName:
		i, n := name(b, monthNames[:])
		m.parts[opMonth] = i + 1
		return n
	case opDayName:
		_, n := name(b, dayNames[:])
		return n
	case opHalf:
		return m.half(b)
	case opZone:
		return m.zone(b)
	case opZoneName:
		for _, z := range [...]string{"UTC", "GMT", "Z"} {
			if hasFold(b, z) {
				return len(z)
			}
		}
	case opUnix:
		return m.count(b, 1_000_000)
	case opMillis:
		return m.count(b, 1_000)
	case opCount:
		return m.units(b, o.c)
	case opISO:
		return m.iso(b)
	}
	return -1
}

// count reads a number of units since 1970.
func (m *moment) count(b []byte, micros int64) int {
	n := 0
	if len(b) > 0 && b[0] == '-' {
		n++
	}
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	v, r := ParseInt(b[:n])
	if limit := math.MaxInt64 / micros; r != Exact || v > limit || v < -limit {
		return -1
	}
	m.epoch = v * micros
	return n
}

func (m *moment) fraction(b []byte) int {
	v, n := digits(b[:min(len(b), 9)])
	if n == 0 {
		return -1
	}
	for k := n; k < 6; k++ {
		v *= 10
	}
	for k := n; k > 6; k-- {
		v /= 10
	}
	m.micro = v
	return n
}

func (m *moment) half(b []byte) int {
	for _, h := range [...]string{"am", "pm", "a.m.", "p.m."} {
		if hasFold(b, h) {
			m.pm = h[0] == 'p'
			return len(h)
		}
	}
	return -1
}

// zone reads Z, +01, +0100, +01:00, +01:00:00 and the like.
func (m *moment) zone(b []byte) int {
	if len(b) > 0 && (b[0] == 'Z' || b[0] == 'z') {
		return 1
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return -1
	}
	seconds, i, colon := 0, 1, false
	for part, unit := range [...]int{3600, 60, 1} {
		at := i
		if part > 0 {
			if i < len(b) && b[i] == ':' && (part == 1 || colon) {
				colon = true
				at++
			} else if colon {
				break
			}
		}
		v, n := digits(b[at:min(len(b), at+2)])
		if n != 2 {
			if part == 0 || at > i || n > 0 {
				return -1
			}
			break
		}
		if v > 59 || part == 0 && v > 23 {
			return -1
		}
		seconds += v * unit
		i = at + 2
	}
	m.offset = seconds
	if b[0] == '-' {
		m.offset = -seconds
	}
	return i
}

var (
	monthNames = [12]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	dayNames   = [7]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// name finds the name at the beginning of b, in full or by its first three
// letters, and returns the number of bytes taken, or -1.
func name(b []byte, names []string) (index, n int) {
	for i, s := range names {
		switch {
		case hasFold(b, s):
			return i, len(s)
		case hasFold(b, s[:3]):
			return i, 3
		}
	}
	return -1, -1
}

// hasFold reports whether b begins with s, in any case. The letters of s are
// ASCII.
func hasFold(b []byte, s string) bool {
	if len(b) < len(s) {
		return false
	}
	for i := range len(s) {
		if b[i] != s[i] && (b[i]|0x20 != s[i]|0x20 || s[i]|0x20 < 'a') {
			return false
		}
	}
	return true
}
