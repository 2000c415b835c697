package history

// orderKey identifies an order within a customer: equal texts are one order, and
// lines without an order form one order per time.
type orderKey struct {
	word    uint64 // of the text, or the time where there is none
	long    uint32
	missing bool
}

func (a *assembler) orderKey(s *slip) orderKey {
	long := a.longOrder(s)
	if s.order == 0 && long == noLongOrder {
		return orderKey{word: uint64(s.time), missing: true}
	}
	return orderKey{word: s.order, long: long}
}

// orderTable numbers the orders of one customer by first occurrence. A
// generation count empties the table without clearing.
type orderTable struct {
	slots      []orderSlot // only the first mask+1 are in use, so that few orders stay in cache
	mask       uint64
	generation uint32
}

type orderSlot struct {
	key        orderKey
	generation uint32
	number     uint32
}

func (t *orderTable) reset(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	t.mask = uint64(size - 1)
	if t.generation++; size > len(t.slots) || t.generation == 0 {
		t.slots, t.generation = make([]orderSlot, max(size, len(t.slots))), 1
	}
}

func (t *orderTable) number(key orderKey, next *uint32) uint32 {
	h := (key.word ^ uint64(key.long)<<32) * 0x9E3779B97F4A7C15
	for i := (h >> 20) & t.mask; ; i = (i + 1) & t.mask {
		s := &t.slots[i]
		if s.generation != t.generation {
			*s = orderSlot{key, t.generation, *next}
			*next++
			return s.number
		}
		if s.key == key {
			return s.number
		}
	}
}
