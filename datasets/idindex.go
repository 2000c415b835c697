package datasets

import (
	"bytes"

	"github.com/cespare/xxhash/v2"
)

// idIndex numbers ids in the order of first appearance, like an Interner but with
// less memory: beside the id, four bytes for the end of the id and eight to
// sixteen for slots. The price is a look at the id itself, elsewhere in memory,
// for every look-up. The zero idIndex is empty.
type idIndex struct {
	slots []uint32 // open addressing, linear probing, at most half full: number + 1; 0 marks a free slot
	data  []byte
	ends  []uint32 // in data, by number
}

func (x *idIndex) len() int { return len(x.ends) }

func (x *idIndex) at(number uint32) []byte {
	from := uint32(0)
	if number > 0 {
		from = x.ends[number-1]
	}
	return x.data[from:x.ends[number]]
}

// number returns the number of id, and gives a new id the next number.
func (x *idIndex) number(id []byte) (number uint32, isNew bool) {
	if 2*len(x.ends) >= len(x.slots) {
		x.grow()
	}
	slot := x.slot(id)
	if marked := x.slots[slot]; marked != 0 {
		return marked - 1, false
	}
	x.data = append(x.data, id...)
	x.ends = append(x.ends, uint32(len(x.data)))
	x.slots[slot] = uint32(len(x.ends))
	return uint32(len(x.ends) - 1), true
}

// find returns the number of id; false for an unknown id. Several goroutines
// may call find at once.
func (x *idIndex) find(id []byte) (number uint32, found bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	marked := x.slots[x.slot(id)]
	return marked - 1, marked != 0
}

// slot returns where id is marked, or would be.
func (x *idIndex) slot(id []byte) uint64 {
	mask := uint64(len(x.slots) - 1)
	i := xxhash.Sum64(id) & mask
	for x.slots[i] != 0 && !bytes.Equal(x.at(x.slots[i]-1), id) {
		i = (i + 1) & mask
	}
	return i
}

func (x *idIndex) grow() {
	x.slots = make([]uint32, max(1024, 2*len(x.slots)))
	mask := uint64(len(x.slots) - 1)
	for number := range x.ends {
		i := xxhash.Sum64(x.at(uint32(number))) & mask
		for x.slots[i] != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = uint32(number) + 1
	}
}

// bytes returns the memory held, in bytes.
func (x *idIndex) bytes() int64 {
	return 4*int64(cap(x.slots)) + int64(cap(x.data)) + 4*int64(cap(x.ends))
}
