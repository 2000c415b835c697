package parquetio

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// Type says how the values of a column are stored in a file to be written.
type Type uint8

// The types of a column to be written, and how other programs see them.
const (
	Text      Type = iota // string
	Int32                 // int32
	Int64                 // int64
	Float32               // float
	Float64               // double
	Bool                  // boolean
	Date                  // date: days since 1970-01-01
	Timestamp             // timestamp in microseconds, of a wall clock or, with Column.UTC, an instant
	Decimal               // decimal(18, Column.Scale), from the unscaled integer
	TextList              // list of strings
)

func (t Type) String() string {
	names := [...]string{"text", "int32", "int64", "float32", "float64", "bool", "date", "timestamp", "decimal", "list of texts"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("type(%d)", t)
}

// decimalDigits is the precision of every Decimal column: the most that fits
// into 64 bits, and what readers store as one machine word.
const decimalDigits = 18

// Column describes one column of a file to be written.
type Column struct {
	Name     string
	Type     Type
	Scale    int  // decimal places of a Decimal, in [0,18]
	UTC      bool // a Timestamp is an instant, not a time on a wall clock
	Nullable bool // the column may hold nulls; a NaN of a float is then written as null

	// Dictionary keeps each distinct text of a row group once: for columns
	// with few distinct values. Past a megabyte of them the rest is stored
	// plainly.
	Dictionary bool
	// Delta stores the differences of neighbouring integers, days, times or
	// decimals: small and fast to read where neighbours are close, as in
	// sorted columns and ids.
	Delta bool

	Description string // what the column means, in a sentence; kept in the file
	Unit        string // "days", "GBP", or "" where there is none
}

// columnsKey is the key of the file's metadata under which the descriptions
// stand: one JSON object, from the name of the column to a note.
const columnsKey = "quintile.columns"

// note is what the metadata says about one column.
type note struct {
	Description string `json:"description,omitempty"`
	Unit        string `json:"unit,omitempty"`
}

// notes returns the JSON document of all descriptions, "" if there is none.
func notes(columns []Column) (string, error) {
	all := map[string]note{} // encoding/json sorts the keys
	for _, c := range columns {
		if c.Description != "" || c.Unit != "" {
			all[c.Name] = note{c.Description, c.Unit}
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// validate returns every fault of the columns.
func validate(columns []Column) error {
	if len(columns) == 0 {
		return errors.New("parquetio: got no columns, want at least one")
	}
	var faults []error
	seen := map[string]bool{}
	for i, c := range columns {
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("parquetio: column %d (%q): "+format, append([]any{i + 1, c.Name}, args...)...))
		}
		if c.Name == "" {
			fault("got no name, want one")
		}
		if seen[c.Name] {
			fault("got a name that an earlier column has, want a distinct one")
		}
		seen[c.Name] = true
		if c.Type > TextList {
			fault("got %s, want one of the types of this package", c.Type)
		}
		if c.Type == Decimal && (c.Scale < 0 || c.Scale > decimalDigits) {
			fault("got a scale of %d, want one in [0,%d]", c.Scale, decimalDigits)
		}
		if c.Dictionary && c.Type != Text && c.Type != TextList {
			fault("got a dictionary for %s, want one for texts only", c.Type)
		}
		if c.Delta && c.physical() == nil {
			fault("got delta coding for %s, want it for integers, dates, times and decimals only", c.Type)
		}
	}
	return errors.Join(faults...)
}

// physical returns the integer type in which the column is stored, nil if it is
// not stored as integers.
func (c *Column) physical() parquet.Type {
	switch c.Type {
	case Int32, Date:
		return parquet.Int32Type
	case Int64, Timestamp, Decimal:
		return parquet.Int64Type
	}
	return nil
}

// node returns the schema of the column.
func (c *Column) node() parquet.Node {
	var node parquet.Node
	switch c.Type {
	case Text, TextList:
		node = parquet.String()
	case Date:
		node = parquet.Date()
	case Timestamp:
		node = parquet.TimestampAdjusted(parquet.Microsecond, c.UTC)
	case Decimal:
		node = parquet.Decimal(c.Scale, decimalDigits, parquet.Int64Type)
	case Float32:
		node = parquet.Leaf(parquet.FloatType)
	case Float64:
		node = parquet.Leaf(parquet.DoubleType)
	case Bool:
		node = parquet.Leaf(parquet.BooleanType)
	default:
		node = parquet.Leaf(c.physical())
	}
	switch {
	case c.Dictionary:
		node = parquet.Encoded(node, &parquet.RLEDictionary)
	case c.Delta:
		node = parquet.Encoded(node, &parquet.DeltaBinaryPacked)
	default:
		node = parquet.Encoded(node, &parquet.Plain) // which every reader knows
	}
	if c.Type == TextList {
		node = parquet.List(node)
	}
	if c.Nullable {
		node = parquet.Optional(node)
	}
	return node
}

// schemaOf returns the schema of a file with the columns, in their order.
func schemaOf(columns []Column) *parquet.Schema {
	root := ordered{Group: parquet.Group{}}
	for i := range columns {
		root.Group[columns[i].Name] = columns[i].node()
		root.names = append(root.names, columns[i].Name)
	}
	return parquet.NewSchema("schema", root)
}

// ordered is a group whose fields keep the order in which they were added; the
// library's own group sorts them by name.
type ordered struct {
	parquet.Group
	names []string
}

func (g ordered) Fields() []parquet.Field {
	fields := g.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(g.names, a.Name()) - slices.Index(g.names, b.Name())
	})
	return fields
}
