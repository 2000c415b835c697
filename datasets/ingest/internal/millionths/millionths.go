// Package millionths turns floats into whole numbers of millionths, with the
// vector instructions of the machine where available.
package millionths

import "math"

//go:generate sh -c "cd gen && go run . -out ../millionths_amd64.s -stubs ../stub_amd64.go -pkg millionths"

const (
	micro = 1_000_000
	// rounder, added to a number below 2⁵¹ in size, and taken off again, rounds as
	// math.RoundToEven does.
	rounder = 3 << 51
)

// OfFloats sets dst to the values in millionths, up to the first value that is
// missing, needs more than six decimal places, or is beyond two thousand
// millions. The result is the number of values set; the rest of dst is
// unspecified.
//
// Shape: dst and values have the same length.
func OfFloats(dst []int64, values []float64) int {
	done := 0
	if quads := len(dst) / 4; quads > 0 && Fast() {
		_ = values[4*quads-1]
		done = 4 * ofFloats(dst, values, quads)
	}
	return done + slowly(dst[done:], values[done:])
}

// slowly is OfFloats, in turn.
func slowly(dst []int64, values []float64) int {
	values = values[:len(dst)]
	for i := range dst {
		scaled := values[i] * micro
		whole := float64(scaled+rounder) - rounder
		size := math.Abs(scaled)
		if !(size < 1<<51 && math.Abs(scaled-whole) <= float64(1e-9*size)+1e-6) {
			return i
		}
		dst[i] = int64(whole)
	}
	return len(dst)
}
