package table

import "github.com/quintile-dev/quintile/datasets"

// Values holds the values of one column for the writer. The type of the column
// selects the slice, with one entry per row; the other slices stay nil. Where a
// type allows several slices, any of these will do.
type Values struct {
	Ints     []int64          // Int64, Decimal (unscaled), Timestamp (µs); also Int32, Date, and Bool (0 or 1)
	Int32s   []int32          // Int32, Date
	Floats   []float64        // Float64; also Float32, which rounds them
	Float32s []float32        // Float32
	Bools    []bool           // Bool
	Texts    datasets.Strings // Text
	Strings  []string         // Text
	Codes    []uint32         // Text: row i is Dict.At(Codes[i])
	Dict     datasets.Strings
	Lists    [][]string      // TextList; a nil list is empty, not null
	Valid    datasets.Bitmap // nil: no value is null. The value of a null row is ignored
}

// Rows returns a copy with the rows at the given places, in this order. A dictionary is shared.
func (v *Values) Rows(at []int) Values {
	out := Values{
		Ints: rowsOf(v.Ints, at), Int32s: rowsOf(v.Int32s, at), Floats: rowsOf(v.Floats, at), Float32s: rowsOf(v.Float32s, at),
		Bools: rowsOf(v.Bools, at), Strings: rowsOf(v.Strings, at), Codes: rowsOf(v.Codes, at), Dict: v.Dict, Lists: rowsOf(v.Lists, at),
	}
	if v.Texts.Len() > 0 {
		for _, i := range at {
			out.Texts.Append(v.Texts.At(i))
		}
	}
	if v.Valid != nil {
		out.Valid = datasets.NewBitmap(len(at))
		for k, i := range at {
			if v.Valid.Get(i) {
				out.Valid.Set(k)
			}
		}
	}
	return out
}

// rowsOf returns the values at the given places, nil for no values.
func rowsOf[T any](values []T, at []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(at))
	for k, i := range at {
		out[k] = values[i]
	}
	return out
}

// ValuesOf returns the values of a column of a frame, without a copy.
func ValuesOf(c *datasets.Column) Values {
	return Values{Ints: c.Ints, Floats: c.Floats, Texts: c.Texts, Codes: c.Codes, Dict: c.Dict, Valid: c.Valid}
}
