package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
)

// damaged returns text as a bad disk, a bad copy or a bad hand would leave it: with one to
// three faults of any kind. By chance the text may be unchanged.
func damaged(text []byte, rng *rand.Rand) []byte {
	text = slices.Clone(text)
	for range 1 + rng.IntN(3) {
		text = damages[rng.IntN(len(damages))](text, rng)
	}
	return text
}

var damages = []func([]byte, *rand.Rand) []byte{
	flipBit, setByte, setByte, truncate, cutOut, twice, insertRandom, overwrite, numberOf, numberOf, swapBytes,
}

// at returns a place in text, and a length of at most limit from there; false where there is
// no room.
func at(text []byte, rng *rand.Rand, limit int) (from, to int, ok bool) {
	if len(text) == 0 {
		return 0, 0, false
	}
	from = rng.IntN(len(text))
	return from, min(len(text), from+1+rng.IntN(limit)), true
}

func flipBit(text []byte, rng *rand.Rand) []byte {
	if from, _, ok := at(text, rng, 1); ok {
		text[from] ^= 1 << rng.IntN(8)
	}
	return text
}

// meaningful are bytes with a meaning in some format.
var meaningful = []byte("\x00\xff\n\r\t \"',;:|-+.0159eE[]{}#&*!%@`\\/=\x80\x7f")

func setByte(text []byte, rng *rand.Rand) []byte {
	if from, _, ok := at(text, rng, 1); ok {
		text[from] = meaningful[rng.IntN(len(meaningful))]
	}
	return text
}

func truncate(text []byte, rng *rand.Rand) []byte {
	from, _, _ := at(text, rng, 1)
	if rng.IntN(2) == 0 { // near the end, where formats have their footers
		from = max(0, len(text)-1-rng.IntN(64))
	}
	return text[:from]
}

func cutOut(text []byte, rng *rand.Rand) []byte {
	from, to, _ := at(text, rng, 200)
	return slices.Delete(text, from, to)
}

func twice(text []byte, rng *rand.Rand) []byte {
	from, to, _ := at(text, rng, 2000)
	return slices.Insert(text, from, bytes.Clone(text[from:to])...)
}

func insertRandom(text []byte, rng *rand.Rand) []byte {
	from, _, _ := at(text, rng, 1)
	noise := make([]byte, 1+rng.IntN(40))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	return slices.Insert(text, from, noise...)
}

func overwrite(text []byte, rng *rand.Rand) []byte {
	from, to, _ := at(text, rng, 64)
	b := []byte{0, 0xff, ' ', '9'}[rng.IntN(4)]
	for i := from; i < to; i++ {
		text[i] = b
	}
	return text
}

// extremes are numbers and times that have broken programs.
var extremes = []string{
	"0", "-1", "-0", "1e308", "-1e-300", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "4294967296",
	"NaN", "Infinity", "1,5", "1.234.567", "0x10", "1_000", "", `""`, "null", "9999-12-31", "0000-00-00", "1970-01-01T00:00:00Z", "2024-02-30",
}

// numberOf puts something else in the place of a number in the text.
func numberOf(text []byte, rng *rand.Rand) []byte {
	from, _, ok := at(text, rng, 1)
	if !ok {
		return text
	}
	isDigit := func(b byte) bool { return b >= '0' && b <= '9' || b == '.' || b == '-' }
	for from < len(text) && !isDigit(text[from]) {
		from++
	}
	to := from
	for to < len(text) && isDigit(text[to]) {
		to++
	}
	return slices.Concat(text[:from], []byte(extremes[rng.IntN(len(extremes))]), text[to:])
}

func swapBytes(text []byte, rng *rand.Rand) []byte {
	if from, _, ok := at(text, rng, 1); ok && from+1 < len(text) {
		text[from], text[from+1] = text[from+1], text[from]
	}
	return text
}
