package csvio

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/quintile-dev/quintile/datasets/csvio/internal/index"
)

// The indexers find the ends of the fields 64 bytes at a time: eight words are
// compared with a character in all their bytes at once, the results packed into
// one bit a byte, and the bits turned into positions. The time is a quarter of
// that of a loop over bytes; the loop remains, in syntax.record, as the oracle
// of the tests. Package index does the same with vectors, three times as fast,
// where available.

const (
	ones = 0x0101010101010101
	low7 = 0x7f7f7f7f7f7f7f7f
	high = 0x8080808080808080
	pack = 0x0002040810204081 // gathers the high bits of eight bytes into the top byte
)

// unlike returns a word with the high bit of every byte of w set unless the
// byte equals the byte of pattern. The other bits are noise.
func unlike(w, pattern uint64) uint64 {
	x := w ^ pattern
	return (x&low7 + low7) | x
}

// matches returns one bit for each of 64 bytes, set if the byte equals the byte
// of pattern.
func matches(p *[64]byte, c uint64) uint64 {
	m := (^unlike(binary.LittleEndian.Uint64(p[0:]), c) & high) * pack >> 56
	m |= (^unlike(binary.LittleEndian.Uint64(p[8:]), c) & high) * pack >> 56 << 8
	m |= (^unlike(binary.LittleEndian.Uint64(p[16:]), c) & high) * pack >> 56 << 16
	m |= (^unlike(binary.LittleEndian.Uint64(p[24:]), c) & high) * pack >> 56 << 24
	m |= (^unlike(binary.LittleEndian.Uint64(p[32:]), c) & high) * pack >> 56 << 32
	m |= (^unlike(binary.LittleEndian.Uint64(p[40:]), c) & high) * pack >> 56 << 40
	m |= (^unlike(binary.LittleEndian.Uint64(p[48:]), c) & high) * pack >> 56 << 48
	return m | (^unlike(binary.LittleEndian.Uint64(p[56:]), c)&high)*pack>>56<<56
}

// indexPlain writes to pos where the delimiters and newlines of data[from:to]
// stand, as if there were no quotes. Data must have zero bytes up to a multiple
// of 64, and pos room for to−from+64 positions. From is a multiple of 64.
func indexPlain(pos []uint32, data []byte, from, to int, delim, newline byte) (f index.Found) {
	if blocks := (to - from) / index.Block; blocks > 0 {
		end := from + blocks*index.Block
		if found, ok := index.Fields(pos, data, from, end, delim, newline); ok {
			f, from = found, end
		}
	}
	if from == to {
		return f
	}
	f.Padded = true // it may be
	f.Lines += bytes.Count(data[from:to], []byte{newline})
	n, wide := indexWords(pos[f.Fields:], data, from, to, delim, newline)
	f.Fields += n
	f.Wide = f.Wide || wide
	return f
}

// indexWords does what index.Fields does on any machine, but for lines and white
// space.
func indexWords(pos []uint32, data []byte, from, to int, delim, newline byte) (n int, wide bool) {
	d, l := ones*uint64(delim), ones*uint64(newline)
	var all uint64
	for ; from < to; from += 64 {
		p := (*[64]byte)(data[from:])
		w0 := binary.LittleEndian.Uint64(p[0:])
		w1 := binary.LittleEndian.Uint64(p[8:])
		w2 := binary.LittleEndian.Uint64(p[16:])
		w3 := binary.LittleEndian.Uint64(p[24:])
		all |= w0 | w1 | w2 | w3
		m := (^(unlike(w0, d) & unlike(w0, l)) & high) * pack >> 56
		m |= (^(unlike(w1, d) & unlike(w1, l)) & high) * pack >> 56 << 8
		m |= (^(unlike(w2, d) & unlike(w2, l)) & high) * pack >> 56 << 16
		m |= (^(unlike(w3, d) & unlike(w3, l)) & high) * pack >> 56 << 24
		w0 = binary.LittleEndian.Uint64(p[32:])
		w1 = binary.LittleEndian.Uint64(p[40:])
		w2 = binary.LittleEndian.Uint64(p[48:])
		w3 = binary.LittleEndian.Uint64(p[56:])
		all |= w0 | w1 | w2 | w3
		m |= (^(unlike(w0, d) & unlike(w0, l)) & high) * pack >> 56 << 32
		m |= (^(unlike(w1, d) & unlike(w1, l)) & high) * pack >> 56 << 40
		m |= (^(unlike(w2, d) & unlike(w2, l)) & high) * pack >> 56 << 48
		m |= (^(unlike(w3, d) & unlike(w3, l)) & high) * pack >> 56 << 56
		n = positions(pos, n, from, m)
	}
	return n, all&high != 0
}

// positions writes the positions of the bits of m, counted from base, to
// pos[n:] and returns the new length. It writes eight at a time whether or not
// there are as many: a branch for each costs more.
func positions(pos []uint32, n, base int, m uint64) int {
	count := bits.OnesCount64(m)
	at := uint32(base)
	for k := 0; k < count; k += 8 {
		p := (*[8]uint32)(pos[n+k:])
		p[0] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[1] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[2] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[3] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[4] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[5] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[6] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
		p[7] = at + uint32(bits.TrailingZeros64(m))
		m &= m - 1
	}
	return n + count
}

// ascii reports whether data hold ASCII only.
func ascii(data []byte) bool {
	var all uint64
	for ; len(data) >= 64; data = data[64:] {
		p := (*[64]byte)(data)
		for i := 0; i < 64; i += 8 {
			all |= binary.LittleEndian.Uint64(p[i : i+8])
		}
	}
	for _, c := range data {
		all |= uint64(c)
	}
	return all&high == 0
}
