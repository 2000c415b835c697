package parquetio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// withFooter returns a file with its footer changed.
func withFooter(t *testing.T, data []byte, change func(*format.FileMetaData)) []byte {
	t.Helper()
	meta, err := readFooter(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	change(meta)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), *meta)
	if err != nil {
		t.Fatal(err)
	}
	body := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	out := append(bytes.Clone(data[:body]), footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), magic...)
}

// readWhole reads all columns and returns the first error.
func readWhole(data []byte) error {
	_, err := valuesOf(data)
	return err
}

// valuesOf returns all values, column by column within each part.
func valuesOf(data []byte) (values []any, err error) {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		return nil, err
	}
	var all []int
	for i := range r.Fields() {
		all = append(all, i)
	}
	if err := r.Select(all); err != nil {
		return nil, err
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err == nil {
			err = part.Decode(&frame)
		}
		if err != nil {
			return nil, err
		}
		for i := range frame.Columns {
			for row := range frame.Rows {
				values = append(values, fmt.Sprint(cell(&frame.Columns[i], row)))
			}
		}
	}
}

// TestFootersThatContradictThemselvesAreRefused changes one thing of what a sound
// footer says twice.
func TestFootersThatContradictThemselvesAreRefused(t *testing.T) {
	for _, data := range fixtures(t) {
		if err := readWhole(withFooter(t, data, func(*format.FileMetaData) {})); err != nil {
			t.Fatalf("an unchanged footer: %v", err)
		}
	}
	data := fixtures(t)[0]
	leafAt := func(m *format.FileMetaData, want func(*format.SchemaElement) bool) (schema, chunk int) {
		for i := range m.Schema[1:] {
			e := &m.Schema[i+1]
			if want(e) {
				return i + 1, chunk
			}
			if e.Type.Valid {
				chunk++
			}
		}
		t.Fatal("no such column")
		return 0, 0
	}
	first := func(*format.SchemaElement) bool { return true }
	timestamp := func(e *format.SchemaElement) bool {
		_, ok := e.LogicalType.Value.(*format.TimestampType)
		return ok
	}
	optional := func(e *format.SchemaElement) bool {
		return e.Type.Valid && e.RepetitionType.V == format.Optional && (e.Type.V == format.Int64 || e.Type.V == format.Double)
	}
	f := func(name, want string, change func(*format.FileMetaData)) {
		t.Helper()
		err := readWhole(withFooter(t, data, change))
		var file *datasets.FileError
		if !errors.As(err, &file) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	f("two paths exchanged", "as in the schema", func(m *format.FileMetaData) {
		c := m.RowGroups[0].Columns
		c[0].MetaData.PathInSchema, c[1].MetaData.PathInSchema = c[1].MetaData.PathInSchema, c[0].MetaData.PathInSchema
	})
	f("another name in the schema", "as in the schema", func(m *format.FileMetaData) {
		i, _ := leafAt(m, first)
		m.Schema[i].Name += "x"
	})
	f("another type in the row group", "values of type", func(m *format.FileMetaData) {
		_, c := leafAt(m, optional)
		m.RowGroups[0].Columns[c].MetaData.Type = format.Int96
	})
	f("a type and children", "want one of the two", func(m *format.FileMetaData) {
		i, _ := leafAt(m, first)
		m.Schema[i].NumChildren = thrift.Null[int32]{V: 1, Valid: true}
	})
	f("no repetition", "want required, optional or repeated", func(m *format.FileMetaData) {
		i, _ := leafAt(m, first)
		m.Schema[i].RepetitionType.Valid = false
	})
	f("an unknown repetition", "want required, optional or repeated", func(m *format.FileMetaData) {
		i, _ := leafAt(m, first)
		m.Schema[i].RepetitionType.V = 3
	})
	f("a timestamp of 32 bits", "stored as INT32", func(m *format.FileMetaData) {
		i, c := leafAt(m, timestamp)
		m.Schema[i].Type.V = format.Int32
		for g := range m.RowGroups {
			m.RowGroups[g].Columns[c].MetaData.Type = format.Int32
		}
	})
	f("two meanings", "want the same meaning", func(m *format.FileMetaData) {
		i, _ := leafAt(m, timestamp)
		m.Schema[i].ConvertedType = thrift.Null[deprecated.ConvertedType]{V: deprecated.Date, Valid: true}
	})
	f("nulls of a required column", "nulls, want none", func(m *format.FileMetaData) {
		i, c := leafAt(m, optional)
		m.Schema[i].RepetitionType.V = format.Required
		m.RowGroups[0].Columns[c].MetaData.Statistics.NullCount = 1
	})
}

// TestLevelsAreNeverTakenForValues calls optional columns required: the levels
// before their values would be read as the first of them.
func TestLevelsAreNeverTakenForValues(t *testing.T) {
	tried := 0
	for _, data := range fixtures(t) {
		meta, err := readFooter(bytes.NewReader(data), int64(len(data)), "a.parquet")
		if err != nil {
			t.Fatal(err)
		}
		sound, err := valuesOf(data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range meta.Schema {
			e := &meta.Schema[i]
			if i == 0 || !e.Type.Valid || e.RepetitionType.V != format.Optional {
				continue
			}
			if len(meta.RowGroups) == 0 || meta.NumRows == 0 || nested(meta, i) {
				continue
			}
			tried++
			bad := withFooter(t, data, func(m *format.FileMetaData) {
				m.Schema[i].RepetitionType.V = format.Required
				for g := range m.RowGroups {
					for c := range m.RowGroups[g].Columns {
						m.RowGroups[g].Columns[c].MetaData.Statistics = format.Statistics{}
					}
				}
			})
			// A page of the second version without a null may have no levels at all.
			if got, err := valuesOf(bad); err == nil && !slices.Equal(got, sound) {
				t.Errorf("column %q was read as a required one, with other values", e.Name)
			}
		}
	}
	if tried < 10 {
		t.Errorf("got %d optional columns, want at least 10", tried)
	}
}

// nested reports whether a schema's element is below a group, or the schema has
// groups before it.
func nested(meta *format.FileMetaData, i int) bool {
	for k := 1; k <= i; k++ {
		if !meta.Schema[k].Type.Valid {
			return true
		}
	}
	return false
}
