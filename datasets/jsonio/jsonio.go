// Package jsonio reads JSON lines: an object in each line, as .jsonl and .ndjson files have them, compressed or not.
//
// Reading happens in two stages, as in csvio: [Reader.Next] cuts the file into blocks of whole lines, and the blocks are
// decoded on any number of goroutines.
//
// # Columns
//
// A column is a leaf of the objects. One that is nested goes by the names on its way, joined by points: customer.id.
// Columns are those of the first lines, up to 4 MiB or 20,000 lines, in the order in which they first occur. A list, and
// an object where other lines have a leaf, is the text of its JSON.
//
// All columns are texts. A number is written as in the file, without zeros at the end of its decimal places; the columns
// that hold numbers alone, as far as the first lines tell, have Field.Plain.
//
// # Syntax
//
// A line is what encoding/json accepts, but for texts that are not UTF-8, which are a fault here. Where a name stands
// twice in an object, the last counts. Empty lines are no rows. A line that is no object is a fault, and costs one line.
package jsonio

// The bounds on memory.
const (
	blockSize   = 1 << 20
	maxLine     = 16 << 20
	sampleBytes = 4 << 20
	sampleLines = 20_000
	maxColumns  = 10_000
	maxDepth    = 1000 // of objects and lists inside one another
)
