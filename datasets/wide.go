package datasets

import (
	"math/big"
	"math/bits"
)

// Wide is a sum of amounts or quantities, in millionths, of 128 bits: exact for any number
// of them, and small enough for the cells of a table. The zero Wide is zero.
type Wide struct {
	high int64
	low  uint64
}

// Add adds a number of millionths.
func (w *Wide) Add(v int64) {
	var carry uint64
	w.low, carry = bits.Add64(w.low, uint64(v), 0)
	w.high += v>>63 + int64(carry) // the sign fills the upper half
}

// Merge adds another sum.
func (w *Wide) Merge(o Wide) {
	var carry uint64
	w.low, carry = bits.Add64(w.low, o.low, 0)
	w.high += o.high + int64(carry)
}

// Sign returns −1, 0 or 1.
func (w Wide) Sign() int {
	switch {
	case w.high < 0:
		return -1
	case w.high > 0 || w.low > 0:
		return 1
	}
	return 0
}

// Compare returns −1, 0 or 1 as w is less than, equal to or more than o.
func (w Wide) Compare(o Wide) int {
	switch {
	case w.high < o.high || w.high == o.high && w.low < o.low:
		return -1
	case w == o:
		return 0
	}
	return 1
}

// Millionths returns the sum as a whole number of millionths.
func (w Wide) Millionths() *big.Int {
	v := big.NewInt(w.high)
	v.Lsh(v, 64)
	return v.Add(v, new(big.Int).SetUint64(w.low))
}

// Float returns the sum in units, rounded to the nearest float64.
func (w Wide) Float() float64 {
	if int64(w.low)>>63 == w.high { // it fits 64 bits
		return Money(int64(w.low)).Float()
	}
	f, _ := new(big.Rat).SetFrac(w.Millionths(), big.NewInt(int64(Unit))).Float64()
	return f
}

// String writes the sum as Money does.
func (w Wide) String() string {
	var s Sum
	s.whole.Set(w.Millionths())
	return s.String()
}

// Negated returns the sum with the other sign.
func (w Wide) Negated() Wide {
	low, borrow := bits.Sub64(0, w.low, 0)
	return Wide{high: -w.high - int64(borrow), low: low}
}
