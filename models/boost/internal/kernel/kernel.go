// Package kernel holds the inner loops of boosting: adding rows up by the bins of
// their columns, and deriving the logistic loss.
//
// Every function has a pure-Go form that gives the same bits; the tests compare
// them. Tag noasm leaves the assembler out.
package kernel

//go:generate sh -c "cd gen && go run . -out ../kernel_amd64.s -stubs ../stub_amd64.go -pkg kernel"

// Columns is the number of columns whose bins, of a byte each, share a word.
const Columns = 8

// Sums has a sum for each bin of each column of a word.
type Sums [Columns][256]uint64

// Ahead names words to be read soon, one in each of some scattered rows of a
// table: Data[r·Stride] for each r in Rows. Fetching these words while other rows
// are added up hides the latency of memory, a quarter of the time of a fit.
type Ahead struct {
	Data   []uint64
	Rows   []uint32
	Stride int // words a row
}

// Part returns the k-th of n about equal parts.
func (a Ahead) Part(k, n int) Ahead {
	a.Rows = a.Rows[k*len(a.Rows)/n : (k+1)*len(a.Rows)/n]
	return a
}

// Add8 adds values[i] to the bins in words[i·stride], of eight columns.
func Add8(s *Sums, words []uint64, stride int, values []uint64, soon Ahead) {
	if !add8Fast(s, words, stride, values, soon) {
		add8Go(s, words, stride, values)
	}
}

// Add4 is Add8 for the lower four columns only.
func Add4(s *Sums, words []uint64, stride int, values []uint64, soon Ahead) {
	if !add4Fast(s, words, stride, values, soon) {
		add4Go(s, words, stride, values)
	}
}
