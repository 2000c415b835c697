package main

import (
	"encoding/binary"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// longest is the most bytes that one round of the loop writes.
const longest = 32

// The tables lie behind one another: two states of 256 tags each, what the
// shuffler and what the permuter know of offsets, and what the permuter knows of
// lengths.
const (
	entrySize    = 8 // of a tag
	entryBits    = 0 // how many bits of the bytes behind the tag are the offset
	entryLength  = 1 // bytes to be written in this round
	entryMore    = 2 // to be added to the offset
	entryNext    = 4 // where the state of the next round begins
	entryAdvance = 6 // to the next tag

	stateSize = 256 * entrySize

	atShuffles    = 2 * stateSize
	shuffleSize   = 64          // of an offset
	shuffleSecond = longest     // how far the second half of the source is from the first
	shuffleWhole  = longest + 1 // how many bytes come out right at once

	atOffsets = atShuffles + (longest+1)*shuffleSize
	atLengths = atOffsets + (longest+1)*longest
	allTables = atLengths + (longest+1)*longest
)

func tables() operand.Mem {
	all := make([]byte, allTables)
	for state := range 2 {
		for tag := range 256 {
			tagEntry(all[state*stateSize+tag*entrySize:], state, tag)
		}
	}
	for i := range longest + 1 {
		shuffleEntry(all[atShuffles+i*shuffleSize:], i)
		permuteEntry(all[atOffsets+i*longest:], i)
		for j := range longest {
			all[atLengths+i*longest+j] = byte(i + j)
		}
	}
	data := GLOBL("tables", RODATA|NOPTR)
	for at := 0; at < len(all); at += 8 {
		DATA(at, operand.U64(binary.LittleEndian.Uint64(all[at:])))
	}
	return data
}

// tagEntry is what the loop knows of a tag in the first or the second round that
// it gets. Literals longer than a round have no bits and nothing to add: their
// offset is 0, at which the loop ends.
func tagEntry(entry []byte, state, tag int) {
	x := tag >> 2
	var bits, length, more, advance, next int
	switch tag & 3 {
	case 0:
		if x < longest {
			length, more, advance = x+1, longest, x+2
		}
	case 1:
		bits, length, more, advance = 8, x&7+4, x>>3<<8, 2
	case 2:
		bits, length, advance = 16, x+1, 3
	case 3:
		bits, length, advance = 32, x+1, 5
	}
	switch {
	case length > longest && state == 0:
		length, advance, next = longest, 0, stateSize
	case length > longest:
		length -= longest
	}
	entry[entryBits], entry[entryLength], entry[entryAdvance] = byte(bits), byte(length), byte(advance)
	binary.LittleEndian.PutUint16(entry[entryMore:], uint16(more))
	binary.LittleEndian.PutUint16(entry[entryNext:], uint16(next))
}

// shuffleEntry is what the shuffler knows of an offset. Up to 16, both halves come
// from the same 16 bytes.
func shuffleEntry(entry []byte, offset int) {
	near := 0 < offset && offset <= 16
	for i := range longest {
		entry[i] = byte(i % 16)
		if near {
			entry[i] = byte(i % offset)
		}
	}
	entry[shuffleSecond], entry[shuffleWhole] = 16, byte(offset)
	if near {
		entry[shuffleSecond], entry[shuffleWhole] = 0, longest
	}
}

// permuteEntry is where the permuter finds what lies offset bytes back: among the
// 32 bytes written last, or in the 32 behind them, which are those of the source.
func permuteEntry(entry []byte, offset int) {
	for i := range longest {
		entry[i] = byte(longest + i)
		if 0 < offset && offset < longest {
			entry[i] = byte(longest - offset + i%offset)
		}
	}
}
