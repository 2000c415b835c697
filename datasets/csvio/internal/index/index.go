// Package index finds the ends of the fields of delimited text with the vector
// instructions of the machine, where available.
package index

//go:generate sh -c "cd gen && go run . -out ../index_amd64.s -stubs ../stub_amd64.go -pkg index"

// Block is the number of bytes that are looked at together.
const Block = 64

// Slack is the capacity that Fields needs in pos beyond the found positions.
const Slack = 16

// Found is what Fields saw.
type Found struct {
	Fields int  // delimiters and newlines, whose positions are written
	Lines  int  // newlines
	Wide   bool // there are bytes beyond ASCII
	Padded bool // white space, or a control character, stands after or before the end of a field
}

// Fields writes to pos the positions of the delimiters and newlines of
// data[from:to]. The range must be whole blocks, at least one; data[:from] ends
// with a block, and data[0] begins a field. On machines without the necessary
// instructions, Fields does nothing and returns false.
func Fields(pos []uint32, data []byte, from, to int, delim, newline byte) (f Found, ok bool) {
	if !Fast() {
		return f, false
	}
	edge := uint64(1)
	if from > 0 {
		edge = 0
		switch c := data[from-1]; {
		case c == delim || c == newline:
			edge = 1
		case c <= ' ':
			edge = 2
		}
	}
	_, _ = pos[to-from+Slack-1], data[to-1]
	f.Fields, f.Lines, f.Wide, f.Padded = fields(pos, data, from, (to-from)/Block, delim, newline, edge)
	return f, true
}
