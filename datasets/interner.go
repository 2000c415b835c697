package datasets

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// Interner numbers texts in the order of first appearance, and holds each text
// once. The zero Interner is empty and ready.
//
// A text of up to eight bytes is held inside its slot, so that a look-up
// touches one cache line; most customer, order and product numbers are so
// short.
type Interner struct {
	slots []slot // open addressing, linear probing, at most three quarters full
	texts Strings
}

// slot holds one text: key is the text itself where n ≤ 8, else its hash.
type slot struct {
	key  uint64
	code uint32
	n    uint32 // length of the text + 1; 0 marks a free slot
}

// Len returns the number of texts.
func (in *Interner) Len() int { return in.texts.Len() }

// Text returns the text numbered code. The bytes belong to the Interner.
func (in *Interner) Text(code uint32) []byte { return in.texts.At(int(code)) }

// Bytes returns the memory held, in bytes.
func (in *Interner) Bytes() int64 {
	return int64(cap(in.slots))*16 + int64(cap(in.texts.Data)) + 8*int64(cap(in.texts.Start))
}

// Reset forgets all texts and releases the memory.
func (in *Interner) Reset() { *in = Interner{} }

// Code returns the number of text, giving a new text the next number.
func (in *Interner) Code(text []byte) uint32 {
	n := uint32(len(text)) + 1
	key, short := PackText(text)
	if !short {
		key = xxhash.Sum64(text)
	}
	if 4*in.texts.Len() >= 3*len(in.slots) {
		in.grow()
	}
	mask := uint64(len(in.slots) - 1)
	for i := mix(key, n) & mask; ; i = (i + 1) & mask {
		s := &in.slots[i]
		if s.key == key && s.n == n && (short || bytes.Equal(in.texts.At(int(s.code)), text)) {
			return s.code
		}
		if s.n == 0 {
			*s = slot{key: key, code: uint32(in.texts.Len()), n: n}
			in.texts.Append(text)
			return s.code
		}
	}
}

// Find returns the number of text; false for an unknown text. Unlike Code, Find
// may be called by several goroutines at once.
func (in *Interner) Find(text []byte) (code uint32, found bool) {
	if len(in.slots) == 0 {
		return 0, false
	}
	n := uint32(len(text)) + 1
	key, short := PackText(text)
	if !short {
		key = xxhash.Sum64(text)
	}
	mask := uint64(len(in.slots) - 1)
	for i := mix(key, n) & mask; ; i = (i + 1) & mask {
		s := &in.slots[i]
		if s.key == key && s.n == n && (short || bytes.Equal(in.texts.At(int(s.code)), text)) {
			return s.code, true
		}
		if s.n == 0 {
			return 0, false
		}
	}
}

// Codes sets dst[i] to the code of text i of texts, for each i of rows, as Code
// does; to NoCode where the text is empty.
func (in *Interner) Codes(dst []uint32, texts *Strings, rows []uint32) {
	for _, i := range rows {
		text := texts.At(int(i))
		if len(text) == 0 {
			dst[i] = NoCode
			continue
		}
		key, short := PackText(text)
		if n := uint32(len(text)) + 1; short && len(in.slots) > 0 {
			if s := &in.slots[mix(key, n)&uint64(len(in.slots)-1)]; s.key == key && s.n == n { // as a rule
				dst[i] = s.code
				continue
			}
		}
		dst[i] = in.Code(text)
	}
}

// grow makes room: four times as much while the table is small, twice later.
func (in *Interner) grow() {
	old := in.slots
	factor := 4
	if len(old) >= 1<<18 {
		factor = 2
	}
	in.slots = make([]slot, max(1024, factor*len(old)))
	mask := uint64(len(in.slots) - 1)
	for _, s := range old {
		if s.n == 0 {
			continue
		}
		i := mix(s.key, s.n) & mask
		for in.slots[i].n != 0 {
			i = (i + 1) & mask
		}
		in.slots[i] = s
	}
}

func mix(key uint64, n uint32) uint64 {
	hi, lo := bits.Mul64(key^uint64(n)*0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

// PackText returns a text of up to eight bytes as one number, its first byte
// the most significant, so that numbers compare like the texts. The result is
// false for a longer text, and for a text with a zero byte at the end, which
// padding would hide; the number then holds the first eight bytes.
func PackText(text []byte) (key uint64, short bool) {
	n := len(text)
	switch {
	case n > 8:
		return binary.BigEndian.Uint64(text), false
	case n >= 4: // two halves that may overlap
		key = uint64(binary.BigEndian.Uint32(text))<<32 | uint64(binary.BigEndian.Uint32(text[n-4:]))<<(8*(8-uint(n)))
	case n == 0:
		return 0, true
	default:
		key = uint64(text[0])<<56 | uint64(text[n/2])<<(56-8*uint(n/2)) | uint64(text[n-1])<<(56-8*uint(n-1))
	}
	return key, text[n-1] != 0
}

// UnpackText appends to dst the text that PackText made key from.
func UnpackText(dst []byte, key uint64) []byte {
	for key != 0 {
		dst = append(dst, byte(key>>56))
		key <<= 8
	}
	return dst
}
