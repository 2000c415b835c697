package export

import (
	"math"
	"strconv"
	"time"

	"github.com/quintile-dev/quintile/datasets/table"
)

// decimals is the number of decimal places of numbers that are not whole.
const decimals = 6

// appendCell appends value i of a column as text, nothing for a missing one.
func appendCell(dst []byte, c *table.Column, v *table.Values, i int, layout string) []byte {
	if !v.Valid.Get(i) {
		return dst
	}
	switch c.Type {
	case table.Text:
		return appendText(dst, v, i)
	case table.TextList:
		for k, text := range v.Lists[i] {
			if k > 0 {
				dst = append(dst, ';')
			}
			dst = append(dst, text...)
		}
		return dst
	case table.Bool:
		if v.Bools != nil {
			return strconv.AppendBool(dst, v.Bools[i])
		}
		return strconv.AppendBool(dst, v.Ints[i] != 0)
	case table.Float32, table.Float64:
		return appendNumber(dst, number(v, i))
	case table.Decimal:
		return appendDecimal(dst, v.Ints[i], c.Scale)
	case table.Date:
		return time.Unix(whole(v, i)*24*60*60, 0).UTC().AppendFormat(dst, time.DateOnly)
	case table.Timestamp:
		return time.UnixMicro(v.Ints[i]).UTC().AppendFormat(dst, layout)
	}
	return strconv.AppendInt(dst, whole(v, i), 10)
}

func appendText(dst []byte, v *table.Values, i int) []byte {
	switch {
	case v.Strings != nil:
		return append(dst, v.Strings[i]...)
	case v.Codes != nil:
		return append(dst, v.Dict.At(int(v.Codes[i]))...)
	}
	return append(dst, v.Texts.At(i)...)
}

func whole(v *table.Values, i int) int64 {
	if v.Int32s != nil {
		return int64(v.Int32s[i])
	}
	return v.Ints[i]
}

func number(v *table.Values, i int) float64 {
	if v.Float32s != nil {
		return float64(v.Float32s[i])
	}
	return v.Floats[i]
}

// appendNumber appends a number with its decimal places; nothing for NaN and ±Inf.
func appendNumber(dst []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', decimals, 64)
	if dst[from] != '-' {
		return dst
	}
	for _, c := range dst[from+1:] {
		if c != '0' && c != '.' {
			return dst
		}
	}
	return append(dst[:from], dst[from+1:]...) // not −0
}

// appendDecimal appends an unscaled integer with its decimal places.
func appendDecimal(dst []byte, v int64, scale int) []byte {
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	digits := strconv.AppendUint(nil, u, 10)
	for len(digits) <= scale {
		digits = append([]byte{'0'}, digits...)
	}
	point := len(digits) - scale
	dst = append(dst, digits[:point]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[point:]...)
	}
	return dst
}
