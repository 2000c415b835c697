package text

import (
	"encoding/binary"
	"math/bits"
)

// The parsers of whole columns take eight bytes of a text as one number and
// treat all of them at once. The parsers need a quarter of the time of a loop
// over bytes. They know only the usual forms; the parser of a single text
// handles all other forms.

const (
	ones  = 0x0101010101010101
	high  = 0x8080808080808080
	zeros = ones * '0'
	// notDigit, added to the value of a digit, sets the high bit if it is above 9.
	notDigit = 0x76
)

// Decimals reads a column of numbers like ParseDecimal without thousands: text i,
// data[start[i]:end[i]], becomes dst[i] millionths. The usual form is an optional
// minus and up to eight bytes, without an exponent and with at most six decimal
// places. Decimals stops at the first text of another form, to be read by
// ParseDecimal, and returns its index, or len(dst) if all texts are usual.
//
// Cost: about 7 ns a text, no allocation.
func Decimals(dst []int64, data []byte, start, end []uint32, decimal byte) int {
	start, end = start[:len(dst)], end[:len(dst)]
	point := ones * uint64(decimal)
	for i := range dst {
		from, to := int(start[i]), int(end[i])
		if from >= to || to < 8 {
			return i
		}
		minus := int64(0)
		if data[from] == '-' {
			minus = -1
			from++
		}
		length := uint64(to - from)
		if length-1 > 7 {
			return i
		}
		// The text, its last byte at the top, with zeros before it.
		w := binary.LittleEndian.Uint64(data[to-8 : to])
		blank := 64 - 8*length
		w = w>>(blank&63)<<(blank&63) | zeros&(1<<(blank&63)-1)
		scale := powers[Scale]
		x := w ^ point
		if at := (x - ones) &^ x & high; at != 0 {
			p := uint64(bits.TrailingZeros64(at)) - 7
			places := (56 - p) / 8
			if places > Scale || length == 1 {
				return i
			}
			scale = powers[Scale-places]
			w = w>>(p&63)>>8<<8<<(p&63) | w&(1<<(p&63)-1)<<8 | '0'
		}
		w ^= zeros
		if (w+ones*notDigit|w)&high != 0 {
			return i
		}
		dst[i] = int64(eightDigits(w)*scale) ^ minus - minus
	}
	return len(dst)
}

// eightDigits returns the number whose digits are the bytes of w, the first the
// least significant byte.
func eightDigits(w uint64) uint64 {
	w = w*10 + w>>8 // pairs, in every other byte
	const every = 0x000000FF000000FF
	return (w&every*(100+1_000_000<<32) + w>>16&every*(1+10_000<<32)) >> 32
}
