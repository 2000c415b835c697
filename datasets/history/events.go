package history

import "github.com/quintile-dev/quintile/datasets"

// layOut writes the records of keys, in their order, into columns. The orders
// are numbered afterwards.
func (a *assembler) layOut(e datasets.Events, keys []sortKey) datasets.Events {
	l := &a.store.layout
	n := len(keys)
	e.Time, e.Order = resize(e.Time, n), resize(e.Order, n)
	e.Quantity, e.Amount, e.Return = resize(e.Quantity, n), resize(e.Amount, n), resize(e.Return, n)
	if l.columns.Dims[datasets.Product] {
		e.Product = resize(e.Product, n)
	}
	for i, k := range keys {
		record := a.record(k)
		e.Time[i] = k.time
		e.Quantity[i] = datasets.Quantity(record[wordQuantity])
		e.Amount[i] = datasets.Money(record[wordAmount])
		e.Return[i] = record[wordKeys]&returnBit != 0
		if e.Product != nil {
			e.Product[i] = productOf(record)
		}
	}
	for d, h := range l.dims {
		if h < 0 {
			continue
		}
		column := dimension(&e, datasets.Dimension(d))
		*column = resize(*column, n)
		for i, k := range keys {
			(*column)[i] = half(a.record(k), h)
		}
	}
	e.Cost = a.layOutMoney(e.Cost, keys, l.cost)
	e.Discount = a.layOutMoney(e.Discount, keys, l.discount)
	return e
}

func (a *assembler) layOutMoney(dst []datasets.Money, keys []sortKey, word int) []datasets.Money {
	if word < 0 {
		return nil
	}
	dst = resize(dst, len(keys))
	for i, k := range keys {
		dst[i] = datasets.Money(a.record(k)[word])
	}
	return dst
}

func productOf(record []uint64) uint32 {
	if p := uint32(record[wordKeys]) & noProduct; p != noProduct {
		return p
	}
	return datasets.NoCode
}

// dimension returns the column of the events that holds d.
func dimension(e *datasets.Events, d datasets.Dimension) *[]uint32 {
	return [...]*[]uint32{
		&e.Product, &e.Category, &e.Channel, &e.Store,
		&e.Region, &e.Salesperson, &e.Campaign, &e.Description,
	}[d]
}

// numberOrders numbers the orders of one customer by first occurrence: equal
// texts are one order, and lines without an order are one for each time.
func (a *assembler) numberOrders(e *datasets.Events, from, to int, keys []sortKey) {
	next := uint32(0)
	a.seen.reset(to - from)
	var last orderKey
	for i := from; i < to; i++ {
		key := a.orderOf(keys[i])
		if i > from && key == last {
			e.Order[i] = e.Order[i-1]
			continue
		}
		last = key
		e.Order[i] = a.seen.number(key, &next)
	}
}

// numberBaskets numbers the orders of lines without a customer. Lines without
// an order either are no basket: each is an order of its own.
func (a *assembler) numberBaskets(e *datasets.Events, keys []sortKey) {
	next := uint32(0)
	for i := range keys {
		key := a.orderOf(keys[i])
		if i > 0 && (key != a.orderOf(keys[i-1]) || key.missing) {
			next++
		}
		e.Order[i] = next
	}
}

// orderKey identifies an order within a customer.
type orderKey struct {
	word    uint64 // of the text, or the time where there is none
	long    uint32
	missing bool
}

func (a *assembler) orderOf(k sortKey) orderKey {
	key := orderKey{word: k.order}
	if a.long >= 0 {
		key.long = half(a.record(k), a.long)
	}
	if key == (orderKey{}) {
		return orderKey{word: uint64(k.time), missing: true}
	}
	return key
}

// orderTable numbers order keys. A generation count empties it without
// clearing.
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
