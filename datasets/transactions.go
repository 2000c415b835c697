package datasets

import (
	"math"
	"strconv"
	"time"
)

// Transactions is a batch of line items. All columns have one entry for each
// row of the frame of origin; Rows and Anonymous select the rows that count.
// The batch shares the memory of the frame.
type Transactions struct {
	Rows      []uint32 // rows of known customers, ascending
	Anonymous []uint32 // rows without a customer that still belong to a basket, ascending

	Customer *Column
	Order    *Column        // nil where not mapped, as below
	Dims     [Slots]*Column // the custom dimensions as Columns.Further numbers them

	Time     []Moment
	Quantity []Quantity
	Amount   []Money
	Return   []bool
	Cost     []Money // nil, or NoMoney where missing
	Discount []Money
}

// AppendText appends the value of row i as text: in one spelling for a value,
// whatever its format. An integral float is written as the integer, since
// pandas turns a column of ids with gaps into floats. A null and a NaN are the
// empty text. White space around a text is dropped.
func (c *Column) AppendText(dst []byte, i int) []byte {
	if !c.Valid.Get(i) {
		return dst
	}
	switch c.Kind {
	case Text:
		return append(dst, c.TextAt(i)...)
	case Int:
		return strconv.AppendInt(dst, c.Ints[i], 10)
	case Float:
		return appendFloat(dst, c.Floats[i])
	case Decimal:
		return AppendDecimal(dst, c.Ints[i], c.Scale)
	case Date:
		return time.Unix(c.Ints[i]*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
	case Timestamp:
		return time.UnixMicro(c.Ints[i]).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999")
	default:
		return strconv.AppendBool(dst, c.Ints[i] != 0)
	}
}

// TextAt returns row i of a column of texts, without the white space around it.
// The bytes belong to the column.
func (c *Column) TextAt(i int) []byte {
	texts := &c.Texts
	if c.Codes != nil {
		texts, i = &c.Dict, int(c.Codes[i])
	}
	if texts.Trimmed {
		return texts.At(i)
	}
	return Trim(texts.At(i))
}

// Trim takes the white space off both ends of a text: blanks, tabs and all other
// control characters of ASCII.
func Trim(text []byte) []byte {
	for len(text) > 0 && text[0] <= ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] <= ' ' {
		text = text[:len(text)-1]
	}
	return text
}

func appendFloat(dst []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return dst
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return strconv.AppendInt(dst, int64(v), 10)
	default:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	}
}

// AppendDecimal appends unscaled/10^scale in plain notation, without trailing
// zeros.
func AppendDecimal(dst []byte, unscaled int64, scale int) []byte {
	if unscaled == 0 {
		return append(dst, '0')
	}
	from := len(dst)
	if unscaled < 0 {
		dst = append(dst, '-')
		from++
	}
	dst = strconv.AppendUint(dst, magnitude(unscaled), 10)
	if scale <= 0 {
		for range -scale {
			dst = append(dst, '0')
		}
		return dst
	}
	for len(dst)-from <= scale {
		dst = append(dst, 0)
		copy(dst[from+1:], dst[from:])
		dst[from] = '0'
	}
	point := len(dst) - scale
	dst = append(dst, 0)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	if dst[len(dst)-1] == '.' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
