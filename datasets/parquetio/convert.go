package parquetio

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// integers fills dst with values of the column, in the unit used in frames.
func (c *column) integers(dst []int64, encoding format.Encoding, data []byte) error {
	switch c.physical {
	case format.Int96, format.ByteArray, format.FixedLenByteArray:
		return c.integersOfBytes(dst, encoding, data)
	}
	var err error
	switch encoding {
	case format.Plain:
		err = plainInts(dst, data, c.physical)
	case format.RLE:
		err = c.booleans(dst, data)
	case format.DeltaBinaryPacked:
		_, err = deltas(dst, data)
		if c.physical == format.Int32 {
			for i, v := range dst {
				dst[i] = int64(int32(v))
			}
		}
	case format.ByteStreamSplit:
		if data, err = c.unsplit(data, len(dst), c.leaf.width); err == nil {
			err = plainInts(dst, data, c.physical)
		}
	default:
		err = errors.New("cannot be read for integers")
	}
	if err != nil {
		return err
	}
	return c.scaled(dst)
}

// booleans fills dst from runs of bits with the length before the bits.
func (c *column) booleans(dst []int64, data []byte) error {
	if c.physical != format.Boolean || len(data) < 4 {
		return errTooFew
	}
	c.indexes = resized(c.indexes, len(dst))
	if err := hybrid(c.indexes, data[4:], 1); err != nil {
		return err
	}
	for i, bit := range c.indexes {
		dst[i] = int64(bit)
	}
	return nil
}

// scaled turns stored integers into those of frames, in place.
func (c *column) scaled(values []int64) error {
	switch {
	case c.unsigned && c.physical == format.Int32:
		for i, v := range values {
			values[i] = int64(uint32(v))
		}
	case c.unsigned: // deliver spells those that do not fit 63 bits
	case c.per < 0:
		for i, v := range values {
			if v > math.MaxInt64/-c.per || v < math.MinInt64/-c.per {
				return errors.New("a timestamp in milliseconds that is too far away, want one that fits 64 bits in microseconds")
			}
			values[i] = v * -c.per
		}
	case c.per > 1:
		for i, v := range values {
			values[i] = floorDiv(v, c.per)
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// integersOfBytes fills dst with decimals or timestamps that are stored as
// bytes.
func (c *column) integersOfBytes(dst []int64, encoding format.Encoding, data []byte) error {
	c.raw.Reset()
	if err := c.bytesOf(&c.raw, encoding, data, len(dst)); err != nil {
		return err
	}
	for i := range dst {
		b := c.raw.At(i)
		if c.physical == format.Int96 {
			v, err := int96(b)
			if err != nil {
				return err
			}
			dst[i] = v
			continue
		}
		v, ok := bigEndian(b)
		if !ok {
			return fmt.Errorf("a decimal of %d bytes that does not fit 64 bits, against the column's statistics", len(b))
		}
		dst[i] = v
	}
	return nil
}

// int96 returns the timestamp of a Julian day and the nanoseconds within it.
func int96(b []byte) (int64, error) {
	const epoch = 2440588 // the Julian day of 1970-01-01
	nanos := int64(binary.LittleEndian.Uint64(b))
	day := int64(int32(binary.LittleEndian.Uint32(b[8:]))) - epoch
	within := floorDiv(nanos, 1000)
	const most = math.MaxInt64 / 86_400_000_000
	if day > most-1 || day < -most+1 || within > 2*86_400_000_000 || within < -86_400_000_000 {
		return 0, errors.New("a timestamp by Julian day that is too far away, want one that fits 64 bits in microseconds")
	}
	return day*86_400_000_000 + within, nil
}

// reals fills dst with floats.
func (c *column) reals(dst []float64, encoding format.Encoding, data []byte) error {
	switch encoding {
	case format.Plain:
		return plainFloats(dst, data, c.physical)
	case format.ByteStreamSplit:
		data, err := c.unsplit(data, len(dst), c.leaf.width)
		if err != nil {
			return err
		}
		return plainFloats(dst, data, c.physical)
	}
	return errors.New("cannot be read for floats")
}

// decodeTexts appends n texts to dst.
func (c *column) decodeTexts(dst *datasets.Strings, encoding format.Encoding, data []byte, n int) error {
	if c.uuid || c.decimalText {
		c.raw.Reset()
		if err := c.bytesOf(&c.raw, encoding, data, n); err != nil {
			return err
		}
		if _, err := room(dst, 48*n+len(c.raw.Data)*3); err != nil {
			return err
		}
		for i := range n {
			if c.uuid {
				appendUUID(dst, c.raw.At(i))
			} else {
				dst.Append(decimalText(c.raw.At(i), c.places))
			}
		}
		return nil
	}
	from, bytes := dst.Len(), len(dst.Data)
	if err := c.bytesOf(dst, encoding, data, n); err != nil {
		return err
	}
	return checkTexts(dst.Data[bytes:], dst, from)
}

// checkTexts checks that the texts from from on, all within data, are UTF-8.
func checkTexts(data []byte, texts *datasets.Strings, from int) error {
	if isASCII(data) {
		return nil
	}
	for i := from; i < texts.Len(); i++ {
		if !utf8.Valid(texts.At(i)) {
			return errors.New("bytes that are not UTF-8, want text; write the column as text, such as hexadecimal digits")
		}
	}
	return nil
}

func isASCII(b []byte) bool {
	for len(b) >= 32 {
		s := b[:32:32]
		all := binary.LittleEndian.Uint64(s) | binary.LittleEndian.Uint64(s[8:]) | binary.LittleEndian.Uint64(s[16:]) | binary.LittleEndian.Uint64(s[24:])
		if all&0x8080808080808080 != 0 {
			return false
		}
		b = b[32:]
	}
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, x := range b {
		if x >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// bytesOf appends n values that are stored as bytes to dst.
func (c *column) bytesOf(dst *datasets.Strings, encoding format.Encoding, data []byte, n int) error {
	fixed := c.physical != format.ByteArray
	switch {
	case encoding == format.Plain && fixed:
		return fixedBytes(dst, data, n, c.leaf.width)
	case encoding == format.Plain:
		return plainBytes(dst, data, n)
	case encoding == format.ByteStreamSplit && fixed:
		data, err := c.unsplit(data, n, c.leaf.width)
		if err != nil {
			return err
		}
		return fixedBytes(dst, data, n, c.leaf.width)
	case encoding == format.DeltaLengthByteArray && !fixed:
		c.lengths = resized(c.lengths, n)
		return deltaLengths(dst, data, c.lengths)
	case encoding == format.DeltaByteArray:
		c.lengths = resized(c.lengths, 2*n)
		from := dst.Len()
		if err := deltaTexts(dst, data, c.lengths[:n], c.lengths[n:]); err != nil {
			return err
		}
		for i := from; fixed && i < dst.Len(); i++ {
			if int(dst.End[i]-dst.Start[i]) != c.leaf.width {
				return errTooFew
			}
		}
		return nil
	}
	return errors.New("cannot be read for bytes")
}

// unsplit returns n values of width bytes in their plain form.
func (c *column) unsplit(data []byte, n, width int) ([]byte, error) {
	if width == 0 {
		return nil, errors.New("cannot be read for booleans")
	}
	if err := need(data, n, width); err != nil {
		return nil, err
	}
	c.split = resized(c.split, n*width)
	return c.split, unsplit(c.split, data, n, width)
}

// appendUUID appends the text of a UUID, such as
// "123e4567-e89b-12d3-a456-426614174000".
func appendUUID(dst *datasets.Strings, b []byte) {
	var text [36]byte
	at := 0
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:16]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	dst.Append(text[:])
}

// decimalText writes the big-endian two's complement number in b with scale
// decimal places.
func decimalText(b []byte, scale int) []byte {
	v := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	sign := ""
	if v.Sign() < 0 {
		sign = "-"
	}
	digits := v.Abs(v).String()
	if scale == 0 {
		return []byte(sign + digits)
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	point := len(digits) - scale
	return []byte(sign + digits[:point] + "." + digits[point:])
}
