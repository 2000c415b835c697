package history

import (
	"math/bits"

	"github.com/quintile-dev/quintile/datasets"
)

// form is the encoding of the common parts of a slip's lines. Each slip has the
// shortest form for all its lines; most lines have whole pieces and an amount
// in hundredths, and fit one word.
type form uint64

const (
	// packed lines are one word: the product's code (21 bits, all ones for none) ·
	// whole pieces (12, biased) · amount in hundredths (30, biased) · return (1). With
	// ranks for codes, words have the order of their lines.
	packed form = iota
	// full lines are two words: product's code (32 bits) · quantity (31, biased) ·
	// return (1); amount.
	full
	// wide lines are three: product's code (32 bits) · return (1); amount; quantity.
	wide
)

// words returns the length of what every line has.
func (f form) words() int { return int(f) + 1 }

// mostFixed is the length in the longest form.
const mostFixed = 3

func formOf(info uint32) form { return form(info >> formShift & 3) }

// The factors and biases of a packed line: amounts are less than 5.4 million
// either way, pieces less than 2,048. The inverses are the inverses modulo 2^64
// of the odd parts of the units.
const (
	packedProductBits = 21
	packedAmountBits  = 30
	packedPiecesBits  = 12

	packedAmountShift  = 1
	packedPiecesShift  = packedAmountShift + packedAmountBits
	packedProductShift = packedPiecesShift + packedPiecesBits

	noProduct = 1<<packedProductBits - 1 // of a packed line that has none

	hundredth        = int64(datasets.Unit) / 100
	hundredthTwos    = 4
	hundredthInverse = 0xD288CE703AFB7E91 // of 625
	hundredthBias    = 1 << (packedAmountBits - 1)

	piece        = int64(datasets.One)
	pieceTwos    = 6
	pieceInverse = 0x790FB65668C26139 // of 15,625
	pieceBias    = 1 << (packedPiecesBits - 1)
)

// notPacked is the word of no packed line.
const notPacked = 1<<64 - 1

// fullQuantityBits is the room for a quantity in a full line, which is less than
// 1,074 pieces either way.
const (
	fullQuantityBits = 31
	fullQuantityBias = 1 << (fullQuantityBits - 1)
)

const returnBit = 1

// packLines fills dst with the packed lines of the given rows, notPacked where
// a line does not fit, and reports whether all do. products is nil where no line
// has one.
//
// A number that is a multiple of d = o·2^s, o odd, is divided by d where it is
// multiplied by the inverse of o and rotated by s; any other number then has a
// quotient beyond the quotients of all multiples (T. Granlund and P. Montgomery,
// Division by invariant integers using multiplication, 1994).
func packLines(dst []uint64, products []uint32, t *datasets.Transactions, rows []uint32) (all bool) {
	all = true
	dst = dst[:len(rows)]
	for r, i := range rows {
		product := uint64(0) // one more than the code, for there is none above NoCode
		if products != nil {
			product = uint64(products[i] + 1)
		}
		amount := bits.RotateLeft64((uint64(t.Amount[i])+uint64(hundredthBias*hundredth))*hundredthInverse, -hundredthTwos)
		pieces := bits.RotateLeft64((uint64(t.Quantity[i])+uint64(pieceBias*piece))*pieceInverse, -pieceTwos)
		word := (product-1)<<packedProductShift | pieces<<packedPiecesShift | amount<<packedAmountShift | returnFlag(t.Return[i])
		if product>>packedProductBits|amount>>packedAmountBits|pieces>>packedPiecesBits != 0 {
			word = notPacked
		}
		all = all && word != notPacked
		dst[r] = word
	}
	return all
}

func returnFlag(returned bool) uint64 {
	if returned {
		return returnBit
	}
	return 0
}

// packFull returns the first word of a full line; false where it does not hold
// the quantity.
func packFull(product uint32, q datasets.Quantity, returned bool) (word uint64, ok bool) {
	biased := uint64(q + fullQuantityBias)
	return uint64(product)<<32 | biased<<1&(1<<32-1) | returnFlag(returned), biased < 1<<fullQuantityBits
}

// product reads the code of a line's product, or NoCode.
func (f form) product(line []uint64) uint32 {
	if f == packed {
		return packedProduct(line[0])
	}
	return uint32(line[0] >> 32)
}

// amount reads the amount of a line.
func (f form) amount(line []uint64) datasets.Money {
	if f == packed {
		return packedAmount(line[0])
	}
	return datasets.Money(line[1])
}

// quantity reads the quantity of a line.
func (f form) quantity(line []uint64) datasets.Quantity {
	switch f {
	case packed:
		return packedQuantity(line[0])
	case full:
		return datasets.Quantity(line[0]>>1&(1<<fullQuantityBits-1)) - fullQuantityBias
	default:
		return datasets.Quantity(line[2])
	}
}

func packedProduct(word uint64) uint32 {
	product := uint32(word >> packedProductShift)
	if product == noProduct {
		product = datasets.NoCode
	}
	return product
}

// productRanks are the ranks that stand for the codes of packed lines.
type productRanks []uint32

// newProductRanks takes the rank of each code, of which there are fewer than
// noProduct.
func newProductRanks(ranks []uint32) productRanks {
	return append(append(make(productRanks, 0, 1+len(ranks)), noProduct), ranks...)
}

// ranked returns a packed line with its product's rank in place of the code.
func (r productRanks) ranked(word uint64) uint64 {
	rank := r[(word>>packedProductShift+1)&noProduct]
	return uint64(rank)<<packedProductShift | word&(1<<packedProductShift-1)
}

func packedAmount(word uint64) datasets.Money {
	return datasets.Money((int64(word>>packedAmountShift&(1<<packedAmountBits-1)) - hundredthBias) * hundredth)
}

func packedQuantity(word uint64) datasets.Quantity {
	return datasets.Quantity((int64(word>>packedPiecesShift&(1<<packedPiecesBits-1)) - pieceBias) * piece)
}
