package synth

import "math/bits"

// alias draws an index with given probabilities in constant time, by the method
// of Walker as improved by Vose [1].
//
// [1] M. Vose, "A linear algorithm for generating random numbers with a given
// distribution", IEEE Trans. Softw. Eng. 17(9), 1991, pp. 972–975,
// doi:10.1109/32.92917.
type alias []aliasSlot

type aliasSlot struct {
	keep  uint32 // of 2^32: draws of this slot that stay with it
	other uint32
}

// newAlias makes a table of weights ≥ 0, not all 0.
func newAlias(weights []float64) alias {
	n := len(weights)
	total := 0.0
	for _, w := range weights {
		total += w
	}
	scaled := make([]float64, n)
	var small, large []int
	for i, w := range weights {
		scaled[i] = w * float64(n) / total
		if scaled[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	a := make(alias, n)
	for i := range a {
		a[i] = aliasSlot{1<<32 - 1, uint32(i)}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a[s] = aliasSlot{uint32(min(1<<32-1, scaled[s]*(1<<32))), uint32(l)}
		scaled[l] -= 1 - scaled[s]
		if scaled[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	return a
}

// draw returns an index.
func (a alias) draw(s *stream) int {
	slot, rest := bits.Mul64(s.Uint64(), uint64(len(a)))
	if uint32(rest>>32) < a[slot].keep {
		return int(slot)
	}
	return int(a[slot].other)
}

func mulHigh(a, b uint64) uint64 {
	high, _ := bits.Mul64(a, b)
	return high
}
