package history

import (
	"cmp"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// sortSlips orders the slips by customer (a counting sort over ranks, which are
// dense) and, within a customer, by time and order; slips without a customer by
// order and time. a.from then holds the first slip of each customer.
func (a *assembler) sortSlips() {
	ids := &a.bucket.Customers
	a.customers.rank(ids)
	a.from = resize(a.from, ids.Len()+2)
	clear(a.from)
	for i := range a.slips {
		s := &a.slips[i]
		s.customer = a.customers.rankOf(s.customer)
		a.from[s.customer+2]++
	}
	for c := range ids.Len() {
		a.from[c+2] += a.from[c+1]
	}
	a.sorted = resize(a.sorted, len(a.slips))
	for i := range a.slips {
		s := &a.slips[i]
		a.sorted[a.from[s.customer+1]] = *s
		a.from[s.customer+1]++
	}
	for c := range ids.Len() {
		a.sortCustomer(a.sorted[a.from[c]:a.from[c+1]])
	}
	slices.SortFunc(a.anonymous, a.compareBaskets)
}

// sortCustomer is a merge sort that begins with the existing runs. A file in
// time order gives each worker's share of a customer in time order: as many
// runs as workers, merged in one or two passes.
func (a *assembler) sortCustomer(slips []slip) {
	a.runs = a.runs[:0]
	for i := 0; i < len(slips); {
		a.runs = append(a.runs, i)
		for i++; i < len(slips) && !a.less(&slips[i], &slips[i-1]); i++ {
		}
	}
	if len(a.runs) < 2 {
		return
	}
	a.spare = resize(a.spare, len(slips))
	from, to := slips, a.spare
	for len(a.runs) > 1 {
		kept := a.runs[:0]
		for r := 0; r < len(a.runs); r += 2 {
			low := a.runs[r]
			middle, high := len(slips), len(slips)
			if r+1 < len(a.runs) {
				middle = a.runs[r+1]
			}
			if r+2 < len(a.runs) {
				high = a.runs[r+2]
			}
			a.merge(to[low:high], from[low:middle], from[middle:high])
			kept = append(kept, low)
		}
		a.runs = kept
		from, to = to, from
	}
	if &from[0] != &slips[0] {
		copy(slips, from)
	}
}

// merge fills dst with the two runs x and y, in order.
func (a *assembler) merge(dst, x, y []slip) {
	for i := range dst {
		if len(y) == 0 || len(x) > 0 && !a.less(&y[0], &x[0]) {
			dst[i], x = x[0], x[1:]
		} else {
			dst[i], y = y[0], y[1:]
		}
	}
}

// less orders two slips of one customer. Times mostly tell.
func (a *assembler) less(x, y *slip) bool {
	if x.time != y.time {
		return x.time < y.time
	}
	return a.compareOrders(x, y) < 0
}

func (a *assembler) compareOrders(x, y *slip) int {
	if x.order != y.order {
		return cmp.Compare(x.order, y.order)
	}
	return cmp.Compare(a.longOrder(x), a.longOrder(y))
}

// compareBaskets orders slips without a customer, so that baskets are together.
func (a *assembler) compareBaskets(x, y slip) int {
	if c := a.compareOrders(&x, &y); c != 0 {
		return c
	}
	return cmp.Compare(x.time, y.time)
}

// lineRef is one line: the common parts, with the rank of the product, the
// place of the optional words and the index of the slip.
type lineRef struct {
	quantity datasets.Quantity
	amount   datasets.Money
	product  uint32
	block    uint32
	rest     uint32
	slip     uint32
	returned bool
}

// collect fills a.group with the lines of slips that share customer, time and
// order, sorted by product and the remaining columns. first is the index of the
// first slip.
func (a *assembler) collect(slips []slip, first uint32) {
	l := &a.store.layout
	a.group = a.group[:0]
	for i := range slips {
		s := &slips[i]
		b := &a.blocks[s.block]
		products := b.ranks[datasets.Product]
		f := formOf(s.info)
		at, fixed := int(s.at), f.words()
		for range s.lines() {
			line := b.words[at : at+fixed]
			product := f.product(line)
			if product != datasets.NoCode {
				product = products[product]
			}
			at += fixed
			a.group = append(a.group, lineRef{
				quantity: f.quantity(line), amount: f.amount(line), product: product, returned: line[0]&returnBit != 0,
				block: s.block, rest: uint32(at), slip: first + uint32(i),
			})
			at += l.rest
		}
	}
	a.sortLines(a.group)
}

// fewLines is the number of lines up to which sorting by insertion is quickest.
const fewLines = 24

func (a *assembler) sortLines(lines []lineRef) {
	if len(lines) > fewLines {
		slices.SortFunc(lines, func(x, y lineRef) int {
			if x.product != y.product {
				return cmp.Compare(x.product, y.product)
			}
			return a.compareRest(x, y)
		})
		return
	}
	for i := 1; i < len(lines); i++ {
		line, j := lines[i], i
		for ; j > 0; j-- {
			before := lines[j-1]
			if before.product < line.product || before.product == line.product && a.compareRest(before, line) <= 0 {
				break
			}
			lines[j] = before
		}
		lines[j] = line
	}
}

// compareRest compares quantity, amount, return and the optional columns of two
// lines. Lines that compare equal are equal in every column, so the order of
// such lines cannot matter.
func (a *assembler) compareRest(x, y lineRef) int {
	if x.quantity != y.quantity {
		return cmp.Compare(x.quantity, y.quantity)
	}
	if x.amount != y.amount {
		return cmp.Compare(x.amount, y.amount)
	}
	if x.returned != y.returned {
		return cmp.Compare(returnFlag(x.returned), returnFlag(y.returned))
	}
	l := &a.store.layout
	for h, d := range l.dims {
		if c := cmp.Compare(a.codeAt(x, d, h), a.codeAt(y, d, h)); c != 0 {
			return c
		}
	}
	for _, w := range [...]int{l.cost, l.discount} {
		if w < 0 {
			continue
		}
		if c := cmp.Compare(a.moneyAt(x, w), a.moneyAt(y, w)); c != 0 {
			return c
		}
	}
	return 0
}

// moneyAt returns word w of the line's optional words.
func (a *assembler) moneyAt(r lineRef, w int) datasets.Money {
	return datasets.Money(a.blocks[r.block].words[int(r.rest)+w])
}

// codeAt returns the rank of the line's value of dimension d, which is half h.
func (a *assembler) codeAt(r lineRef, d datasets.Dimension, h int) uint32 {
	b := &a.blocks[r.block]
	code := half(b.words[r.rest:], h)
	if code == datasets.NoCode {
		return code
	}
	return b.ranks[d][code]
}

// sortPacked sorts packed lines, whose codes are ranks: up to eight without
// branches, since none of theirs could be foretold.
func sortPacked(lines []datasets.Quantity) {
	switch n := len(lines); {
	case n <= 8:
		words := [8]uint64{notPacked, notPacked, notPacked, notPacked, notPacked, notPacked, notPacked, notPacked}
		for i, line := range lines {
			words[i&7] = uint64(line)
		}
		sortEight(&words)
		for i := range lines {
			lines[i] = datasets.Quantity(words[i&7])
		}
	case n <= fewLines:
		for i := 1; i < n; i++ {
			line, j := lines[i], i
			for ; j > 0 && uint64(lines[j-1]) > uint64(line); j-- {
				lines[j] = lines[j-1]
			}
			lines[j] = line
		}
	default:
		slices.SortFunc(lines, func(x, y datasets.Quantity) int { return cmp.Compare(uint64(x), uint64(y)) })
	}
}

// sortFour returns four words in order.
func sortFour(a, b, c, d uint64) (w, x, y, z uint64) {
	a, b = min(a, b), max(a, b)
	c, d = min(c, d), max(c, d)
	a, c = min(a, c), max(a, c)
	b, d = min(b, d), max(b, d)
	b, c = min(b, c), max(b, c)
	return a, b, c, d
}

// sortEight sorts eight words: fours, merged as K. E. Batcher does.
func sortEight(words *[8]uint64) {
	a, b, c, d := sortFour(words[0], words[1], words[2], words[3])
	e, f, g, h := sortFour(words[4], words[5], words[6], words[7])
	a, e = min(a, e), max(a, e)
	b, f = min(b, f), max(b, f)
	c, g = min(c, g), max(c, g)
	d, h = min(d, h), max(d, h)
	c, e = min(c, e), max(c, e)
	d, f = min(d, f), max(d, f)
	b, c = min(b, c), max(b, c)
	d, e = min(d, e), max(d, e)
	f, g = min(f, g), max(f, g)
	*words = [8]uint64{a, b, c, d, e, f, g, h}
}
