package parquetio

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/quintile-dev/quintile/datasets/table"
)

// decimalDigits is the precision of every decimal column: the largest for 64
// bits, stored by readers as one machine word.
const decimalDigits = 18

// columnsKey is the key of the file's metadata of the descriptions: one JSON
// object, from the name of the column to a note.
const columnsKey = "quintile.columns"

// note is the entry of one column in the metadata.
type note struct {
	Description string `json:"description,omitempty"`
	Unit        string `json:"unit,omitempty"`
}

// notes returns the JSON document of all descriptions, "" if there is none.
func notes(columns []table.Column) (string, error) {
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
func validate(columns []table.Column) error {
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
		if c.Type > table.TextList {
			fault("got %s, want one of the types of this package", c.Type)
		}
		if c.Type == table.Decimal && (c.Scale < 0 || c.Scale > decimalDigits) {
			fault("got a scale of %d, want one in [0,%d]", c.Scale, decimalDigits)
		}
		if c.Dictionary && c.Type != table.Text && c.Type != table.TextList {
			fault("got a dictionary for %s, want one for texts only", c.Type)
		}
		if c.Delta && physical(&c) == nil {
			fault("got delta coding for %s, want it for integers, dates, times and decimals only", c.Type)
		}
	}
	return errors.Join(faults...)
}

// physical returns the integer type in which the column is stored, nil if the
// column is not stored as integers.
func physical(c *table.Column) parquet.Type {
	switch c.Type {
	case table.Int32, table.Date:
		return parquet.Int32Type
	case table.Int64, table.Timestamp, table.Decimal:
		return parquet.Int64Type
	}
	return nil
}

// node returns the schema of the column.
func node(c *table.Column) parquet.Node {
	var node parquet.Node
	switch c.Type {
	case table.Text, table.TextList:
		node = parquet.String()
	case table.Date:
		node = parquet.Date()
	case table.Timestamp:
		node = parquet.TimestampAdjusted(parquet.Microsecond, c.UTC)
	case table.Decimal:
		node = parquet.Decimal(c.Scale, decimalDigits, parquet.Int64Type)
	case table.Float32:
		node = parquet.Leaf(parquet.FloatType)
	case table.Float64:
		node = parquet.Leaf(parquet.DoubleType)
	case table.Bool:
		node = parquet.Leaf(parquet.BooleanType)
	default:
		node = parquet.Leaf(physical(c))
	}
	switch {
	case c.Dictionary:
		node = parquet.Encoded(node, &parquet.RLEDictionary)
	case c.Delta:
		node = parquet.Encoded(node, &parquet.DeltaBinaryPacked)
	default:
		node = parquet.Encoded(node, &parquet.Plain) // which every reader knows
	}
	if c.Type == table.TextList {
		node = parquet.List(node)
	}
	if c.Nullable {
		node = parquet.Optional(node)
	}
	return node
}

// schemaOf returns the schema of a file with the columns, in their order.
func schemaOf(columns []table.Column) *parquet.Schema {
	root := ordered{Group: parquet.Group{}}
	for i := range columns {
		root.Group[columns[i].Name] = node(&columns[i])
		root.names = append(root.names, columns[i].Name)
	}
	return parquet.NewSchema("schema", root)
}

// ordered is a group whose fields keep the order of their addition; the group
// of the library sorts fields by name.
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
