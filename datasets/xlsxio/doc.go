// Package xlsxio reads a sheet of an Excel workbook (.xlsx) as a stream: only the texts shared by cells are in memory
// as a whole, never the rows.
//
// Reading happens in two stages, as in csvio: [Reader.Next] cuts the XML of the sheet into blocks of whole rows, and
// the blocks are decoded on any number of goroutines.
//
// # Cells
//
// All columns are texts. A number is written with up to 15 significant digits, like in Excel, without an exponent below
// 10^15. With a number format for a date, a time or both, the text is 2024-01-31, 2024-01-31 10:00:00 or 10:00:00; the
// workbook defines whether days count from 1900 or 1904. A truth value is true or false, an error such as #N/A its
// text. For formulas, the value in the workbook counts. An empty text is a null.
//
// The columns are named by the header, the first non-empty row after the rows to skip. A column without a name is named
// by its letter.
package xlsxio

// The bounds on memory.
const (
	blockSize  = 1 << 20
	maxRow     = 64 << 20 // of the XML of a row
	maxStrings = 1 << 30  // of the texts that cells share
	maxPart    = 64 << 20 // of the XML of the workbook and its styles
	maxDepth   = 100      // of the elements in that XML inside one another
	maxSheets  = 10_000
	maxColumns = 16_384 // that a sheet can have
)

// Options selects the rows to read.
type Options struct {
	Sheet  string   // its name; "": the one visible sheet that has rows
	Header bool     // the first row names the columns
	Names  []string // of the columns, in place of those in the header
	Skip   int      // rows of the sheet before the header or the first row
}
