package text

import (
	"bytes"
	"math/bits"
)

// Units of opCount, by the value in op.c. The units from countExcel on are days on a wall
// clock.
const (
	countSeconds = iota
	countMillis
	countMicros
	countNanos
	countExcel
	countExcel1904
)

// families are formats of one word.
var families = map[string]op{
	"iso8601": {kind: opISO},
	"unix":    {kind: opCount, c: countSeconds}, "unix_ms": {kind: opCount, c: countMillis},
	"unix_us": {kind: opCount, c: countMicros}, "unix_ns": {kind: opCount, c: countNanos},
	"excel": {kind: opCount, c: countExcel}, "excel1904": {kind: opCount, c: countExcel1904},
}

const (
	dayMicros = 86_400_000_000
	excelDay0 = -25569 // 1899-12-30, in days since 1970
	macDay0   = -24107 // 1904-01-01
)

// units reads a decimal number of units. The result is the number of bytes taken, always
// all, or -1.
func (m *moment) units(b []byte, unit byte) int {
	whole, fraction := b, []byte(nil)
	if at := bytes.IndexByte(b, '.'); at >= 0 {
		whole, fraction = b[:at], b[at+1:]
		if len(fraction) == 0 || len(whole) == 0 {
			return -1
		}
	}
	v, r := ParseInt(whole)
	if r != Exact || v < 0 || whole[0] == '+' {
		return -1
	}
	share, ok := fractionOf(fraction)
	if !ok {
		return -1
	}
	switch unit {
	case countNanos:
		m.epoch = v / 1000
		return len(b)
	case countExcel, countExcel1904:
		return m.days(b, v, share, unit)
	}
	size := uint64(1)
	for k := unit; k < countMicros; k++ {
		size *= 1000
	}
	if uint64(v) > 1<<62/size {
		return -1
	}
	part, _ := bits.Mul64(share, size) // share is in 2⁻⁶⁴
	m.epoch = v*int64(size) + int64(part)
	return len(b)
}

// days reads Excel's days, to the nearest millisecond: more than that a spreadsheet does not keep.
func (m *moment) days(b []byte, v int64, share uint64, unit byte) int {
	if v >= 2_958_466 { // 10000-01-01
		return -1
	}
	day := v + excelDay0
	if unit == countExcel1904 {
		day = v + macDay0
	} else if v < 61 {
		return -1 // before March 1900 Excel's days are one off, and 60 is no day
	}
	millis, _ := bits.Mul64(share, dayMicros/1000*2)
	m.epoch = day*dayMicros + int64((millis+1)/2)*1000
	return len(b)
}

// fractionOf returns decimal places as a share of 2⁶⁴.
func fractionOf(digits []byte) (share uint64, ok bool) {
	if len(digits) == 0 {
		return 0, true
	}
	var v, scale uint64 = 0, 1
	for i, c := range digits {
		d := uint64(c - '0')
		if d > 9 {
			return 0, false
		}
		if i < 18 {
			v, scale = v*10+d, scale*10
		}
	}
	share, rest := bits.Div64(v, 0, scale)
	if rest > 0 && share < 1<<64-1 {
		share++ // so that a part that units have exactly is not cut to the one before
	}
	return share, true
}

// iso reads a date, or a date and a time, of ISO 8601 in its extended form; a blank may stand for the T.
// The result is the number of bytes taken, or -1.
func (m *moment) iso(b []byte) int {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return -1
	}
	date, ok := isoDate.parseFull(b[:10])
	if !ok {
		return -1
	}
	m.epoch = date
	rest := b[10:]
	if len(rest) == 0 {
		return 10
	}
	if rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' || len(rest) < 6 || rest[3] != ':' {
		return -1
	}
	hour, bad := twoDigits(rest, 1)
	minute, worse := twoDigits(rest, 4)
	if bad|worse >= 0x80 || hour > 23 || minute > 59 {
		return -1
	}
	i, second := 6, 0
	if len(rest) >= 9 && rest[6] == ':' {
		second, bad = twoDigits(rest, 7)
		if i = 9; bad >= 0x80 || second > 59 {
			return -1
		}
		if len(rest) > 9 && (rest[9] == '.' || rest[9] == ',') {
			n := m.fraction(rest[10:])
			if n < 0 {
				return -1
			}
			i = 10 + n
		}
	}
	m.epoch += int64(hour*3600+minute*60+second)*1_000_000 + int64(m.micro)
	if i == len(rest) {
		return len(b)
	}
	if rest[i] == ' ' {
		i++
	}
	n := m.zone(rest[i:])
	if n < 0 {
		return -1
	}
	m.zoned = true
	m.epoch -= int64(m.offset) * 1_000_000
	return 10 + i + n
}

// isoDate reads the date of an ISO 8601 text.
var isoDate = func() *TimeLayout {
	t := &TimeLayout{ops: []op{{kind: opYear}, {kind: opLiteral, c: '-'}, {kind: opMonth}, {kind: opLiteral, c: '-'}, {kind: opDay}}}
	t.prepare()
	return t
}()

// LooksLikeExcelDays reports whether all samples are numbers that Excel's days since 1899-12-30 are from 1954 to 2119.
// The numbers prove nothing: 45300 may count anything.
func LooksLikeExcelDays(samples [][]byte) bool {
	excel := compiled("excel")
	for _, s := range samples {
		micros, ok := excel.means(s)
		if !ok || micros < (20_000+excelDay0)*dayMicros || micros >= (80_000+excelDay0)*dayMicros {
			return false
		}
	}
	return len(samples) > 0
}
