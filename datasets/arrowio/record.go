package arrowio

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

// RecordBatch views a frame as a record batch. Integers, timestamps, floats,
// codes and validity are not copied, nor are texts stored without gaps; dates,
// decimals, truth values and other texts are copied. The batch is valid as long
// as the frame does not change.
//
// Columns with codes become dictionary arrays, whose dictionaries may hold a
// text twice.
//
// Errors: a date beyond 32 bits; more than 2³¹−1 bytes of text.
func RecordBatch(f *datasets.Frame) (arrow.RecordBatch, error) {
	fields := make([]arrow.Field, len(f.Columns))
	for i := range f.Columns {
		c := &f.Columns[i]
		fields[i] = arrowField(c.Field, c.Kind == datasets.Text && c.Codes != nil)
	}
	return view(f, arrow.NewSchema(fields, nil))
}

// view views a frame as a record batch of the schema, which must have the
// columns of the frame.
func view(f *datasets.Frame, schema *arrow.Schema) (arrow.RecordBatch, error) {
	columns := make([]arrow.Array, len(f.Columns))
	for i := range f.Columns {
		a, err := arrayOf(&f.Columns[i], f.Rows, schema.Field(i).Type)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Columns[i].Name, err)
		}
		defer a.Release()
		columns[i] = a
	}
	return array.NewRecordBatch(schema, columns, int64(f.Rows)), nil
}

// arrowField describes a column; coded texts are dictionary-coded.
func arrowField(f datasets.Field, coded bool) arrow.Field {
	out := arrow.Field{Name: f.Name, Nullable: true}
	if f.Description != "" {
		out.Metadata = arrow.NewMetadata([]string{descriptionKey}, []string{f.Description})
	}
	switch f.Kind {
	case datasets.Text:
		out.Type = arrow.BinaryTypes.String
		if coded {
			out.Type = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
		}
	case datasets.Float:
		out.Type = arrow.PrimitiveTypes.Float64
	case datasets.Decimal:
		const digits = 19 // of an int64
		out.Type = &arrow.Decimal128Type{Precision: int32(min(38, max(digits, f.Scale))), Scale: int32(f.Scale)}
	case datasets.Date:
		out.Type = arrow.FixedWidthTypes.Date32
	case datasets.Timestamp:
		zone := ""
		if f.UTC {
			zone = "UTC"
		}
		out.Type = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: zone}
	case datasets.Bool:
		out.Type = arrow.FixedWidthTypes.Boolean
	default:
		out.Type = arrow.PrimitiveTypes.Int64
	}
	return out
}

// arrayOf views the first rows values of a column as an array of the type.
func arrayOf(c *datasets.Column, rows int, t arrow.DataType) (arrow.Array, error) {
	if c.Kind == datasets.Text {
		return textArray(c, rows, t)
	}
	var data []byte
	switch c.Kind {
	case datasets.Float:
		data = arrow.Float64Traits.CastToBytes(c.Floats[:rows])
	case datasets.Date:
		days := make([]int32, rows)
		for i, v := range c.Ints[:rows] {
			if (v < math.MinInt32 || v > math.MaxInt32) && c.Valid.Get(i) {
				return nil, fmt.Errorf("row %d: got day %d, want one that fits 32 bits", i+1, v)
			}
			days[i] = int32(v)
		}
		data = arrow.Int32Traits.CastToBytes(days)
	case datasets.Decimal:
		wide := make([]decimal128.Num, rows)
		for i, v := range c.Ints[:rows] {
			wide[i] = decimal128.FromI64(v)
		}
		data = arrow.Decimal128Traits.CastToBytes(wide)
	case datasets.Bool:
		bits := datasets.NewBitmap(rows)
		for i, v := range c.Ints[:rows] {
			if v != 0 {
				bits.Set(i)
			}
		}
		data = arrow.Uint64Traits.CastToBytes(bits)
	default: // Int, Timestamp
		data = arrow.Int64Traits.CastToBytes(c.Ints[:rows])
	}
	return made(t, rows, c.Valid, nil, data), nil
}

// textArray views a column of texts. If t is no dictionary type, codes are looked
// up.
func textArray(c *datasets.Column, rows int, t arrow.DataType) (arrow.Array, error) {
	coded, isCoded := t.(*arrow.DictionaryType)
	switch {
	case isCoded && c.Codes != nil:
		dict, err := stringsArray(&c.Dict, c.Dict.Len(), nil)
		if err != nil {
			return nil, err
		}
		defer dict.Release()
		return made(coded, rows, c.Valid, dict.Data(), arrow.Uint32Traits.CastToBytes(c.Codes[:rows])), nil
	case isCoded: // a dictionary of the texts as they come
		dict, err := stringsArray(&c.Texts, rows, nil)
		if err != nil {
			return nil, err
		}
		defer dict.Release()
		codes := make([]int32, rows)
		for i := range codes {
			codes[i] = int32(i)
		}
		return made(coded, rows, c.Valid, dict.Data(), arrow.Int32Traits.CastToBytes(codes)), nil
	case c.Codes != nil:
		texts := datasets.Strings{Data: c.Dict.Data, Start: make([]uint32, rows), End: make([]uint32, rows)}
		for i, code := range c.Codes[:rows] {
			texts.Start[i], texts.End[i] = c.Dict.Start[code], c.Dict.End[code]
		}
		return stringsArray(&texts, rows, c.Valid)
	}
	return stringsArray(&c.Texts, rows, c.Valid)
}

// stringsArray views n texts as an array.
func stringsArray(s *datasets.Strings, n int, valid datasets.Bitmap) (arrow.Array, error) {
	offsets := make([]int32, n+1)
	data := s.Data
	total, together := int64(0), true
	for i := range n {
		together = together && s.Start[i] <= s.End[i] && (i == 0 || s.Start[i] == s.End[i-1])
		if valid.Get(i) {
			total += int64(s.End[i] - s.Start[i])
		}
	}
	if total > math.MaxInt32 || together && n > 0 && s.End[n-1] > math.MaxInt32 {
		return nil, fmt.Errorf("got %d bytes of text, want at most %d; use frames of fewer rows", total, math.MaxInt32)
	}
	switch {
	case n == 0:
	case together:
		offsets[0] = int32(s.Start[0])
		for i := range n {
			offsets[i+1] = int32(s.End[i])
		}
	default:
		data = make([]byte, 0, total)
		for i := range n {
			if valid.Get(i) { // the text of a null row is unspecified
				data = append(data, s.At(i)...)
			}
			offsets[i+1] = int32(len(data))
		}
	}
	return made(arrow.BinaryTypes.String, n, valid, nil, arrow.Int32Traits.CastToBytes(offsets), data), nil
}

// made makes an array of n values from its buffers, without a copy.
func made(t arrow.DataType, n int, valid datasets.Bitmap, dict arrow.ArrayData, data ...[]byte) arrow.Array {
	buffers := []*memory.Buffer{nil}
	nulls := 0
	if valid != nil {
		buffers[0] = memory.NewBufferBytes(arrow.Uint64Traits.CastToBytes(valid))
		nulls = array.UnknownNullCount
	}
	for _, d := range data {
		buffers = append(buffers, memory.NewBufferBytes(d))
	}
	if dict != nil {
		all := array.NewDataWithDictionary(t, n, buffers, nulls, 0, dict.(*array.Data))
		defer all.Release()
		return array.NewDictionaryData(all)
	}
	all := array.NewData(t, n, buffers, nil, nulls, 0)
	defer all.Release()
	return array.MakeFromData(all)
}
