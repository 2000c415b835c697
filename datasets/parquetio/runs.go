package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/quintile-dev/quintile/datasets"
)

var errTooFew = errors.New("fewer values than the page says")

// unpack reads len(dst) numbers of width bits each, least significant bit
// first. src holds them all; width is in [0,64].
//
// Several numbers to a load make it three times as fast as one by one.
func unpack[T uint32 | int64](dst []T, src []byte, width int) {
	if width == 0 {
		clear(dst)
		return
	}
	mask := ^uint64(0) >> (64 - width)
	i, bit := 0, 0
	switch {
	case width <= 8: // eight numbers fill width bytes
		for p := 0; i+8 <= len(dst) && p+8 <= len(src); i, p = i+8, p+width {
			v, d := binary.LittleEndian.Uint64(src[p:]), dst[i:i+8:i+8]
			for k := range d {
				d[k] = T(v & mask)
				v >>= width
			}
		}
		bit = i * width
	case width <= 16: // four numbers, after at most four other bits
		for ; i+4 <= len(dst) && bit>>3+8 <= len(src); i, bit = i+4, bit+4*width {
			v, d := binary.LittleEndian.Uint64(src[bit>>3:])>>(bit&7), dst[i:i+4:i+4]
			d[0] = T(v & mask)
			d[1] = T(v >> width & mask)
			d[2] = T(v >> (2 * width) & mask)
			d[3] = T(v >> (3 * width) & mask)
		}
	case width <= 56: // one number, after at most seven other bits
		for ; i < len(dst) && bit>>3+8 <= len(src); i, bit = i+1, bit+width {
			dst[i] = T(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
		}
	}
	for ; i < len(dst); i++ {
		var near [16]byte
		copy(near[:], src[bit>>3:])
		low := binary.LittleEndian.Uint64(near[:]) >> (bit & 7)
		high := binary.LittleEndian.Uint64(near[8:]) << (64 - bit&7)
		dst[i] = T((low | high) & mask)
		bit += width
	}
}

// run is a stretch of the hybrid encoding: count times the same value, or count
// numbers packed in bits.
type run struct {
	count  int
	value  uint32
	packed []byte // nil: value repeats
}

// nextRun cuts the next run, of at most most numbers, from src.
func nextRun(src []byte, width, most int) (r run, rest []byte, err error) {
	head, n := binary.Uvarint(src)
	if n <= 0 {
		return r, nil, errTooFew
	}
	src = src[n:]
	if head>>1 == 0 {
		return r, nil, errors.New("a run of no values")
	}
	if head&1 == 0 {
		size := (width + 7) / 8
		if len(src) < size {
			return r, nil, errTooFew
		}
		var value [4]byte
		copy(value[:], src[:size])
		r.value = binary.LittleEndian.Uint32(value[:])
		r.count = int(min(head>>1, uint64(most)))
		return r, src[size:], nil
	}
	groups := head >> 1 // of eight numbers
	r.count = most
	if groups < uint64(most+7)/8 {
		r.count = int(groups) * 8
	}
	size := (r.count*width + 7) / 8
	if len(src) < size {
		return r, nil, errTooFew
	}
	r.packed = src[:size:size]
	if uint64(len(src)) <= groups*uint64(width) || groups > uint64(len(src)) { // the padding of the last run may be missing
		return r, nil, nil
	}
	return r, src[groups*uint64(width):], nil
}

// hybrid fills dst with numbers of width bits in runs.
func hybrid(dst []uint32, src []byte, width int) error {
	if width > 32 {
		return fmt.Errorf("numbers of %d bits, want at most 32", width)
	}
	if width == 0 {
		clear(dst)
		return nil
	}
	for len(dst) > 0 {
		r, rest, err := nextRun(src, width, len(dst))
		if err != nil {
			return err
		}
		if r.packed != nil {
			unpack(dst[:r.count], r.packed, width)
		} else {
			for i := range dst[:r.count] {
				dst[i] = r.value
			}
		}
		dst, src = dst[r.count:], rest
	}
	return nil
}

// validity sets the first n bits of valid to the definition levels in src, which
// are 0 or 1, and returns how many are 1. valid has room for n bits.
func validity(valid datasets.Bitmap, src []byte, n int) (int, error) {
	clear(valid)
	ones := 0
	for at := 0; at < n; {
		r, rest, err := nextRun(src, 1, n-at)
		if err != nil {
			return 0, err
		}
		switch {
		case r.packed != nil:
			ones += setBits(valid, at, r.packed, r.count)
		case r.value == 1:
			setRange(valid, at, at+r.count)
			ones += r.count
		case r.value > 1:
			return 0, fmt.Errorf("a definition level of %d, want at most 1", r.value)
		}
		at, src = at+r.count, rest
	}
	return ones, nil
}

// setRange sets bits from to to (excluded).
func setRange(b datasets.Bitmap, from, to int) {
	for from < to {
		word, bit := from>>6, from&63
		n := min(64-bit, to-from)
		b[word] |= ^uint64(0) >> (64 - n) << bit
		from += n
	}
}

// setBits copies the first n bits of src to b, from bit at on, whose bits are
// zero, and returns how many are one.
func setBits(b datasets.Bitmap, at int, src []byte, n int) int {
	ones := 0
	for i := 0; i < n; i += 8 {
		x := uint64(src[i>>3])
		if left := n - i; left < 8 {
			x &= 1<<left - 1
		}
		ones += bits.OnesCount64(x)
		word, bit := (at+i)>>6, (at+i)&63
		b[word] |= x << bit
		if over := x >> (64 - bit); bit > 56 && over != 0 {
			b[word+1] |= over
		}
	}
	return ones
}

// copyBits copies n bits of src, from bit from on, to dst, from bit at on, whose
// bits are zero.
func copyBits(dst datasets.Bitmap, at int, src datasets.Bitmap, from, n int) {
	for i := 0; i < n; {
		word, bit := (from+i)>>6, (from+i)&63
		to := (at + i) & 63
		count := min(64-bit, 64-to, n-i)
		dst[(at+i)>>6] |= src[word] >> bit & (^uint64(0) >> (64 - count)) << to
		i += count
	}
}
