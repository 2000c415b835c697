package metric

import (
	"iter"
	"math"
)

// keyed is a row number under a key whose unsigned order is the wanted order.
type keyed struct {
	key uint64
	row int32
}

// descending returns the row numbers from the highest score to the lowest;
// equal scores keep their order.
//
// The sort is a radix sort in eight passes of one byte each; a pass over a byte
// common to all keys is left out: 5 to 12 times as fast as
// slices.SortStableFunc on a million scores.
func descending(score []float64) []int32 {
	n := len(score)
	a, b := make([]keyed, n), make([]keyed, n)
	for i, v := range score {
		a[i] = keyed{descendingKey(v), int32(i)}
	}
	for shift := 0; shift < 64; shift += 8 {
		var start [256]int
		for _, k := range a {
			start[byte(k.key>>shift)]++
		}
		if n > 0 && start[byte(a[0].key>>shift)] == n {
			continue
		}
		sum := 0
		for digit, count := range start {
			start[digit] = sum
			sum += count
		}
		for _, k := range a {
			digit := byte(k.key >> shift)
			b[start[digit]] = k
			start[digit]++
		}
		a, b = b, a
	}
	order := make([]int32, n)
	for i, k := range a {
		order[i] = k.row
	}
	return order
}

// descendingKey maps finite numbers to keys of the opposite order. The two
// zeros share a key, since they are the same score.
func descendingKey(v float64) uint64 {
	bits := math.Float64bits(v + 0) // −0 + 0 is 0
	if bits>>63 == 0 {
		return ^(bits | 1<<63)
	}
	return bits
}

// ties yields the half-open ranges of order that hold equal scores, in order.
func ties(score []float64, order []int32) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from := 0; from < len(order); {
			v, to := score[order[from]], from+1
			for to < len(order) && score[order[to]] == v {
				to++
			}
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}
