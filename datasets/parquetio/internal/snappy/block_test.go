package snappy

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// block is a block in the making, and what it expands to.
type block struct{ tokens, want []byte }

// bytes returns the block with its length before it.
func (b *block) bytes() []byte {
	return append(binary.AppendUvarint(nil, uint64(len(b.want))), b.tokens...)
}

// literal appends a literal whose length stands in the given number of bytes
// behind the tag.
func (b *block) literal(data []byte, lengthBytes int) {
	x := len(data) - 1
	if lengthBytes == 0 {
		b.tokens = append(b.tokens, byte(x<<2))
	} else {
		b.tokens = append(b.tokens, byte((59+lengthBytes)<<2))
		for i := range lengthBytes {
			b.tokens = append(b.tokens, byte(x>>(8*i)))
		}
	}
	b.tokens = append(b.tokens, data...)
	b.want = append(b.want, data...)
}

// copy appends a copy whose offset takes 1, 2 or 4 bytes, the first with a few
// bits more, if that form knows the length and the offset.
func (b *block) copy(offset, length, offsetBytes int) bool {
	switch {
	case offset < 1 || offset > len(b.want) || length < 1 || length > 64:
		return false
	case offsetBytes == 1:
		if length < 4 || length > 11 || offset >= 1<<11 {
			return false
		}
		b.tokens = append(b.tokens, byte(1|(length-4)<<2|offset>>8<<5), byte(offset))
	case offsetBytes == 2:
		if offset >= 1<<16 {
			return false
		}
		b.tokens = append(b.tokens, byte(2|(length-1)<<2), byte(offset), byte(offset>>8))
	default:
		b.tokens = append(b.tokens, byte(3|(length-1)<<2))
		b.tokens = binary.LittleEndian.AppendUint32(b.tokens, uint32(offset))
	}
	for range length {
		b.want = append(b.want, b.want[len(b.want)-offset])
	}
	return true
}

// begun returns a block that begins with so many bytes.
func begun(rng *rand.Rand, n int) *block {
	b := new(block)
	b.literal(random(rng, n), 3)
	return b
}

// clone returns a block that can go on by itself.
func (b *block) clone() *block { return &block{slices.Clone(b.tokens), slices.Clone(b.want)} }

// mixed returns a block of so many tokens of all kinds.
func mixed(rng *rand.Rand, tokens int) *block {
	b := begun(rng, 1+rng.IntN(100))
	for range tokens {
		switch offset := 1 + rng.IntN(len(b.want)); rng.IntN(6) {
		case 0:
			b.literal(random(rng, 1+rng.IntN(60)), 0)
		case 1:
			b.literal(random(rng, 1+rng.IntN(200)), 1+rng.IntN(4))
		case 2:
			b.copy(1+rng.IntN(40), 1+rng.IntN(64), 2)
		case 3:
			b.copy(offset, 4+rng.IntN(8), 1)
		case 4:
			b.copy(offset, 1+rng.IntN(64), 2)
		default:
			b.copy(offset, 1+rng.IntN(64), 4)
		}
	}
	return b
}

// random returns n random bytes.
func random(rng *rand.Rand, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return data
}

// sample is data of some kind.
type sample struct {
	name string
	data []byte
}

// samples returns about n bytes of every kind.
func samples(rng *rand.Rand, n int) []sample {
	var runs, rising, prices, words []byte
	vocabulary := make([][]byte, 500)
	for i := range vocabulary {
		vocabulary[i] = random(rng, 2+rng.IntN(12))
		for j := range vocabulary[i] {
			vocabulary[i][j] = 'a' + vocabulary[i][j]%26
		}
	}
	at := uint64(1_500_000_000_000_000)
	for len(runs) < n {
		b := byte(rng.Uint32())
		for range 1 + rng.IntN(300) {
			runs = append(runs, b)
		}
	}
	for len(rising) < n {
		at += uint64(rng.IntN(3)) * 1_000_000
		rising = binary.LittleEndian.AppendUint64(rising, at)
	}
	for len(prices) < n {
		prices = binary.LittleEndian.AppendUint64(prices, uint64(rng.IntN(1+rng.IntN(2000)))*10_000)
	}
	for len(words) < n {
		words = append(append(words, vocabulary[rng.IntN(1+rng.IntN(500))]...), ' ')
	}
	return []sample{{"random", random(rng, n)}, {"runs", runs}, {"rising", rising}, {"prices", prices}, {"words", words}}
}
