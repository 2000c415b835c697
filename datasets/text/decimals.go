package text

import (
	"encoding/binary"
	"math/bits"
)

// The parsers of whole columns take eight bytes of a text as one number and
// treat all of them at once. Against a loop over bytes they need a quarter of
// the time. They know only the usual forms and leave every other to the parser
// of one text.

const (
	ones  = 0x0101010101010101
	high  = 0x8080808080808080
	zeros = ones * '0'
	// notDigit, added to the value of a digit, sets the high bit if it is above 9.
	notDigit = 0x76
)

// Decimals reads a column of numbers as ParseDecimal does without thousands: text
// i, data[start[i]:end[i]], becomes dst[i] millionths. It stops at the first text
// that is not of the usual form, perhaps a minus and up to eight bytes with no
// exponent and no more than six decimal places, and returns its index: what that
// text means, if anything, ParseDecimal tells. If there is none it returns
// len(dst).
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
