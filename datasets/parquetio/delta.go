package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

var errDelta = errors.New("damaged differences")

// deltas fills dst with the numbers of a DELTA_BINARY_PACKED sequence of exactly
// len(dst) numbers, and returns the bytes behind it.
func deltas(dst []int64, src []byte) ([]byte, error) {
	var head [4]uint64 // numbers of a block, miniblocks of a block, numbers in all, the first number
	for i := range head {
		v, n := binary.Uvarint(src)
		if n <= 0 {
			return nil, errDelta
		}
		head[i], src = v, src[n:]
	}
	block, minis, total := head[0], head[1], head[2]
	if total != uint64(len(dst)) {
		return nil, fmt.Errorf("%d values, want %d", total, len(dst))
	}
	if minis == 0 || block > 1<<20 || block%minis != 0 || block/minis%8 != 0 || block == 0 {
		return nil, fmt.Errorf("%w: blocks of %d in %d", errDelta, block, minis)
	}
	if total == 0 {
		return src, nil
	}
	last := unzigzag(head[3])
	dst[0] = last
	dst = dst[1:]
	for len(dst) > 0 {
		var err error
		if dst, src, last, err = deltaBlock(dst, src, last, int(block/minis), int(minis)); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// deltaBlock fills the beginning of dst from one block of minis miniblocks of
// size numbers, and returns the remainders of dst and src, and the last number.
func deltaBlock(dst []int64, src []byte, last int64, size, minis int) ([]int64, []byte, int64, error) {
	zigzag, n := binary.Uvarint(src)
	if n <= 0 || len(src) < n+minis {
		return nil, nil, 0, errDelta
	}
	least := unzigzag(zigzag)
	widths := src[n : n+minis]
	src = src[n+minis:]
	for _, width := range widths {
		if len(dst) == 0 {
			break // the remaining miniblocks have no bytes
		}
		if width > 64 {
			return nil, nil, 0, fmt.Errorf("%w of %d bits", errDelta, width)
		}
		count := min(size, len(dst))
		if len(src) < (count*int(width)+7)/8 {
			return nil, nil, 0, errTooFew
		}
		unpack(dst[:count], src, int(width))
		for i, d := range dst[:count] {
			last += least + d
			dst[i] = last
		}
		dst = dst[count:]
		src = src[min(len(src), size*int(width)/8):]
	}
	return dst, src, last, nil
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// deltaLengths appends n texts with all lengths before the texts. lengths has
// capacity for n numbers.
func deltaLengths(dst *datasets.Strings, src []byte, lengths []int64) error {
	src, err := deltas(lengths, src)
	if err != nil {
		return err
	}
	base, err := room(dst, len(src))
	if err != nil {
		return err
	}
	dst.Data = append(dst.Data, src...)
	at := 0
	for _, n := range lengths {
		if n < 0 || n > int64(len(src)-at) {
			return errTooFew
		}
		dst.Start = append(dst.Start, uint32(base+at))
		at += int(n)
		dst.End = append(dst.End, uint32(base+at))
	}
	return nil
}

// deltaTexts appends texts that each share a prefix with the text before.
func deltaTexts(dst *datasets.Strings, src []byte, prefixes, suffixes []int64) error {
	src, err := deltas(prefixes, src)
	if err != nil {
		return err
	}
	if src, err = deltas(suffixes, src); err != nil {
		return err
	}
	left := int64(16<<20 + 256*len(src)) // prefixes of prefixes can make much of a few bytes
	before, end := 0, 0                  // the text before, in dst.Data
	for i, prefix := range prefixes {
		suffix := suffixes[i]
		if prefix < 0 || prefix > int64(end-before) || suffix < 0 || suffix > int64(len(src)) {
			return errTooFew
		}
		if left -= prefix + suffix; left < 0 {
			return fmt.Errorf("%w: prefixes of prefixes make too much text", errDelta)
		}
		base, err := room(dst, int(prefix+suffix))
		if err != nil {
			return err
		}
		dst.Data = append(dst.Data, dst.Data[before:before+int(prefix)]...)
		dst.Data = append(dst.Data, src[:suffix]...)
		src = src[suffix:]
		before, end = base, len(dst.Data)
		dst.Start = append(dst.Start, uint32(before))
		dst.End = append(dst.End, uint32(end))
	}
	return nil
}

// maxText is the most bytes of text that a column of a frame may hold.
const maxText = 1 << 30

// room returns the length of the texts so far, if n more bytes fit.
func room(dst *datasets.Strings, n int) (int, error) {
	if n > maxText-len(dst.Data) {
		return 0, fmt.Errorf("more than %d bytes of text within %d rows; write the file with smaller row groups", maxText, dst.Len()+1)
	}
	return len(dst.Data), nil
}
