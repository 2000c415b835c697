// Package text turns the cells of text files into typed values: integers,
// decimal numbers, and times in strftime notation. The parsers are exact,
// allocate nothing, and take the cell unchanged: the caller trims blanks around
// the text.
package text

// Result says how well a text fits its type.
type Result uint8

// The results of parsing a number.
const (
	Exact     Result = iota // the value is what the text says
	Rounded                 // the text has more decimal places than the value can hold
	TooLarge                // the number does not fit; the value is 0
	NotNumber               // the text is no number; the value is 0
)

func (r Result) String() string {
	return [...]string{"exact", "rounded", "too large", "not a number"}[r]
}
