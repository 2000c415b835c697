package history

import (
	"cmp"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// sortKey is a record's place in the order within its customer, as far as three
// words tell, and where the record is. Few comparisons need more.
type sortKey struct {
	time    datasets.Moment
	order   uint64
	product uint32
	at      uint32 // index of the record
}

// sortRecords orders the records by customer (a counting sort over ranks, which
// are dense) and, within each, by time, order, product and the remaining
// columns. a.from holds the number of records of customer c at c+1, those
// without a customer last.
func (a *assembler) sortRecords() {
	words := a.store.layout.words
	n := len(a.records) / words
	customers := a.bucket.Customers.Len()
	for c := range customers + 1 {
		a.from[c+1] += a.from[c]
	}
	a.bucket.From = append(a.bucket.From[:0], a.from[:customers+1]...)
	a.keys = resize(a.keys, n)
	for i := range n {
		record := a.records[i*words : i*words+fixedWords]
		keys := record[wordKeys]
		c := min(int(keys>>32), customers)
		a.keys[a.from[c]] = sortKey{datasets.Moment(record[wordTime]), record[wordOrder], uint32(keys & noProduct), uint32(i)}
		a.from[c]++
	}
	for c := range customers {
		a.sortCustomer(a.keys[a.bucket.From[c]:a.bucket.From[c+1]])
	}
	slices.SortFunc(a.keys[a.bucket.From[customers]:], a.compareBaskets)
}

// sortCustomer is a merge sort that begins with the runs that are there. A file
// in time order gives each worker's share of a customer in time order, so that
// there are as many runs as workers, and one or two passes.
func (a *assembler) sortCustomer(keys []sortKey) {
	a.runs = a.runs[:0]
	for i := 0; i < len(keys); {
		a.runs = append(a.runs, i)
		for i++; i < len(keys) && !a.less(&keys[i], &keys[i-1]); i++ {
		}
	}
	if len(a.runs) < 2 {
		return
	}
	a.spare = resize(a.spare, len(keys))
	from, to := keys, a.spare
	for len(a.runs) > 1 {
		kept := a.runs[:0]
		for r := 0; r < len(a.runs); r += 2 {
			low := a.runs[r]
			middle, high := len(keys), len(keys)
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
	if &from[0] != &keys[0] {
		copy(keys, from)
	}
}

// merge fills dst with the two runs x and y, in order.
func (a *assembler) merge(dst, x, y []sortKey) {
	for i := range dst {
		if len(y) == 0 || len(x) > 0 && !a.less(&y[0], &x[0]) {
			dst[i], x = x[0], x[1:]
		} else {
			dst[i], y = y[0], y[1:]
		}
	}
}

// less reports whether x comes before y. Times mostly tell.
func (a *assembler) less(x, y *sortKey) bool {
	if x.time != y.time {
		return x.time < y.time
	}
	return a.compare(*x, *y) < 0
}

// compare orders two records of one customer. Records that compare equal are
// equal in every column, so their order cannot matter.
func (a *assembler) compare(x, y sortKey) int {
	if x.time != y.time {
		return cmp.Compare(x.time, y.time)
	}
	if x.order != y.order {
		return cmp.Compare(x.order, y.order)
	}
	if a.long < 0 && x.product != y.product {
		return cmp.Compare(x.product, y.product)
	}
	return a.compareRest(x, y)
}

// compareBaskets orders records without a customer, so that baskets are
// together.
func (a *assembler) compareBaskets(x, y sortKey) int {
	if x.order != y.order {
		return cmp.Compare(x.order, y.order)
	}
	if l := a.long; l >= 0 {
		if c := cmp.Compare(half(a.record(x), l), half(a.record(y), l)); c != 0 {
			return c
		}
	}
	if x.time != y.time {
		return cmp.Compare(x.time, y.time)
	}
	return a.compareRest(x, y)
}

// compareRest compares the long order, then product, quantity, amount, return
// and the optional columns.
func (a *assembler) compareRest(x, y sortKey) int {
	l := &a.store.layout
	p, q := a.record(x), a.record(y)
	if a.long >= 0 {
		if c := cmp.Compare(half(p, a.long), half(q, a.long)); c != 0 {
			return c
		}
	}
	const product = noProduct
	if c := cmp.Compare(p[wordKeys]&product, q[wordKeys]&product); c != 0 {
		return c
	}
	for w := wordQuantity; w < fixedWords; w++ {
		if c := cmp.Compare(int64(p[w]), int64(q[w])); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(p[wordKeys]&returnBit, q[wordKeys]&returnBit); c != 0 {
		return c
	}
	for _, h := range l.dims {
		if h < 0 {
			continue
		}
		if c := cmp.Compare(half(p, h), half(q, h)); c != 0 {
			return c
		}
	}
	for _, w := range [...]int{l.cost, l.discount} {
		if w < 0 {
			continue
		}
		if c := cmp.Compare(int64(p[w]), int64(q[w])); c != 0 {
			return c
		}
	}
	return 0
}

func (a *assembler) record(k sortKey) []uint64 {
	w := a.store.layout.words
	return a.records[int(k.at)*w : (int(k.at)+1)*w]
}
