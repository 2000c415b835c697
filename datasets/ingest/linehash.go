package ingest

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// key is a hash of 128 bits: different texts have different keys, except with a probability of 10^-20 among a
// billion texts.
type key [2]uint64

// hashBytes returns a hash of a text, the same in every run.
func hashBytes(text []byte) uint64 {
	h := uint64(len(text))
	for ; len(text) >= 8; text = text[8:] {
		h = mix(h, binary.LittleEndian.Uint64(text))
	}
	last := uint64(0)
	for _, b := range text {
		last = last<<8 | uint64(b)
	}
	return mix(h, last)
}

// hashOf returns a hash of the text of row i.
func (w *mapper) hashOf(c *datasets.Column, i uint32) uint64 { return hashBytes(w.textOf(c, i)) }

// with returns the key of the text behind k, followed by a text.
func (k key) with(text []byte) key {
	return key{mix(k[0], hashBytes(text)), secondHash(k[1], text)}
}

// withWord is with for a number.
func (k key) withWord(v uint64) key {
	return key{mix(k[0], v), mix(k[1]^0xA0761D6478BD642F, v)}
}

// secondHash is a hash of a text independent of hashBytes apart from mix: the initial state and the byte order of
// the words differ.
func secondHash(h uint64, text []byte) uint64 {
	h = mix(h^0xE7037ED1A0B428DB, uint64(len(text)))
	for ; len(text) >= 8; text = text[8:] {
		h = mix(h, binary.BigEndian.Uint64(text))
	}
	last := uint64(1)
	for _, b := range text {
		last = last<<8 | uint64(b)
	}
	return mix(h, last)
}

// mix adds a word to a hash.
func mix(h, word uint64) uint64 {
	hi, lo := bits.Mul64(h^word^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return hi ^ lo + bits.RotateLeft64(h, 23)
}

// lineKey returns the key of row i of a batch: made of the order and of every column in use. An amount of a whole order
// is compared as in the file, since it counts in one line only.
func (w *mapper) lineKey(i uint32) key {
	var k key
	for _, c := range []*datasets.Column{w.column(Order), w.column(Customer), w.column(Currency)} {
		if c != nil {
			k = k.with(w.textOf(c, i))
		}
	}
	k = k.withWord(uint64(w.out.Time[i])).withWord(uint64(w.out.Quantity[i])).withWord(uint64(w.asInFile(Amount, w.out.Amount, i)))
	if w.out.Cost != nil {
		k = k.withWord(uint64(w.asInFile(Cost, w.out.Cost, i)))
	}
	if w.out.Discount != nil {
		k = k.withWord(uint64(w.asInFile(Discount, w.out.Discount, i)))
	}
	for _, at := range w.m.dims {
		if at >= 0 {
			k = k.with(w.textOf(&w.frame.Columns[at], i))
		}
	}
	return k
}

// asInFile returns the money of row i, and where it is of a whole order, the money as it stands in the file.
func (w *mapper) asInFile(role Role, money []datasets.Money, i uint32) datasets.Money {
	at, source := w.m.at(role), w.m.source
	if at < 0 || at >= len(w.frame.Before) || !slices.Contains(source.PerOrder, role) {
		return money[i]
	}
	c := &w.frame.Before[at]
	if v, outcome := w.before.readOne(c, int(i), source.formOf(c)); outcome == fits && !source.isAbsent(c, int(i)) {
		return datasets.Money(v)
	}
	return datasets.NoMoney
}
