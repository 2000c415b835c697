package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio/internal/packed"
)

var errTooFew = errors.New("fewer values than the page says")

// unpack reads len(dst) numbers of width bits each, least significant bit
// first. src holds them all, and may hold more; width is in [0,64].
//
// Several numbers to a load make it three times as fast as in turn.
func unpack[T uint32 | int64](dst []T, src []byte, width int) {
	if width == 0 {
		clear(dst)
		return
	}
	shift := uint(width) & 63 // which spares the check for shifts of 64 and more
	mask := ^uint64(0) >> (64 - width)
	i, bit := 0, 0
	switch {
	case width <= 8: // eight numbers fill width bytes
		for p := 0; i+8 <= len(dst) && p+8 <= len(src); i, p = i+8, p+width {
			v, d := binary.LittleEndian.Uint64(src[p:]), dst[i:i+8:i+8]
			for k := range d {
				d[k] = T(v & mask)
				v >>= shift
			}
		}
		bit = i * width
	case width <= 16: // four numbers, after at most four other bits
		for ; i+4 <= len(dst) && bit>>3+8 <= len(src); i, bit = i+4, bit+4*width {
			v, d := binary.LittleEndian.Uint64(src[bit>>3:])>>(bit&7), dst[i:i+4:i+4]
			d[0] = T(v & mask)
			v >>= shift
			d[1] = T(v & mask)
			v >>= shift
			d[2] = T(v & mask)
			d[3] = T(v >> shift & mask)
		}
	case width <= 28: // two numbers, after at most seven other bits
		for ; i+2 <= len(dst) && bit>>3+8 <= len(src); i, bit = i+2, bit+2*width {
			v, d := binary.LittleEndian.Uint64(src[bit>>3:])>>(bit&7), dst[i:i+2:i+2]
			d[0] = T(v & mask)
			d[1] = T(v >> shift & mask)
		}
	case width <= 56: // one number, likewise
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
	packed []byte // nil: value repeats. May go on behind the run
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
	if len(src) < (r.count*width+7)/8 { // those missing may be padding
		if r.count = len(src) * 8 / width; r.count == 0 {
			return r, nil, errTooFew
		}
	}
	r.packed = src
	if uint64(len(src)) <= groups*uint64(width) || groups > uint64(len(src)) { // the padding of the last run may be missing
		return r, nil, nil
	}
	return r, src[groups*uint64(width):], nil
}

// indexes reads the numbers of a page in the hybrid encoding, some at a time.
type indexes struct {
	src   []byte
	width int
	left  int // numbers of the page that are not in run or ahead
	run   run
	ahead [8]uint32 // unpacked with those before them: packed numbers begin at whole bytes only in eights
	at, n int       // those of ahead that are left
	most  uint32    // the greatest that was read
}

// begin sets x to the beginning of n numbers in src, where the first byte is
// the number of bits per number. Without a first byte there is no number.
func (x *indexes) begin(src []byte, n int) {
	*x = indexes{width: 1, left: n}
	if len(src) > 0 {
		x.width, x.src = int(src[0]), src[1:]
	}
}

// take fills dst with the next numbers.
func (x *indexes) take(dst []uint32) error {
	if x.width > 32 {
		return fmt.Errorf("numbers of %d bits, want at most 32", x.width)
	}
	if x.width == 0 {
		clear(dst)
		return nil
	}
	for len(dst) > 0 {
		if x.at < x.n {
			k := copy(dst, x.ahead[x.at:x.n])
			x.at += k
			dst = dst[k:]
			continue
		}
		if x.run.count == 0 {
			r, rest, err := nextRun(x.src, x.width, x.left)
			if err != nil {
				return err
			}
			x.run, x.src = r, rest
			x.left -= r.count
		}
		k := min(x.run.count, len(dst))
		if x.run.packed == nil {
			for i := range dst[:k] {
				dst[i] = x.run.value
			}
			x.most = max(x.most, x.run.value)
			x.run.count -= k
		} else {
			k = x.unpack(dst, k)
		}
		dst = dst[k:]
	}
	return nil
}

// unpack fills dst with up to k numbers of the packed run, and returns the
// number written. Unless the run ends, this is a multiple of eight; fewer than
// eight numbers are unpacked ahead.
func (x *indexes) unpack(dst []uint32, k int) int {
	if k < x.run.count {
		k &^= 7
	}
	into := dst[:k]
	if k == 0 {
		x.at, x.n = 0, min(8, x.run.count)
		into = x.ahead[:x.n]
	}
	x.most = max(x.most, unpackIndexes(into, x.run.packed, x.width))
	x.run.count -= len(into)
	x.run.packed = x.run.packed[min(len(x.run.packed), len(into)*x.width/8):]
	return k
}

// unpackIndexes is unpack, by vectors as far as they go, and returns the greatest
// of the numbers.
func unpackIndexes(dst []uint32, src []byte, width int) uint32 {
	n, most := packed.Unpack(dst, src, width)
	dst = dst[n:]
	unpack(dst, src[n*width/8:], width)
	return max(most, greatest(dst))
}

// greatest returns the greatest of the numbers, looking at four side by side.
func greatest(numbers []uint32) uint32 {
	var a, b, c, d uint32
	for ; len(numbers) >= 4; numbers = numbers[4:] {
		a, b, c, d = max(a, numbers[0]), max(b, numbers[1]), max(c, numbers[2]), max(d, numbers[3])
	}
	for _, x := range numbers {
		a = max(a, x)
	}
	return max(a, b, c, d)
}

// hybrid fills dst with numbers of width bits in runs.
func hybrid(dst []uint32, src []byte, width int) error {
	x := indexes{src: src, width: width, left: len(dst)}
	return x.take(dst)
}

// levels reads the definition levels of a page, which are 0 or 1, some at a
// time.
type levels struct {
	src  []byte
	left int // those of the page that are not in run
	run  run
	used int // of a packed run, the levels taken
}

// begin sets l to the beginning of n levels in src.
func (l *levels) begin(src []byte, n int) { *l = levels{src: src, left: n} }

// take sets the first n bits of valid to the next levels, and returns the
// number of ones. valid has capacity for n bits; where all levels are 1, valid
// may be left unchanged.
func (l *levels) take(valid datasets.Bitmap, n int) (int, error) {
	if l.run.packed == nil && l.run.value == 1 && l.run.count >= n {
		l.run.count -= n
		return n, nil
	}
	clear(valid)
	ones := 0
	for at := 0; at < n; {
		if l.run.count == 0 {
			r, rest, err := nextRun(l.src, 1, l.left)
			if err != nil {
				return 0, err
			}
			if r.packed == nil && r.value > 1 {
				return 0, fmt.Errorf("a definition level of %d, want at most 1", r.value)
			}
			l.run, l.src, l.used = r, rest, 0
			l.left -= r.count
		}
		k := min(l.run.count, n-at)
		switch {
		case l.run.packed != nil:
			ones += setBits(valid, at, l.run.packed, l.used, k)
			l.used += k
		case l.run.value == 1:
			setRange(valid, at, at+k)
			ones += k
		}
		l.run.count -= k
		at += k
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

// setBits copies n bits of src, from bit from on, to b, from bit at on, where
// the bits of b are zero, and returns the number of ones. src may be longer.
func setBits(b datasets.Bitmap, at int, src []byte, from, n int) int {
	ones := 0
	for n > 0 {
		p, shift := from>>3, from&7
		count := min(n, 56) // what a word holds, whatever the shift
		var x uint64
		if p+8 <= len(src) {
			x = binary.LittleEndian.Uint64(src[p:])
		} else {
			var near [8]byte
			copy(near[:], src[p:])
			x = binary.LittleEndian.Uint64(near[:])
		}
		x = x >> shift & (1<<count - 1)
		ones += bits.OnesCount64(x)
		word, bit := at>>6, at&63
		b[word] |= x << bit
		if over := x >> (64 - bit); over != 0 { // a shift by 64 leaves nothing
			b[word+1] |= over
		}
		from, at, n = from+count, at+count, n-count
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
