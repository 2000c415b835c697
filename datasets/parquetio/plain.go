package parquetio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// need returns an error unless src has n values of width bytes.
func need(src []byte, n, width int) error {
	if len(src)/width < n {
		return fmt.Errorf("%w: %d bytes for %d values of %d", errTooFew, len(src), n, width)
	}
	return nil
}

// plainInts fills dst with BOOLEAN, INT32 or INT64 values.
func plainInts(dst []int64, src []byte, physical format.Type) error {
	switch physical {
	case format.Boolean:
		if err := need(src, (len(dst)+7)/8, 1); err != nil {
			return err
		}
		for i := range dst {
			dst[i] = int64(src[i>>3] >> (i & 7) & 1)
		}
	case format.Int32:
		if err := need(src, len(dst), 4); err != nil {
			return err
		}
		for i := range dst {
			dst[i] = int64(int32(binary.LittleEndian.Uint32(src[4*i:])))
		}
	default:
		if err := need(src, len(dst), 8); err != nil {
			return err
		}
		for len(dst) >= 4 && len(src) >= 32 { // four at a time: one check of bounds instead of eight
			d, s := dst[:4:4], src[:32:32]
			d[0] = int64(binary.LittleEndian.Uint64(s[0:]))
			d[1] = int64(binary.LittleEndian.Uint64(s[8:]))
			d[2] = int64(binary.LittleEndian.Uint64(s[16:]))
			d[3] = int64(binary.LittleEndian.Uint64(s[24:]))
			dst, src = dst[4:], src[32:]
		}
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint64(src[8*i:]))
		}
	}
	return nil
}

// plainFloats fills dst with FLOAT or DOUBLE values.
func plainFloats(dst []float64, src []byte, physical format.Type) error {
	if physical == format.Float {
		if err := need(src, len(dst), 4); err != nil {
			return err
		}
		for i := range dst {
			dst[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
		}
		return nil
	}
	if err := need(src, len(dst), 8); err != nil {
		return err
	}
	for len(dst) >= 4 && len(src) >= 32 { // as in plainInts
		d, s := dst[:4:4], src[:32:32]
		d[0] = math.Float64frombits(binary.LittleEndian.Uint64(s[0:]))
		d[1] = math.Float64frombits(binary.LittleEndian.Uint64(s[8:]))
		d[2] = math.Float64frombits(binary.LittleEndian.Uint64(s[16:]))
		d[3] = math.Float64frombits(binary.LittleEndian.Uint64(s[24:]))
		dst, src = dst[4:], src[32:]
	}
	for i := range dst {
		dst[i] = math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:]))
	}
	return nil
}

// plainBytes appends n BYTE_ARRAY values, each after its length.
func plainBytes(dst *datasets.Strings, src []byte, n int) error {
	if err := need(src, n, 4); err != nil {
		return err
	}
	base, err := room(dst, len(src))
	if err != nil {
		return err
	}
	have := dst.Len()
	dst.Start, dst.End = extended(dst.Start, have, n), extended(dst.End, have, n)
	if _, _, err := cutTexts(dst.Start[have:], dst.End[have:], src, 0); err != nil {
		return err
	}
	dst.Data = append(dst.Data, src...)
	for i := have; i < have+n; i++ {
		dst.Start[i] += uint32(base)
		dst.End[i] += uint32(base)
	}
	return nil
}

// cutTexts finds BYTE_ARRAY values in src, from byte at on, each after its
// length: as many as the length of starts and ends, which receive the places of
// the values. The result is the end of the last value, and whether any value
// begins or ends with white space.
func cutTexts(starts, ends []uint32, src []byte, at int) (end int, padded bool, err error) {
	ends = ends[:len(starts)]
	least := byte(0xff) // of the bytes at either end
	for i := range starts {
		if len(src)-at < 4 {
			return 0, false, errTooFew
		}
		length := binary.LittleEndian.Uint32(src[at:])
		at += 4
		if uint64(length) > uint64(len(src)-at) {
			return 0, false, errTooFew
		}
		text := src[at : at+int(length)]
		starts[i] = uint32(at)
		at += len(text)
		ends[i] = uint32(at)
		if len(text) > 0 {
			least = min(least, text[0], text[len(text)-1])
		}
	}
	return at, least <= ' ', nil
}

// fixedBytes appends n values of width bytes.
func fixedBytes(dst *datasets.Strings, src []byte, n, width int) error {
	if err := need(src, n, width); err != nil {
		return err
	}
	src = src[:n*width]
	base, err := room(dst, len(src))
	if err != nil {
		return err
	}
	dst.Data = append(dst.Data, src...)
	for i := range n {
		dst.Start = append(dst.Start, uint32(base+i*width))
		dst.End = append(dst.End, uint32(base+(i+1)*width))
	}
	return nil
}

// unsplit undoes BYTE_STREAM_SPLIT, which stores the first bytes of all n
// values, then all second bytes, and so on. dst has room for n·width bytes.
func unsplit(dst, src []byte, n, width int) error {
	if err := need(src, n, width); err != nil {
		return err
	}
	for b := range width {
		for i, x := range src[b*n : (b+1)*n] {
			dst[i*width+b] = x
		}
	}
	return nil
}
