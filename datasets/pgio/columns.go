package pgio

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/quintile-dev/quintile/datasets"
)

// column is a column of a query.
type column struct {
	field    datasets.Field
	oid      uint32
	modifier int32
	asText   bool // the server writes its values as texts
	parse    func(c *datasets.Column, value []byte) error
}

// The types that keep their type, by their numbers in the server.
const (
	oidBool        = 16
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidFloat4      = 700
	oidFloat8      = 701
	oidVarchar     = 1043
	oidDate        = 1082
	oidTimestamp   = 1114
	oidTimestamptz = 1184
	oidNumeric     = 1700
)

// micros2000 is 2000-01-01, the origin of the server's count, in microseconds since
// 1970.
const (
	days2000   = 10_957
	micros2000 = days2000 * 86_400_000_000
)

// columnOf returns how a column of a type is read.
func columnOf(name string, oid uint32, modifier int32) column {
	c := column{field: datasets.Field{Name: name}, oid: oid, modifier: modifier}
	set := func(kind datasets.Kind, parse func(*datasets.Column, []byte) error) {
		c.field.Kind, c.parse = kind, parse
	}
	switch oid {
	case oidBool:
		set(datasets.Bool, parseBool)
	case oidInt2, oidInt4, oidInt8:
		set(datasets.Int, parseInt)
	case oidFloat4, oidFloat8:
		set(datasets.Float, parseFloat)
	case oidDate:
		set(datasets.Date, parseDate)
	case oidTimestamp:
		set(datasets.Timestamp, parseTimestamp)
	case oidTimestamptz:
		set(datasets.Timestamp, parseTimestamp)
		c.field.UTC = true
	case oidNumeric:
		precision, scale := numericOf(modifier)
		switch {
		case precision > 18 && scale == 0: // rather ids than money
			c.asText = true
			set(datasets.Text, parseText)
		case precision > 18 || scale < 0:
			scale = 6
			fallthrough
		default:
			c.field.Scale = scale
			set(datasets.Decimal, func(c *datasets.Column, value []byte) error { return parseNumeric(c, value, scale) })
		}
	case oidText, oidVarchar:
		set(datasets.Text, parseText)
	default:
		c.asText = true
		set(datasets.Text, parseText)
	}
	return c
}

// numericOf returns the precision and the scale of a numeric; more than 18 digits and 6 places where none are declared.
func numericOf(modifier int32) (precision, scale int) {
	if modifier < 4 {
		return math.MaxInt32, 6
	}
	m := modifier - 4
	scale = int(m & 0x7FF)
	if scale >= 1024 { // it has a sign
		scale -= 2048
	}
	return int(m >> 16 & 0xFFFF), scale
}

func parseBool(c *datasets.Column, value []byte) error {
	if len(value) != 1 {
		return errLength
	}
	c.Ints = append(c.Ints, int64(value[0]))
	return nil
}

var errLength = errors.New("a value of another length than its type has")

func parseInt(c *datasets.Column, value []byte) error {
	switch len(value) {
	case 2:
		c.Ints = append(c.Ints, int64(int16(binary.BigEndian.Uint16(value))))
	case 4:
		c.Ints = append(c.Ints, int64(int32(binary.BigEndian.Uint32(value))))
	case 8:
		c.Ints = append(c.Ints, int64(binary.BigEndian.Uint64(value)))
	default:
		return errLength
	}
	return nil
}

func parseFloat(c *datasets.Column, value []byte) error {
	switch len(value) {
	case 4:
		c.Floats = append(c.Floats, float64(math.Float32frombits(binary.BigEndian.Uint32(value))))
	case 8:
		c.Floats = append(c.Floats, math.Float64frombits(binary.BigEndian.Uint64(value)))
	default:
		return errLength
	}
	return nil
}

// The range of days in Arrow; an infinite date becomes the last day, which no row may
// have.
const lastDay = math.MaxInt32

func parseDate(c *datasets.Column, value []byte) error {
	if len(value) != 4 {
		return errLength
	}
	day := int64(int32(binary.BigEndian.Uint32(value))) + days2000
	c.Ints = append(c.Ints, min(max(day, -lastDay), lastDay))
	return nil
}

func parseTimestamp(c *datasets.Column, value []byte) error {
	if len(value) != 8 {
		return errLength
	}
	v := int64(binary.BigEndian.Uint64(value))
	if v > math.MaxInt64/2 || v < math.MinInt64/2 { // infinite, or beyond what any calendar has
		v = v / 2
	}
	c.Ints = append(c.Ints, v+micros2000)
	return nil
}

func parseText(c *datasets.Column, value []byte) error {
	c.Texts.Append(value)
	return nil
}

var errTooLarge = errors.New("a number that has more than 18 digits")

// parseNumeric reads a number of base 10,000 as an integer with scale decimal places.
func parseNumeric(c *datasets.Column, value []byte, scale int) error {
	if len(value) < 8 {
		return errLength
	}
	n, weight := int(binary.BigEndian.Uint16(value)), int(int16(binary.BigEndian.Uint16(value[2:])))
	sign, digits := binary.BigEndian.Uint16(value[4:]), value[8:]
	if len(digits) != 2*n {
		return errLength
	}
	if sign >= 0xC000 { // NaN, or infinite
		return errNull
	}
	digit := func(power int) uint64 { // of 10^power
		group := weight - (power+4*maxPlaces)/4 + maxPlaces
		if group < 0 || group >= n {
			return 0
		}
		return uint64(binary.BigEndian.Uint16(digits[2*group:])) / [4]uint64{1, 10, 100, 1000}[(power+4*maxPlaces)%4] % 10
	}
	v := uint64(0)
	for power := 4*weight + 3; power >= -scale; power-- {
		if v > (math.MaxInt64-9)/10 {
			return errTooLarge
		}
		v = 10*v + digit(power)
	}
	if digit(-scale-1) >= 5 && v < math.MaxInt64 {
		v++
	}
	if sign == 0x4000 {
		c.Ints = append(c.Ints, -int64(v))
		return nil
	}
	c.Ints = append(c.Ints, int64(v))
	return nil
}

// maxPlaces bounds the groups of four decimal places that a numeric can have.
const maxPlaces = 5000

// errNull marks a value that means null.
var errNull = errors.New("null")
