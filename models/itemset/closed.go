package itemset

import "math/bits"

// closedTask finds the closed, or the maximal, sets whose least frequent item is
// item t.
//
// The search walks prefixes like the search for frequent sets. A prefix is not
// closed if all its transactions hold a further item. If the further item is
// before the last item of the prefix, the item joins at once. An item after the
// last is an outer item: every set below, with the outer item, is found in a
// separate branch, and the present branch ends. So each closed set is found
// exactly once, and no list of earlier results is searched. [1]
//
// [1] C. Lucchese, S. Orlando and R. Perego, "Fast and Memory Efficient Mining of
// Frequent Closed Itemsets", IEEE Trans. Knowl. Data Eng. 18(1), 2006, pp. 21–36,
// doi:10.1109/TKDE.2006.10.
func (m *miner) closedTask(t int) {
	m.min = m.limit.min.Load()
	ord := m.alphabet.byRank[t]
	count := m.alphabet.count[ord]
	if count < m.min {
		return
	}
	lv := m.level(0)
	m.countBefore(m.db, t, lv)
	sortSmall(lv.ext)
	spans, heavy := m.db.before(t)
	c := &closedSearch{miner: m, item: t, spans: spans, tails: m.db.tailsOf(t)}
	c.shape = newShape(spans, heavy)
	all := c.allOnes(len(heavy))
	m.laterCount = grow(m.laterCount, len(m.alphabet.byRank)-t-1)
	c.seen = m.laterCount
	// A basket with the item alone is in no transaction, and then no other item
	// is in all baskets with the item.
	inAll := c.weigh(all) == count
	if inAll && c.closedOver(all) {
		return
	}
	m.prefix = append(m.prefix[:0], ord)
	ext := lv.ext[:0]
	for _, e := range lv.ext {
		if lv.count[e] == count {
			m.prefix = append(m.prefix, m.db.label[e])
		} else {
			ext = append(ext, e)
		}
	}
	lv.ext = ext
	if len(m.prefix) > m.maxLength {
		return
	}
	if m.kind == Closed || (len(ext) == 0 && !c.extensible(all)) {
		m.emit(m.prefix, count)
	}
	if len(ext) == 0 || m.halt(len(ext)) {
		return
	}
	c.enter(lv)
}

// closedSearch is the state of one task.
type closedSearch struct {
	*miner
	shape
	item  int
	spans []span
	tails []uint32   // ends of the transactions of spans
	outer [][]uint64 // rows of the outer items of the prefix

	// Items after the task's own are outer items throughout. Such items are looked
	// up in the transactions until the look-ups have cost more than rows for the
	// items.
	effort int
	mapped bool
	rows   [][]uint64 // once mapped: of those that are frequent with the task's own
	later  []uint32   // scratch: such items
	seen   []uint32   // scratch: counts of such items
}

// enter builds the bitmaps of the extensions and searches below them.
func (c *closedSearch) enter(lv *level) {
	m := c.miner
	lv.place = grow(lv.place, c.item)
	clear(lv.place)
	for i, e := range lv.ext {
		lv.place[e] = uint32(i) + 1
	}
	m.fillDense(m.db, c.item, lv, c.shape)
	top := m.denseAt(0)
	top.label, top.count = top.label[:0], top.count[:0]
	for _, e := range lv.ext {
		top.label = append(top.label, m.db.label[e])
		top.count = append(top.count, lv.count[e])
	}
	c.extend(top.rows[c.words:(len(lv.ext)+1)*c.words], top.label, top.count, 1)
}

// extend finds the closed sets made of the prefix and one or more of the given
// items; row i holds the transactions of the prefix with item label[i].
func (c *closedSearch) extend(rows []uint64, label, count []uint32, depth int) {
	m, k, w := c.miner, len(label), c.words
	prefix, outer := len(m.prefix), len(c.outer)
	if prefix >= m.maxLength {
		return
	}
	next := m.denseAt(depth)
	next.rows = grow(next.rows, k*w)
	// Items after j are outer items of the branch of j.
	for j := range k {
		c.outer = append(c.outer, rows[j*w:(j+1)*w])
	}
	for j := range k {
		row := rows[j*w : (j+1)*w]
		c.outer[outer+j] = nil
		if count[j] < m.min || c.closedOver(row) {
			continue
		}
		m.prefix = append(m.prefix[:prefix], label[j])
		next.label, next.count = next.label[:0], next.count[:0]
		n := 0
		for i := range j {
			s := c.and(next.rows[n*w:(n+1)*w], row, rows[i*w:(i+1)*w])
			if s == count[j] {
				m.prefix = append(m.prefix, label[i])
			} else if s >= m.min {
				next.label = append(next.label, label[i])
				next.count = append(next.count, s)
				n++
			}
		}
		if m.halt((j + len(c.outer)) * w) {
			break
		}
		if len(m.prefix) > m.maxLength {
			continue
		}
		if m.kind == Closed || (n == 0 && !c.extensible(row)) {
			m.emit(m.prefix, count[j])
		}
		if n > 0 {
			c.extend(next.rows[:n*w], next.label, next.count, depth+1)
		}
	}
	m.prefix = m.prefix[:prefix]
	c.outer = c.outer[:outer]
}

// closedOver reports whether an outer item is in all transactions of the row.
func (c *closedSearch) closedOver(row []uint64) bool {
	for _, o := range c.outer {
		if o != nil && within(row, o) {
			return true
		}
	}
	c.mapLater()
	if !c.mapped {
		return c.laterItemInAll(row)
	}
	for _, o := range c.rows {
		if within(row, o) {
			return true
		}
	}
	return false
}

// within reports whether a is a subset of b.
func within(a, b []uint64) bool {
	b = b[:len(a)]
	for i, x := range a {
		if x&^b[i] != 0 {
			return false
		}
	}
	return true
}

// extensible reports whether an outer item is frequent within the transactions
// of the row.
func (c *closedSearch) extensible(row []uint64) bool {
	c.scratch = grow(c.scratch, c.words)
	for _, o := range c.outer {
		if o != nil && c.and(c.scratch, row, o) >= c.min {
			return true
		}
	}
	c.mapLater()
	if !c.mapped {
		return c.laterItemFrequent(row)
	}
	for _, o := range c.rows {
		if c.and(c.scratch, row, o) >= c.min {
			return true
		}
	}
	return false
}

// each iterates over the transactions of a row: their places among the spans and
// their weights.
func (c *closedSearch) each(row []uint64) func(func(int, uint32) bool) {
	pad := c.heavy*64 - len(c.weight)
	return func(yield func(int, uint32) bool) {
		for w, word := range row {
			for ; word != 0; word &= word - 1 {
				p, weight := w*64+bits.TrailingZeros64(word), uint32(1)
				if w < c.heavy {
					weight = c.weight[p]
				} else {
					p -= pad
				}
				if !yield(p, weight) {
					return
				}
			}
		}
	}
}

// allOnes returns the row of all transactions.
func (c *closedSearch) allOnes(heavy int) []uint64 {
	row := make([]uint64, c.words)
	pad := c.heavy*64 - heavy
	for i := range c.spans {
		if i >= heavy {
			i += pad
		}
		row[i/64] |= 1 << (i % 64)
	}
	return row
}

// weigh returns the number of baskets in a row.
func (c *closedSearch) weigh(row []uint64) uint32 {
	sum := uint32(0)
	for _, weight := range c.each(row) {
		sum += weight
	}
	return sum
}
