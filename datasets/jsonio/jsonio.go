// Package jsonio reads JSON lines: an object in each line, as in .jsonl and .ndjson files, compressed or not.
//
// Reading happens in two stages, as in csvio: [Reader.Next] cuts the file into blocks of whole lines, and the blocks
// are decoded on any number of goroutines.
//
// # Columns
//
// A column is a leaf of the objects. A nested column is named by the names on its path, joined by points: customer.id.
// Columns are found in the first lines, up to 4 MiB or 20,000 lines, in the order of first occurrence. A list, and an
// object where other lines have a leaf, is the text of its JSON.
//
// All columns are texts. A number is written as in the file, without zeros at the end of its decimal places; columns of
// numbers alone, judged by the first lines, have Field.Plain.
//
// # Syntax
//
// A line is any text accepted by encoding/json, except that texts must be UTF-8. Where a name occurs twice in an
// object, the last value counts. Empty lines are no rows. A line other than an object is a fault, and costs one line.
package jsonio

// The bounds on memory.
const (
	blockSize   = 1 << 20
	maxLine     = 16 << 20
	sampleBytes = 4 << 20
	sampleLines = 20_000
	maxColumns  = 10_000
	maxName     = 4 << 10  // of a column, in bytes: longer names are no columns
	maxNames    = 64 << 20 // of all columns and the ways to them
	maxDepth    = 1000     // of objects and lists inside one another
)
