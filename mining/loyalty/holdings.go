package loyalty

import (
	"cmp"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// holdings are the purchases of one customer, product by product.
type holdings struct {
	lines []boughtLine // scratch

	products []holding
	repeated int            // products that were bought in two orders and more
	uncoded  datasets.Money // spent on lines without a product
}

type boughtLine struct {
	at       uint64 // product, then order
	quantity datasets.Quantity
	amount   datasets.Money
}

// holding is the lines of a product. Lines are sorted by the code of the
// product.
type holding struct {
	product  uint32
	quantity datasets.Quantity
	amount   datasets.Money
}

// read reads the purchases of a customer.
func (h *holdings) read(ev *datasets.Events) {
	h.lines, h.products, h.repeated, h.uncoded = h.lines[:0], h.products[:0], 0, 0
	for i, product := range ev.Product {
		switch {
		case ev.Return[i]:
		case product == datasets.NoCode:
			h.uncoded += ev.Amount[i]
		default:
			h.lines = append(h.lines, boughtLine{uint64(product)<<32 | uint64(ev.Order[i]), ev.Quantity[i], ev.Amount[i]})
		}
	}
	slices.SortFunc(h.lines, func(x, y boughtLine) int { return cmp.Compare(x.at, y.at) })
	for i := 0; i < len(h.lines); {
		first := h.lines[i].at
		of := holding{product: uint32(first >> 32)}
		again := false
		for ; i < len(h.lines) && uint32(h.lines[i].at>>32) == of.product; i++ {
			of.quantity += h.lines[i].quantity
			of.amount += h.lines[i].amount
			again = again || h.lines[i].at != first
		}
		h.products = append(h.products, of)
		if again {
			h.repeated++
		}
	}
}

// repeatedShare returns the share of products that were bought in two orders and more, NaN
// without products.
func (h *holdings) repeatedShare() float64 { return float64(h.repeated) / float64(len(h.products)) }

// unknown marks a product without a median price in a model: a product from
// later.
const unknown = -1

// atMedians returns the cost of the goods at the median price of each product, in
// millionths. Lines without a product, and unknown products, count at the price paid. Terms
// of whole quantities are exact, and so is their sum up to 2⁵³.
func (h *holdings) atMedians(medians []float64) float64 {
	sum := float64(h.uncoded)
	for _, x := range h.products {
		if medians[x.product] == unknown {
			sum += float64(x.amount)
		} else {
			sum += float64(x.quantity.Float() * medians[x.product])
		}
	}
	return sum
}

// priceIndex returns money spent over the same goods at median prices; NaN where they would
// cost nothing.
func priceIndex(money, atMedians float64) float64 {
	if !(atMedians > 0) {
		return math.NaN()
	}
	return money / atMedians
}
