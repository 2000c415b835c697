package loyalty

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// prices counts the unit prices of each product, one for each line, in order to find their
// medians. A product with few distinct prices is counted exactly; beyond a limit, prices
// are rounded to eight binary digits, an error of at most 0.4 %. Rounding of a product
// depends on its distinct prices alone, so that neither the number of workers nor the order
// of lines matters.
type prices struct {
	limit    int // most distinct prices that are counted exactly
	products []priceCounts
}

// priceCounts are the prices of one product, rising.
type priceCounts struct {
	list    []priceCount
	rounded bool
}

type priceCount struct {
	price datasets.Money // of one unit
	lines int64
}

// The limit of distinct prices of a product: all products together hold at most allPrices,
// 128 MiB, but each may have leastPrices.
const (
	allPrices   = 1 << 23
	leastPrices = 32
	mostPrices  = 4096
)

func newPrices(products int) *prices {
	limit := min(max(leastPrices, allPrices/max(1, products)), mostPrices)
	return &prices{limit: limit, products: make([]priceCounts, products)}
}

// add counts the unit price of a line. Lines that cost nothing have no price.
func (p *prices) add(product uint32, amount datasets.Money, quantity datasets.Quantity) {
	if amount > 0 && quantity > 0 {
		p.products[product].add(unitPrice(amount, quantity), 1, p.limit)
	}
}

// unitPrice returns amount / quantity, rounded half up to a millionth.
func unitPrice(amount datasets.Money, quantity datasets.Quantity) datasets.Money {
	hi, lo := bits.Mul64(uint64(amount), uint64(datasets.One))
	lo, carry := bits.Add64(lo, uint64(quantity)/2, 0)
	hi += carry
	if hi >= uint64(quantity) {
		return math.MaxInt64
	}
	price, _ := bits.Div64(hi, lo, uint64(quantity))
	return datasets.Money(min(price, math.MaxInt64))
}

// roundPrice keeps the first eight binary digits, and returns the middle of the covered
// range.
func roundPrice(price datasets.Money) datasets.Money {
	drop := bits.Len64(uint64(price)) - 8
	if drop <= 0 {
		return price
	}
	return price>>drop<<drop + 1<<(drop-1)
}

func (c *priceCounts) add(price datasets.Money, lines int64, limit int) {
	if c.rounded {
		price = roundPrice(price)
	}
	at, found := slices.BinarySearchFunc(c.list, price, func(x priceCount, price datasets.Money) int { return cmp.Compare(x.price, price) })
	if found {
		c.list[at].lines += lines
		return
	}
	c.list = slices.Insert(c.list, at, priceCount{price, lines})
	if !c.rounded && len(c.list) > limit {
		c.round()
	}
}

// round rounds the prices. They stay in order.
func (c *priceCounts) round() {
	c.rounded = true
	out := c.list[:0]
	for _, x := range c.list {
		x.price = roundPrice(x.price)
		if n := len(out); n > 0 && out[n-1].price == x.price {
			out[n-1].lines += x.lines
		} else {
			out = append(out, x)
		}
	}
	c.list = out
}

// merge adds the counts of another.
func (p *prices) merge(o *prices) {
	for k := range o.products {
		c, from := &p.products[k], &o.products[k]
		if from.rounded && !c.rounded {
			c.round()
		}
		for _, x := range from.list {
			c.add(x.price, x.lines, p.limit)
		}
	}
}

// medians returns the median price of each product in millionths, the mean of the middle two
// where their number is even; 0 for a product without a price. The products with rounded
// prices are counted too.
func (p *prices) medians() (medians []float64, rounded int) {
	medians = make([]float64, len(p.products))
	for k := range p.products {
		medians[k] = p.products[k].median()
		if p.products[k].rounded {
			rounded++
		}
	}
	return medians, rounded
}

func (c *priceCounts) median() float64 {
	n := int64(0)
	for _, x := range c.list {
		n += x.lines
	}
	if n == 0 {
		return 0
	}
	return (c.ordered((n-1)/2) + c.ordered(n/2)) / 2
}

// ordered returns the price of rank k, from 0.
func (c *priceCounts) ordered(k int64) float64 {
	for _, x := range c.list {
		if k -= x.lines; k < 0 {
			return float64(x.price)
		}
	}
	return math.NaN()
}
