// Package table defines an output table: columns with a type, a unit and a
// description, and batches of values. The package is used by the formats that
// write tables and by every part with results to publish.
package table

import "fmt"

// Type says how the values of a column are stored in a file to be written.
type Type uint8

// The types of an output column, and their form in other programs.
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

// Column describes one column of a table to be written.
type Column struct {
	Name     string
	Type     Type
	Scale    int  // decimal places of a Decimal, in [0,18]
	UTC      bool // a Timestamp is an instant, not a time on a wall clock
	Nullable bool // the column may hold nulls; a NaN of a float is then written as null

	// Dictionary keeps each distinct text of a row group once: for columns with
	// few distinct values. Beyond a megabyte of texts, the rest is stored
	// plainly.
	Dictionary bool
	// Delta stores the differences of neighbouring integers, days, times or
	// decimals: small and fast to read where neighbours are close, as in
	// sorted columns and ids.
	Delta bool

	Description string // what the column means, in a sentence; kept in the file
	Unit        string // "days", "GBP", or "" where there is none
}
