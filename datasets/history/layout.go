package history

import "github.com/quintile-dev/quintile/datasets"

// A line item travels from the file to its customer's bucket in a slip:
// consecutive lines with the same customer, time and order, like the lines of a
// sale. A slip is a run of 64-bit words, a header and then the lines, so that the
// shared values are written, looked up and sorted once. Slips are scattered and
// spilled instead of columns: scattering a slip touches only one place in memory,
// and a spilled bucket is one read.
//
//	header time in seconds (40 bits, biased) · flags (8) · number of lines (16)
//	       customer: the id from PackText, or the number of a long id in the partition
//	       the time, if not a whole second, or too far off
//	       number of the long order, if any
//	       the first eight bytes of the order's text, from PackText
//	line   the common parts, in one to three words: see pack.go
//	       then 32-bit halves: each mapped dimension but product
//	       then cost and discount, a word each, where mapped
const (
	headInfo = iota
	headCustomer
	headWords = 3 // as a rule
	mostHead  = 5
)

// The words before the lines, counted back from the first line.
const (
	backOrder = 1
	backLong  = 2
)

// The parts of headInfo.
const (
	linesMask    = 1<<16 - 1
	freshBit     = 1 << 16 // the lines are not in the kept history yet
	longIDBit    = 1 << 17 // the customer is a number
	anonymousBit = 1 << 18 // there is no customer
	longOrderBit = 1 << 19 // the order has a number
	exactTimeBit = 1 << 20 // the time has a word of its own
	formShift    = 21      // two bits: the form of the lines
	secondsShift = 24
	secondsBias  = 1 << 39
)

// noLongOrder is the number of a long order where the order fits its word.
const noLongOrder = 0

// layout places the optional columns of a line.
type layout struct {
	columns  datasets.Columns
	rest     int                  // optional words of a line
	mapped   [datasets.Slots]bool // which dimensions there are
	dims     []datasets.Dimension // those but product, in order: that of index h is half h
	cost     int                  // index among the optional words, or -1
	discount int
}

func newLayout(c datasets.Columns) layout {
	l := layout{columns: c, cost: -1, discount: -1}
	for d := range datasets.Dimension(datasets.Slots) {
		l.mapped[d] = c.Has(d)
		if l.mapped[d] && d != datasets.Product {
			l.dims = append(l.dims, d)
		}
	}
	l.rest = (len(l.dims) + 1) / 2
	if c.Cost {
		l.cost = l.rest
		l.rest++
	}
	if c.Discount {
		l.discount = l.rest
		l.rest++
	}
	return l
}

// plain reports whether lines have no optional words.
func (l *layout) plain() bool { return l.rest == 0 }

// packTime returns the bits of a time in headInfo; false where the time does
// not fit.
func packTime(t datasets.Moment) (bits uint64, ok bool) {
	seconds := t / datasets.Second
	bits = uint64(int64(seconds) + secondsBias)
	return bits << secondsShift, seconds*datasets.Second == t && bits < 1<<(64-secondsShift)
}

func unpackTime(info uint64) datasets.Moment {
	return datasets.Moment(int64(info>>secondsShift)-secondsBias) * datasets.Second
}

// half reads half h of the optional words of a line.
func half(rest []uint64, h int) uint32 {
	return uint32(rest[h>>1] >> (32 * (h & 1)))
}

// setHalf writes half h of optional words whose half was zero.
func setHalf(rest []uint64, h int, v uint32) {
	rest[h>>1] |= uint64(v) << (32 * (h & 1))
}
