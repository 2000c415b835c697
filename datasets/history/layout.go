package history

import "github.com/quintile-dev/quintile/datasets"

// A line item travels from the file to its customer's bucket in a slip: the
// lines that follow one another and share customer, time and order, as those of
// a sale do. A slip is a run of 64-bit words, a head and then its lines, so that
// what the lines share is written, looked up and sorted once. Slips, not columns,
// are what is scattered, since a slip then touches one place in memory for its
// bucket, and what is spilled, since a bucket is then one read.
//
//	head   time in seconds (40 bits, biased) · flags (8) · number of lines (16)
//	       customer: the id as PackText has it, or the number of a long id in its partition
//	       the time, where it is no whole second, or too far off
//	       number of the long order, where there is one
//	       the first eight bytes of the order's text, as PackText has them
//	line   product (32 bits) · quantity (31 bits, biased) · return (1)
//	       amount
//	       then 32-bit halves: each mapped dimension but product
//	       then cost and discount, a word each, where mapped
//	       then the quantity, where some line of the slip has one too large for that
const (
	headInfo = iota
	headCustomer
	headWords = 3 // as a rule
	mostHead  = 5
)

// What stands before the lines, counted back from the first.
const (
	backOrder = 1
	backLong  = 2
)

const (
	lineProduct = iota
	lineAmount
	fixedWords
)

// The parts of headInfo.
const (
	linesMask    = 1<<16 - 1
	freshBit     = 1 << 16 // the lines are not in the kept history yet
	longIDBit    = 1 << 17 // the customer is a number
	anonymousBit = 1 << 18 // there is no customer
	longOrderBit = 1 << 19 // the order has a number
	exactTimeBit = 1 << 20 // the time has a word of its own
	wideBit      = 1 << 21 // the quantities of the lines have words of their own
	secondsShift = 24
	secondsBias  = 1 << 39
)

// noLongOrder is the number of a long order where the order fits its word.
const noLongOrder = 0

const returnBit = 1

// Where a line is not wide, its quantity is above a bias: it is less than 1,074
// pieces either way.
const (
	quantityBits = 31
	quantityBias = 1 << (quantityBits - 1)
)

// layout places the optional columns of a line.
type layout struct {
	columns  datasets.Columns
	words    int                  // length of a line that is not wide
	mapped   [datasets.Slots]bool // which dimensions there are
	dims     []datasets.Dimension // those but product, in order: that of index h is half h
	plain    bool                 // there is nothing but the fixed words
	cost     int                  // index of the word, or -1
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
	l.words = fixedWords + (len(l.dims)+1)/2
	if c.Cost {
		l.cost = l.words
		l.words++
	}
	if c.Discount {
		l.discount = l.words
		l.words++
	}
	l.plain = l.words == fixedWords
	return l
}

// lineWords returns the length of the lines of a slip.
func (l *layout) lineWords(info uint32) int {
	if info&wideBit != 0 {
		return l.words + 1
	}
	return l.words
}

// quantity reads the quantity of a line of a slip.
func (l *layout) quantity(line []uint64, info uint32) datasets.Quantity {
	if info&wideBit != 0 {
		return datasets.Quantity(line[l.words])
	}
	return unpackQuantity(line[lineProduct])
}

// unpackQuantity reads the quantity of a line that is not wide from its first
// word.
func unpackQuantity(word uint64) datasets.Quantity {
	return datasets.Quantity(word>>1&(1<<quantityBits-1)) - quantityBias
}

// packQuantity returns the bits of a quantity in a line that is not wide; false
// where they do not hold it.
func packQuantity(q datasets.Quantity) (bits uint64, ok bool) {
	biased := uint64(q + quantityBias)
	return biased & (1<<quantityBits - 1) << 1, biased < 1<<quantityBits
}

// packTime returns the bits of a time in headInfo; false where they do not hold
// it.
func packTime(t datasets.Moment) (bits uint64, ok bool) {
	seconds := t / datasets.Second
	bits = uint64(int64(seconds) + secondsBias)
	return bits << secondsShift, seconds*datasets.Second == t && bits < 1<<(64-secondsShift)
}

func unpackTime(info uint64) datasets.Moment {
	return datasets.Moment(int64(info>>secondsShift)-secondsBias) * datasets.Second
}

// half reads half h of a line.
func half(line []uint64, h int) uint32 {
	return uint32(line[fixedWords+h>>1] >> (32 * (h & 1)))
}

// setHalf writes half h of a line whose half was zero.
func setHalf(line []uint64, h int, v uint32) {
	line[fixedWords+h>>1] |= uint64(v) << (32 * (h & 1))
}
