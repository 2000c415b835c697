package datasets

import (
	"math/big"
	"strings"
)

// Sum adds up any number of amounts without loss, so that their order does not matter. The
// zero Sum is zero.
type Sum struct {
	part  Money   // below partLimit in magnitude
	whole big.Int // millionths
}

// partLimit leaves room for one more amount, which is below 10^18 millionths.
const partLimit = 1 << 62

// Add adds an amount.
func (s *Sum) Add(m Money) {
	if s.part += m; s.part >= partLimit || s.part <= -partLimit {
		s.flush()
	}
}

func (s *Sum) flush() {
	s.whole.Add(&s.whole, big.NewInt(int64(s.part)))
	s.part = 0
}

// Merge adds another sum, whose value is unchanged.
func (s *Sum) Merge(o *Sum) {
	s.flush()
	o.flush()
	s.whole.Add(&s.whole, &o.whole)
}

// String writes the sum as Money does.
func (s *Sum) String() string {
	s.flush()
	if s.whole.IsInt64() {
		return Money(s.whole.Int64()).String()
	}
	digits := new(big.Int).Abs(&s.whole).String() // more than six, as it fits no int64
	point := len(digits) - 6
	text := digits[:point] + "." + digits[point:]
	for range 3 {
		text = strings.TrimSuffix(text, "0")
	}
	if s.whole.Sign() < 0 {
		text = "-" + text
	}
	return text
}

// Float returns the sum in the currency, rounded to the nearest float64.
func (s *Sum) Float() float64 {
	s.flush()
	if s.whole.IsInt64() {
		return Money(s.whole.Int64()).Float()
	}
	f, _ := new(big.Rat).SetFrac(&s.whole, big.NewInt(int64(Unit))).Float64()
	return f
}

// Millionths returns the sum as a whole number of millionths, which is the caller's.
func (s *Sum) Millionths() *big.Int {
	s.flush()
	return new(big.Int).Set(&s.whole)
}
