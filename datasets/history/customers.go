package history

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// customers numbers the ids of one partition and ranks them. Ids of up to eight
// bytes are words, numbered in order of arrival; longer ids are ranked among
// themselves beforehand.
type customers struct {
	slots []idSlot // open addressing, linear probing, at most half full
	keys  []uint64 // by number
	long  datasets.Strings
	ranks [2][]uint32 // among all ids: of each number, and of each long id
	order []uint64    // scratch: the keys, sorted
}

// idSlot is free where key is 0, which no id is.
type idSlot struct {
	key    uint64
	number uint32
}

// longNumber marks the numbers of long ids.
const longNumber = 1 << 31

const firstSlots = 1 << 11

func (c *customers) reset() {
	c.keys = c.keys[:0]
	c.long.Reset()
	if c.slots == nil {
		c.slots = make([]idSlot, firstSlots)
	}
	clear(c.slots)
}

// number returns the number of a short id.
func (c *customers) number(key uint64) uint32 {
	mask := len(c.slots) - 1
	for i := slotOf(key) & mask; ; i = (i + 1) & mask {
		s := &c.slots[i]
		if s.key == key {
			return s.number
		}
		if s.key == 0 {
			return c.add(key, s)
		}
	}
}

func (c *customers) add(key uint64, free *idSlot) uint32 {
	n := uint32(len(c.keys))
	c.keys = append(c.keys, key)
	*free = idSlot{key, n}
	if 2*len(c.keys) > len(c.slots) {
		c.slots = make([]idSlot, 2*len(c.slots))
		mask := len(c.slots) - 1
		for n, key := range c.keys {
			i := slotOf(key) & mask
			for c.slots[i].key != 0 {
				i = (i + 1) & mask
			}
			c.slots[i] = idSlot{key, uint32(n)}
		}
	}
	return n
}

func slotOf(key uint64) int { return int(key * 0x9E3779B97F4A7C15 >> 32) }

// rank fills dst with all ids in bytewise order, and notes the place of each. A
// short id comes before the long ids with the same word, being their beginning.
func (c *customers) rank(dst *datasets.Strings) {
	dst.Reset()
	c.ranks[0] = resize(c.ranks[0], len(c.keys))
	c.ranks[1] = resize(c.ranks[1], c.long.Len())
	c.order = append(c.order[:0], c.keys...)
	slices.Sort(c.order)
	next := 0
	upTo := func(key uint64) {
		for ; next < c.long.Len(); next++ {
			if first, _ := datasets.PackText(c.long.At(next)); first >= key {
				return
			}
			c.ranks[1][next] = uint32(dst.Len())
			dst.Append(c.long.At(next))
		}
	}
	var text [8]byte
	for _, key := range c.order {
		upTo(key)
		c.ranks[0][c.number(key)] = uint32(dst.Len())
		dst.Append(datasets.UnpackText(text[:0], key))
	}
	for ; next < c.long.Len(); next++ {
		c.ranks[1][next] = uint32(dst.Len())
		dst.Append(c.long.At(next))
	}
}

// rankOf returns the rank of a numbered customer.
func (c *customers) rankOf(number uint32) uint32 {
	if number&longNumber != 0 {
		return c.ranks[1][number&^longNumber]
	}
	return c.ranks[0][number]
}

// textRanks ranks the texts of several sources together.
type textRanks struct {
	refs  []textRef
	ranks [][]uint32 // by source, by number
}

// textRef is a text of one source: the source's index and the text's number.
type textRef struct {
	text   []byte
	key    uint64 // the first eight bytes, as PackText has them
	source int
	number uint32
}

func (t *textRanks) reset() { t.refs, t.ranks = t.refs[:0], t.ranks[:0] }

// source adds n texts, and returns where rank will put their ranks.
func (t *textRanks) source(n int, at func(int) []byte) []uint32 {
	if n == 0 {
		return nil
	}
	for i := range n {
		text := at(i)
		key, _ := datasets.PackText(text)
		t.refs = append(t.refs, textRef{text, key, len(t.ranks), uint32(i)})
	}
	t.ranks = append(t.ranks, make([]uint32, n))
	return t.ranks[len(t.ranks)-1]
}

// rank appends the distinct texts to dst in bytewise order, and notes the place
// of each, counted from base.
func (t *textRanks) rank(dst *datasets.Strings, base uint32) {
	slices.SortFunc(t.refs, func(x, y textRef) int {
		if x.key != y.key {
			return cmp.Compare(x.key, y.key)
		}
		return bytes.Compare(x.text, y.text)
	})
	for i, r := range t.refs {
		if i == 0 || !bytes.Equal(r.text, t.refs[i-1].text) {
			dst.Append(r.text)
		}
		t.ranks[r.source][r.number] = uint32(dst.Len()-1) + base
	}
}
