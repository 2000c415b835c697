package history

import "github.com/quintile-dev/quintile/datasets"

// A line item travels from the file to its customer's bucket as one record: a
// run of 64-bit words whose layout the columns of the job decide. Records, not
// columns, are what is scattered, since a row then touches one place in memory
// for its bucket, and what is spilled, since a bucket is then one read.
//
//	word 0   customer (32 bits) · fresh (1) · return (1) · product (30)
//	word 1   time
//	word 2   the first eight bytes of the order's text, as PackText has them
//	word 3   quantity
//	word 4   amount
//	then     32-bit halves: the long order, and each mapped dimension but product
//	then     cost and discount, a word each, where mapped
const (
	wordKeys = iota
	wordTime
	wordOrder
	wordQuantity
	wordAmount
	fixedWords
)

const (
	returnBit   = 1 << 31
	freshBit    = 1 << 30
	noProduct   = 1<<30 - 1 // also the mask of the product
	maxProducts = noProduct
)

// noLongOrder is the half of a record whose order fits its word.
const noLongOrder = 0

// layout places the optional columns of a record.
type layout struct {
	columns   datasets.Columns
	words     int                      // length of a record
	halves    int                      // number of 32-bit halves in use
	longOrder int                      // index of the half, or -1
	dims      [datasets.Dimensions]int // index of the half, or -1
	plain     bool                     // there is nothing but the fixed words and the long order
	cost      int                      // index of the word, or -1
	discount  int
}

func newLayout(c datasets.Columns) layout {
	l := layout{columns: c, longOrder: -1, cost: -1, discount: -1}
	if c.Order {
		l.longOrder = l.halves
		l.halves++
	}
	for d := range l.dims {
		l.dims[d] = -1
		if c.Dims[d] && datasets.Dimension(d) != datasets.Product {
			l.dims[d] = l.halves
			l.halves++
		}
	}
	l.words = fixedWords + (l.halves+1)/2
	if c.Cost {
		l.cost = l.words
		l.words++
	}
	if c.Discount {
		l.discount = l.words
		l.words++
	}
	l.plain = !c.Cost && !c.Discount && (l.halves == 0 || l.halves == 1 && l.longOrder == 0)
	return l
}

// half reads half h of a record.
func half(record []uint64, h int) uint32 {
	w := record[fixedWords+h>>1]
	if h&1 == 1 {
		w >>= 32
	}
	return uint32(w)
}

// setHalf writes half h of a record whose half was zero.
func setHalf(record []uint64, h int, v uint32) {
	record[fixedWords+h>>1] |= uint64(v) << (32 * (h & 1))
}

// replaceHalf writes half h of a record.
func replaceHalf(record []uint64, h int, v uint32) {
	w := &record[fixedWords+h>>1]
	shift := 32 * (h & 1)
	*w = *w&^(0xFFFFFFFF<<shift) | uint64(v)<<shift
}
