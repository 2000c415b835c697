package history

import (
	"cmp"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// sortKey is a record's place in the order within its customer, as far as two
// words tell, and where the record is.
type sortKey struct {
	time  datasets.Moment
	order uint64
	at    uint32 // index of the record
}

// sortRecords orders the records by customer (a counting sort over ranks, which
// are dense) and, within each, by time, order, product and the remaining
// columns. Customers have few records, mostly in time order already, which is
// what insertion sort is best at.
func (a *assembler) sortRecords() {
	words := a.store.layout.words
	n := len(a.records) / words
	customers := a.bucket.Customers.Len()
	a.from = resize(a.from, customers+2)
	clear(a.from)
	for at := 0; at < len(a.records); at += words {
		a.from[a.rankOf(at)+1]++
	}
	for c := range customers + 1 {
		a.from[c+1] += a.from[c]
	}
	a.bucket.From = append(a.bucket.From[:0], a.from[:customers+1]...)
	a.keys = resize(a.keys, n)
	for i := range n {
		record := a.records[i*words:]
		c := a.rankOf(i * words)
		a.keys[a.from[c]] = sortKey{datasets.Moment(record[wordTime]), record[wordOrder], uint32(i)}
		a.from[c]++
	}
	for c := range customers {
		a.sortCustomer(a.keys[a.bucket.From[c]:a.bucket.From[c+1]])
	}
	slices.SortFunc(a.keys[a.bucket.From[customers]:], a.compareBaskets)
}

// rankOf returns the customer's rank of the record at a word, and the number of
// customers for a line without one.
func (a *assembler) rankOf(at int) int {
	return min(int(a.records[at+wordKeys]>>32), a.bucket.Customers.Len())
}

// insertionLimit is the length up to which insertion sort is faster, measured
// on histories in time order and shuffled.
const insertionLimit = 48

func (a *assembler) sortCustomer(keys []sortKey) {
	if len(keys) > insertionLimit {
		slices.SortFunc(keys, a.compare)
		return
	}
	for i := 1; i < len(keys); i++ {
		k := keys[i]
		j := i
		for j > 0 && a.compare(k, keys[j-1]) < 0 {
			keys[j] = keys[j-1]
			j--
		}
		keys[j] = k
	}
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
	return a.compareRest(x, y)
}

// compareBaskets orders records without a customer, so that baskets are
// together.
func (a *assembler) compareBaskets(x, y sortKey) int {
	if x.order != y.order {
		return cmp.Compare(x.order, y.order)
	}
	if l := a.store.layout.longOrder; l >= 0 {
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
	if l.longOrder >= 0 {
		if c := cmp.Compare(half(p, l.longOrder), half(q, l.longOrder)); c != 0 {
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
