package arrowio

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"

	"github.com/quintile-dev/quintile/datasets"
)

// fill sets a column to the values of an array that has been validated.
func (f *field) fill(c *datasets.Column, values arrow.Array) error {
	c.Field = f.Field
	c.Ints, c.Floats, c.Codes = c.Ints[:0], c.Floats[:0], nil
	c.Texts.Reset()
	c.Dict.Reset()
	c.Valid = validOf(c.Valid, values)
	for {
		extension, ok := values.(array.ExtensionArray)
		if !ok {
			break
		}
		values = extension.Storage()
	}
	if coded, ok := values.(*array.Dictionary); ok {
		return f.decode(c, coded)
	}
	switch f.Kind {
	case datasets.Text:
		return f.texts(&c.Texts, values)
	case datasets.Float:
		return floats(c, values)
	}
	return f.integers(c, values)
}

// validOf returns which values are not null, in the memory of b; nil if all are.
func validOf(b datasets.Bitmap, values arrow.Array) datasets.Bitmap {
	n := values.Len()
	if values.NullN() == 0 && values.DataType().ID() != arrow.NULL {
		return nil
	}
	if cap(b) < (n+63)/64 {
		b = datasets.NewBitmap(n)
	}
	b = b[:(n+63)/64]
	clear(b)
	if bits := values.NullBitmapBytes(); bits != nil {
		bitutil.CopyBitmap(bits, values.Data().Offset(), n, arrow.Uint64Traits.CastToBytes(b), 0)
	}
	return b
}

// decode fills a column from a dictionary array: texts stay codes.
func (f *field) decode(c *datasets.Column, coded *array.Dictionary) error {
	var dict datasets.Column
	plain := *f
	if err := plain.fill(&dict, coded.Dictionary()); err != nil {
		return err
	}
	if dict.Valid != nil && dict.Codes == nil { // a null in the dictionary is a null of the rows
		blank(c, coded, dict.Valid)
	}
	n := coded.Len()
	codes := make([]uint32, n)
	for i := range codes {
		if coded.IsValid(i) {
			codes[i] = uint32(coded.GetValueIndex(i))
		}
	}
	switch c.Kind = dict.Kind; dict.Kind { // unsigned numbers may have become texts
	case datasets.Text:
		c.Codes = codes
		c.Dict.Data = append(c.Dict.Data, dict.Texts.Data...) // other parts use the same dictionary
		c.Dict.Start = append(c.Dict.Start, dict.Texts.Start...)
		c.Dict.End = append(c.Dict.End, dict.Texts.End...)
		if c.Dict.Len() == 0 {
			c.Dict.Append(nil) // for the codes of null rows
		}
	case datasets.Float:
		c.Floats = gather(dict.Floats, codes)
	default:
		c.Ints = gather(dict.Ints, codes)
	}
	return nil
}

// gather returns the values of the dictionary that the codes name. Without a
// dictionary all rows are null.
func gather[T any](dict []T, codes []uint32) []T {
	out := make([]T, len(codes))
	if len(dict) == 0 {
		return out
	}
	for i, code := range codes {
		out[i] = dict[code]
	}
	return out
}

// blank marks the rows as null whose dictionary entry is null.
func blank(c *datasets.Column, coded *array.Dictionary, valid datasets.Bitmap) {
	n := coded.Len()
	if c.Valid == nil {
		c.Valid = datasets.NewBitmap(n)
		for i := range n {
			c.Valid.Set(i)
		}
	}
	for i := range n {
		if coded.IsValid(i) && !valid.Get(coded.GetValueIndex(i)) {
			c.Valid.Clear(i)
		}
	}
}

// integers fills a column that is held as integers.
func (f *field) integers(c *datasets.Column, values arrow.Array) error {
	switch a := values.(type) {
	case *array.Int64:
		c.Ints = owned(a.Int64Values())
	case *array.Timestamp:
		return timestamps(c, a)
	case *array.Int8:
		widen(c, a.Int8Values())
	case *array.Int16:
		widen(c, a.Int16Values())
	case *array.Int32:
		widen(c, a.Int32Values())
	case *array.Uint8:
		widen(c, a.Uint8Values())
	case *array.Uint16:
		widen(c, a.Uint16Values())
	case *array.Uint32:
		widen(c, a.Uint32Values())
	case *array.Uint64:
		widen(c, a.Uint64Values())
		for i, v := range c.Ints {
			if v < 0 && a.IsValid(i) {
				spell(c)
				break
			}
		}
	case *array.Date32:
		widen(c, a.Date32Values())
	case *array.Date64:
		widen(c, a.Date64Values())
		for i, v := range c.Ints {
			c.Ints[i] = floorDiv(v, 86_400_000)
		}
	case *array.Decimal32:
		widen(c, a.Values())
	case *array.Decimal64:
		widen(c, a.Values())
	default:
		return f.others(c, values)
	}
	return nil
}

// others fills a column from arrays with values that are not a whole number of
// bytes, or have more than eight bytes.
func (f *field) others(c *datasets.Column, values arrow.Array) error {
	switch a := values.(type) {
	case *array.Boolean:
		for i := range a.Len() {
			bit := int64(0)
			if a.IsValid(i) && a.Value(i) {
				bit = 1
			}
			c.Ints = append(c.Ints, bit)
		}
	case *array.Decimal128:
		for i, v := range a.Values() {
			low := int64(v.LowBits())
			if v.HighBits() != low>>63 && a.IsValid(i) {
				return fmt.Errorf("row %d: the decimal %s, want one whose digits fit 64 bits; cast it to decimal(18,%d)", i+1, v.ToString(int32(f.Scale)), f.Scale)
			}
			c.Ints = append(c.Ints, low)
		}
	default:
		return fmt.Errorf("arrowio: BUG: integers in %s", values.DataType())
	}
	return nil
}

// owned limits a slice of the batch's memory to its own values, so that no
// append reaches the values of another column.
func owned[T any](s []T) []T { return s[:len(s):len(s)] }

func widen[T ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](c *datasets.Column, values []T) {
	for _, v := range values {
		c.Ints = append(c.Ints, int64(v))
	}
}

// spell turns unsigned numbers, some beyond 63 bits, into texts: such numbers are ids.
func spell(c *datasets.Column) {
	var digits [20]byte
	c.Kind, c.Texts = datasets.Text, datasets.Strings{}
	for _, v := range c.Ints {
		c.Texts.Append(strconv.AppendUint(digits[:0], uint64(v), 10))
	}
	c.Texts.MarkTrimmed()
	c.Ints = c.Ints[:0]
}

// timestamps fills a column with microseconds.
func timestamps(c *datasets.Column, a *array.Timestamp) error {
	values := a.TimestampValues()
	unit := a.DataType().(*arrow.TimestampType).Unit
	switch unit {
	case arrow.Microsecond:
		data := a.Data()
		raw := arrow.Int64Traits.CastFromBytes(data.Buffers()[1].Bytes())
		c.Ints = owned(raw[data.Offset() : data.Offset()+data.Len()])
	case arrow.Nanosecond:
		for _, v := range values {
			c.Ints = append(c.Ints, floorDiv(int64(v), 1000))
		}
	default:
		per := int64(1000)
		if unit == arrow.Second {
			per = 1_000_000
		}
		for i, v := range values {
			if (int64(v) > math.MaxInt64/per || int64(v) < math.MinInt64/per) && a.IsValid(i) {
				return fmt.Errorf("row %d: a timestamp of %d %s, want one that fits 64 bits in microseconds", i+1, v, unit)
			}
			c.Ints = append(c.Ints, int64(v)*per)
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floats(c *datasets.Column, values arrow.Array) error {
	switch a := values.(type) {
	case *array.Float64:
		c.Floats = owned(a.Float64Values())
	case *array.Float32:
		for _, v := range a.Float32Values() {
			c.Floats = append(c.Floats, float64(v))
		}
	case *array.Float16:
		for _, v := range a.Values() {
			c.Floats = append(c.Floats, float64(v.Float32()))
		}
	default:
		return fmt.Errorf("arrowio: BUG: floats in %s", values.DataType())
	}
	return nil
}

var errNotText = errors.New("bytes that are not UTF-8, want text; write the column as text, such as hexadecimal digits")
