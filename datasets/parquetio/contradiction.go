package parquetio

import (
	"fmt"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// A footer says many things twice: a column's place in the schema and in each row
// group, its type there and here, its meaning in an old form and in a new one.
// Where the two differ, the footer is damaged, and values would be misread. Such
// files are refused.

// contradiction reports what an element of the schema says against itself.
func contradiction(e *format.SchemaElement) error {
	group := e.NumChildren.Valid && e.NumChildren.V > 0
	switch r := e.RepetitionType; {
	case !r.Valid || r.V < format.Required || r.V > format.Repeated:
		return fmt.Errorf("%w: got no repetition, want required, optional or repeated", errThrift)
	case group && e.Type.Valid:
		return fmt.Errorf("%w: got a type and %d children, want one of the two", errThrift, e.NumChildren.V)
	case !e.NumChildren.Valid && !e.Type.Valid:
		return fmt.Errorf("%w: got neither a type nor children, want one of the two", errThrift)
	case group:
		return nil
	}
	logical := e.LogicalType.Value
	if logical != nil && e.ConvertedType.Valid {
		old := *e
		old.LogicalType.Value = nil
		if before, reason := annotation(&old); reason == "" && !sameMeaning(logical, before, e) {
			return fmt.Errorf("%w: got the type %s beside the older %d, want the same meaning", errThrift, logical, e.ConvertedType.V)
		}
	}
	meaning, reason := annotation(e)
	if e.Type.Valid && reason == "" && !storable(meaning, e.Type.V) {
		return fmt.Errorf("%w: got %s stored as %s", errThrift, meaning, e.Type.V)
	}
	return nil
}

// sameMeaning compares a column's logical type with the older form. Whether a
// timestamp is an instant is left out: the older form cannot tell.
func sameMeaning(logical, older format.LogicalTypeValue, e *format.SchemaElement) bool {
	switch t := logical.(type) {
	case *format.DecimalType:
		old, ok := older.(*format.DecimalType)
		return ok && (!e.Scale.Valid || old.Scale == t.Scale) && (!e.Precision.Valid || old.Precision == t.Precision)
	case *format.IntType:
		old, ok := older.(*format.IntType)
		return ok && old.IsSigned == t.IsSigned && old.BitWidth == t.BitWidth
	case *format.DateType:
		_, ok := older.(*format.DateType)
		return ok
	case *format.TimestampType:
		old, ok := older.(*format.TimestampType)
		return ok && fmt.Sprintf("%T", old.Unit.Value) == fmt.Sprintf("%T", t.Unit.Value)
	case *format.StringType, *format.EnumType, *format.JsonType:
		return isText(older)
	}
	return !isNumber(older) // kinds that are not delivered, or that the older form lacks
}

func isText(t format.LogicalTypeValue) bool {
	switch t.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return true
	}
	return false
}

func isNumber(t format.LogicalTypeValue) bool {
	switch t.(type) {
	case *format.DecimalType, *format.IntType, *format.DateType, *format.TimestampType:
		return true
	}
	return false
}

// storable reports whether values of a meaning can be stored as a physical type.
func storable(meaning format.LogicalTypeValue, physical format.Type) bool {
	const digits32, digits64 = 9, decimalDigits
	switch t := meaning.(type) {
	case *format.DecimalType:
		switch physical {
		case format.Int32:
			return t.Precision <= digits32
		case format.Int64:
			return t.Precision <= digits64
		}
		return physical == format.ByteArray || physical == format.FixedLenByteArray
	case *format.IntType:
		return t.BitWidth <= 32 && physical == format.Int32 || t.BitWidth == 64 && physical == format.Int64
	case *format.DateType:
		return physical == format.Int32
	case *format.TimestampType:
		return physical == format.Int64
	case *format.StringType, *format.EnumType, *format.JsonType:
		return physical == format.ByteArray || physical == format.FixedLenByteArray
	}
	return true
}

// checkPlaces compares column chunk i of each row group with the schema; path
// holds the names of the levels in the schema.
func checkPlaces(meta *format.FileMetaData, i int, e *format.SchemaElement, path []string) error {
	required := len(path) == 1 && e.RepetitionType.V == format.Required
	for g := range meta.RowGroups {
		if i >= len(meta.RowGroups[g].Columns) {
			continue // its number of columns is compared later
		}
		m := &meta.RowGroups[g].Columns[i].MetaData
		fault := func(got, want any) error {
			return fmt.Errorf("%w: row group %d, column chunk %d: got %v, want %v as in the schema", errThrift, g+1, i+1, got, want)
		}
		if meta.RowGroups[g].Columns[i].CryptoMetadata.Value != nil {
			continue // what it says may be encrypted too
		}
		same := len(m.PathInSchema) == len(path)
		for k := 0; same && k < len(path); k++ {
			same = m.PathInSchema[k] == path[k]
		}
		switch {
		case !same:
			return fault(fmt.Sprintf("column %q", []string(m.PathInSchema)), fmt.Sprintf("%q", path))
		case m.Type != e.Type.V:
			return fault("values of type "+m.Type.String(), e.Type.V)
		case required && m.Statistics.NullCount != 0:
			return fault(fmt.Sprintf("%d nulls", m.Statistics.NullCount), "none")
		}
	}
	return nil
}

// bitsOf is the width of the integers that an older type stands for.
func bitsOf(t deprecated.ConvertedType) int8 {
	switch t {
	case deprecated.Int8, deprecated.Uint8:
		return 8
	case deprecated.Int16, deprecated.Uint16:
		return 16
	case deprecated.Int32, deprecated.Uint32:
		return 32
	}
	return 64
}
