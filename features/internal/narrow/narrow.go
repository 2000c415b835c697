// Package narrow stores columns of numbers in fewer bytes without loss: counts
// and days in 16 bits, amounts of money in 32 bits, all other numbers unchanged.
package narrow

import (
	"math"

	"github.com/quintile-dev/quintile/datasets/offheap"
)

//go:generate sh -c "cd gen && go run . -out ../narrow_amd64.s -stubs ../stub_amd64.go -pkg narrow"

// Form is the stored form of a column. Each column has the first form that
// holds all values; NaN is the least number in the first two forms.
type Form uint8

// The forms.
const (
	Whole      Form = iota // whole numbers of 16 bits
	Hundredths             // whole numbers of hundredths, of 32 bits
	Floats                 // 64 bits
)

// Bits returns the size of a value.
func (f Form) Bits() int { return 16 << f }

// Words returns the number of words that n values take.
func (f Form) Words(n int) int { return (n*f.Bits() + 63) / 64 }

// The marks for NaN.
const (
	noWhole      = math.MinInt16
	noHundredths = math.MinInt32
)

// Pack writes the values to dst, which has a word for each, and returns the form.
// With Floats, the contents of dst are unspecified: the values are used directly.
// Reading back gives the same bits, except the bits of a NaN.
//
// It takes half a nanosecond a value with AVX2 where the values are in the cache,
// and two without.
func Pack(dst []uint64, values []float64) Form {
	if packWhole(offheap.Int16s(dst), values) {
		return Whole
	}
	if packHundredths(offheap.Int32s(dst), values) {
		return Hundredths
	}
	return Floats
}

func packWhole(dst []int16, values []float64) bool {
	done := wholeFast(dst, values)
	values, dst = values[done:], dst[done:]
	for i, v := range values {
		narrowed := int16(noWhole)
		if v == v {
			if !(v > noWhole && v <= math.MaxInt16) {
				return false
			}
			narrowed = int16(v)
			if math.Float64bits(float64(narrowed)) != math.Float64bits(v) {
				return false
			}
		}
		dst[i] = narrowed
	}
	return true
}

func packHundredths(dst []int32, values []float64) bool {
	done := hundredthsFast(dst, values)
	values, dst = values[done:], dst[done:]
	for i, v := range values {
		narrowed := int32(noHundredths)
		if v == v {
			hundredths := math.RoundToEven(v * 100)
			if !(hundredths > noHundredths && hundredths <= math.MaxInt32) {
				return false
			}
			narrowed = int32(hundredths)
			if math.Float64bits(float64(narrowed)/100) != math.Float64bits(v) {
				return false
			}
		}
		dst[i] = narrowed
	}
	return true
}

// Unpack sets dst to the values from index from on of a column in this form.
func (f Form) Unpack(dst []float64, column []uint64, from int) {
	switch f {
	case Whole:
		for i, v := range offheap.Int16s(column)[from:][:len(dst)] {
			dst[i] = float64(v)
			if v == noWhole {
				dst[i] = math.NaN()
			}
		}
	case Hundredths:
		for i, v := range offheap.Int32s(column)[from:][:len(dst)] {
			dst[i] = float64(v) / 100
			if v == noHundredths {
				dst[i] = math.NaN()
			}
		}
	default:
		copy(dst, offheap.Floats(column)[from:])
	}
}
