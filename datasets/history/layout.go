package history

import "github.com/quintile-dev/quintile/datasets"

// A line item travels from the file to its customer's bucket in a slip: the
// lines that follow one another and share customer, time and order, as those of
// a sale do. A slip is a run of 64-bit words, a head and then its lines, so that
// what the lines share is written, looked up and sorted once. Slips, not columns,
// are what is scattered, since a slip then touches one place in memory for its
// bucket, and what is spilled, since a bucket is then one read.
//
//	head   customer: the id as PackText has it, or the number of a long id in its partition
//	       time
//	       the first eight bytes of the order's text, as PackText has them
//	       number of the long order (32 bits) · flags · number of lines (16 bits)
//	line   product (32 bits) · 31 bits unused · return (1)
//	       quantity
//	       amount
//	       then 32-bit halves: each mapped dimension but product
//	       then cost and discount, a word each, where mapped
const (
	headCustomer = iota
	headTime
	headOrder
	headInfo
	headWords
)

const (
	lineProduct = iota
	lineQuantity
	lineAmount
	fixedWords
)

// The parts of headInfo.
const (
	linesMask    = 1<<16 - 1
	freshBit     = 1 << 16 // the lines are not in the kept history yet
	longIDBit    = 1 << 17 // the customer is a number
	anonymousBit = 1 << 18 // there is no customer
	longShift    = 32
)

// noLongOrder is the number of a long order where the order fits its word.
const noLongOrder = 0

const returnBit = 1

// layout places the optional columns of a line.
type layout struct {
	columns  datasets.Columns
	words    int                      // length of a line
	dims     [datasets.Dimensions]int // index of the half, or -1
	plain    bool                     // there is nothing but the fixed words
	cost     int                      // index of the word, or -1
	discount int
}

func newLayout(c datasets.Columns) layout {
	l := layout{columns: c, cost: -1, discount: -1}
	halves := 0
	for d := range l.dims {
		l.dims[d] = -1
		if c.Dims[d] && datasets.Dimension(d) != datasets.Product {
			l.dims[d] = halves
			halves++
		}
	}
	l.words = fixedWords + (halves+1)/2
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

// half reads half h of a line.
func half(line []uint64, h int) uint32 {
	return uint32(line[fixedWords+h>>1] >> (32 * (h & 1)))
}

// setHalf writes half h of a line whose half was zero.
func setHalf(line []uint64, h int, v uint32) {
	line[fixedWords+h>>1] |= uint64(v) << (32 * (h & 1))
}
