package parquetio

import (
	"fmt"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// leaf is one flat column of a file: its stored form and its delivered form.
type leaf struct {
	datasets.Field
	index    int // among the column chunks of a row group
	physical format.Type
	width    int // bytes of a value: of a number, or of bytes of fixed length
	optional bool
	unsigned bool
	per      int64 // timestamps in INT64: units in a microsecond or, negative, microseconds in a unit
	uuid     bool

	decimalText bool // a decimal that is delivered as text
	places      int  // its decimal places
}

// Skipped is a column of a file that cannot be delivered.
type Skipped struct {
	Name   string // of a nested column: the names of its levels, joined by dots
	Reason string
}

// leavesOf returns the flat columns of the schema, the columns that are not
// flat, and the number of all column chunks in a row group.
func leavesOf(meta *format.FileMetaData, about map[string]note) (leaves []leaf, skipped []Skipped, chunks int, err error) {
	if len(meta.Schema) == 0 {
		return nil, nil, 0, fmt.Errorf("%w: no schema", errThrift)
	}
	type level struct {
		name string
		left int32 // children to come
	}
	var path []string
	open := []level{{left: meta.Schema[0].NumChildren.V}}
	for i := range meta.Schema[1:] {
		e := &meta.Schema[i+1]
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			return nil, nil, 0, fmt.Errorf("%w: the schema has more columns than it says", errThrift)
		}
		if len(open) > maxThriftDepth {
			return nil, nil, 0, fmt.Errorf("%w: columns nest more than %d deep", errThrift, maxThriftDepth)
		}
		open[len(open)-1].left--
		name := ""
		for _, l := range open[1:] {
			name += l.name + "."
		}
		name += e.Name
		if e.NumChildren.V < 0 || int(e.NumChildren.V) > len(meta.Schema) {
			return nil, nil, 0, fmt.Errorf("%w: column %q has %d children", errThrift, name, e.NumChildren.V)
		}
		if err := contradiction(e); err != nil {
			return nil, nil, 0, fmt.Errorf("column %q: %w", name, err)
		}
		if e.NumChildren.V > 0 {
			open = append(open, level{e.Name, e.NumChildren.V})
			continue
		}
		if !e.Type.Valid {
			skipped = append(skipped, Skipped{name, "an empty group"})
			continue
		}
		path = path[:0]
		for _, l := range open[1:] {
			path = append(path, l.name)
		}
		path = append(path, e.Name)
		if err := checkPlaces(meta, chunks, e, path); err != nil {
			return nil, nil, 0, fmt.Errorf("column %q: %w", name, err)
		}
		l, reason := leafOf(e, chunks, meta)
		switch {
		case len(open) > 1:
			skipped = append(skipped, Skipped{name, "nested"})
		case e.RepetitionType.V == format.Repeated:
			skipped = append(skipped, Skipped{name, "repeated"})
		case reason != "":
			skipped = append(skipped, Skipped{name, reason})
		default:
			l.Name, l.Description = e.Name, about[e.Name].Description
			leaves = append(leaves, l)
		}
		chunks++
	}
	return leaves, skipped, chunks, nil
}

// leafOf says how the values of a column are stored and delivered, or why they
// cannot be.
func leafOf(e *format.SchemaElement, index int, meta *format.FileMetaData) (leaf, string) {
	l := leaf{index: index, physical: e.Type.V, optional: e.RepetitionType.V == format.Optional}
	logical, reason := annotation(e)
	if reason != "" {
		return l, reason
	}
	switch l.physical {
	case format.Boolean:
		l.Kind = datasets.Bool
	case format.Int32, format.Int64:
		l.width = 4
		if l.physical == format.Int64 {
			l.width = 8
		}
		return l.number(logical)
	case format.Int96:
		// Spark and Impala write these; Spark, by far the commonest, writes
		// instants.
		l.Kind, l.width, l.UTC = datasets.Timestamp, 12, true
	case format.Float:
		l.Kind, l.width = datasets.Float, 4
	case format.Double:
		l.Kind, l.width = datasets.Float, 8
	case format.ByteArray, format.FixedLenByteArray:
		if l.physical == format.FixedLenByteArray {
			l.width = int(e.TypeLength.V)
			if l.width < 1 || l.width > 1<<16 {
				return l, fmt.Sprintf("values of %d bytes", l.width)
			}
		}
		return l.bytes(logical, meta)
	default:
		return l, fmt.Sprintf("the unknown type %s", l.physical)
	}
	return l, ""
}

// annotation returns the logical type of a column, in the form that the older
// ConvertedType has been translated to; nil if there is none.
func annotation(e *format.SchemaElement) (format.LogicalTypeValue, string) {
	if e.LogicalType.Value != nil {
		return e.LogicalType.Value, ""
	}
	if !e.ConvertedType.Valid {
		return nil, ""
	}
	unit := func(u format.TimeUnitValue) format.LogicalTypeValue {
		return &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: u}}
	}
	switch e.ConvertedType.V {
	case deprecated.UTF8:
		return new(format.StringType), ""
	case deprecated.Enum:
		return new(format.EnumType), ""
	case deprecated.Json:
		return new(format.JsonType), ""
	case deprecated.Date:
		return new(format.DateType), ""
	case deprecated.Decimal:
		return &format.DecimalType{Scale: e.Scale.V, Precision: e.Precision.V}, ""
	case deprecated.TimestampMillis:
		return unit(new(format.MilliSeconds)), ""
	case deprecated.TimestampMicros:
		return unit(new(format.MicroSeconds)), ""
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return &format.IntType{BitWidth: bitsOf(e.ConvertedType.V)}, ""
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return &format.IntType{BitWidth: bitsOf(e.ConvertedType.V), IsSigned: true}, ""
	}
	return nil, fmt.Sprintf("the legacy type %d", e.ConvertedType.V)
}

// number completes the leaf of a column stored as integers.
func (l leaf) number(logical format.LogicalTypeValue) (leaf, string) {
	switch t := logical.(type) {
	case nil:
		l.Kind = datasets.Int
	case *format.IntType:
		l.Kind, l.unsigned = datasets.Int, !t.IsSigned
	case *format.DateType:
		l.Kind = datasets.Date
	case *format.DecimalType:
		return l.decimal(t, true)
	case *format.TimestampType:
		l.Kind, l.UTC = datasets.Timestamp, t.IsAdjustedToUTC
		switch t.Unit.Value.(type) {
		case *format.MilliSeconds:
			l.per = -1000
		case *format.MicroSeconds:
			l.per = 1
		case *format.NanoSeconds:
			l.per = 1000
		default:
			return l, "a timestamp of unknown unit"
		}
	default:
		return l, fmt.Sprintf("the type %s", logical)
	}
	return l, ""
}

// bytes completes the leaf of a column stored as bytes.
func (l leaf) bytes(logical format.LogicalTypeValue, meta *format.FileMetaData) (leaf, string) {
	switch t := logical.(type) {
	case *format.DecimalType:
		return l.decimal(t, l.fitsInt64(t, meta))
	case *format.UUIDType:
		if l.width != 16 {
			return l, "a UUID that has not 16 bytes"
		}
		l.Kind, l.uuid = datasets.Text, true
		return l, ""
	case nil, *format.StringType, *format.EnumType, *format.JsonType:
		if l.physical == format.FixedLenByteArray {
			return l, fmt.Sprintf("bytes of fixed length %d", l.width)
		}
		l.Kind = datasets.Text
		return l, ""
	}
	return l, fmt.Sprintf("the type %s", logical)
}

func (l leaf) decimal(t *format.DecimalType, fits bool) (leaf, string) {
	if t.Scale < 0 || t.Scale > 76 {
		return l, fmt.Sprintf("a decimal with scale %d", t.Scale)
	}
	l.Kind, l.Scale = datasets.Decimal, int(t.Scale)
	if !fits {
		l.Kind, l.Scale = datasets.Text, 0
		l.decimalText, l.places = true, int(t.Scale)
	}
	return l, ""
}

// fitsInt64 reports whether the unscaled values of a decimal column fit into 64
// bits: because the column has at most 18 digits, or by the statistics of every
// row group, which decoding verifies.
func (l *leaf) fitsInt64(t *format.DecimalType, meta *format.FileMetaData) bool {
	if t.Precision <= decimalDigits {
		return true
	}
	for i := range meta.RowGroups {
		g := &meta.RowGroups[i]
		if l.index >= len(g.Columns) {
			return false
		}
		s := &g.Columns[l.index].MetaData.Statistics
		if s.MinValue == nil && s.MaxValue == nil && s.NullCount == g.NumRows {
			continue
		}
		for _, bound := range [][]byte{s.MinValue, s.MaxValue} {
			if _, ok := bigEndian(bound); !ok || len(bound) == 0 {
				return false
			}
		}
	}
	return true
}

// bigEndian returns the two's complement number in b, and whether it fits.
func bigEndian(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	v := int64(int8(b[0]))
	for _, x := range b[1:] {
		if v > math.MaxInt64>>8 || v < math.MinInt64>>8 {
			return 0, false
		}
		v = v<<8 | int64(x)
	}
	return v, true
}

// names returns the names of the flat columns, for messages.
func names(leaves []leaf) string {
	list := make([]string, len(leaves))
	for i := range leaves {
		list[i] = fmt.Sprintf("%q", leaves[i].Name)
	}
	if len(list) > 20 {
		list = append(slices.Clip(list[:20]), fmt.Sprintf("%d more", len(list)-20))
	}
	return fmt.Sprint(list)
}
