package pipeline

import (
	"math/big"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// exactSum adds up any number of amounts without loss. The zero exactSum is zero.
type exactSum struct {
	part  datasets.Money // below partLimit in magnitude
	whole big.Int        // millionths
}

// partLimit leaves room for one more amount, which is below 10^18 millionths.
const partLimit = 1 << 62

func (s *exactSum) add(m datasets.Money) {
	if s.part += m; s.part >= partLimit || s.part <= -partLimit {
		s.flush()
	}
}

func (s *exactSum) flush() {
	s.whole.Add(&s.whole, big.NewInt(int64(s.part)))
	s.part = 0
}

// merge adds another sum, which it leaves as it is in value.
func (s *exactSum) merge(o *exactSum) {
	s.flush()
	o.flush()
	s.whole.Add(&s.whole, &o.whole)
}

// String writes the sum as datasets.Money does.
func (s *exactSum) String() string {
	s.flush()
	if s.whole.IsInt64() {
		return datasets.Money(s.whole.Int64()).String()
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
