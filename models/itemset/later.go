package itemset

import "math"

const (
	mostLaterWords = 1 << 17 // bound of the rows of the later items: 1 MiB
	lookupsPerSpan = 32      // effort for each transaction after which rows pay: search.lookups
)

// mapLater makes rows of the items after the task's own, once the rows pay: rarely
// on retail data; on dense data, maximal sets are found four times as fast.
func (c *closedSearch) mapLater() {
	if c.mapped || c.effort < c.lookups*len(c.spans) {
		return
	}
	c.effort = math.MinInt // whatever comes of it, not again
	base := uint32(c.item + 1)
	clear(c.seen)
	found := 0
	for i, sp := range c.spans {
		weight := uint32(1)
		if i < len(c.weight) {
			weight = c.weight[i]
		}
		for _, r := range c.db.items[sp.to+1 : c.tails[i]] {
			n := c.seen[r-base]
			c.seen[r-base] = n + weight
			if n < c.min && n+weight >= c.min {
				found++
			}
		}
	}
	if found*c.words > mostLaterWords {
		return
	}
	c.mapped = true
	rows := grow(c.laterRows, (found+1)*c.words)
	c.laterRows = rows
	clear(rows)
	place := c.seen // row by item, 0 for none
	found = 0
	for r, n := range place {
		place[r] = 0
		if n >= c.min {
			found++
			place[r] = uint32(found)
			c.rows = append(c.rows, rows[found*c.words:(found+1)*c.words])
		}
	}
	pad := c.heavy*64 - len(c.weight)
	for i, sp := range c.spans {
		bit := i
		if i >= len(c.weight) {
			bit += pad
		}
		for _, r := range c.db.items[sp.to+1 : c.tails[i]] {
			rows[int(place[r-base])*c.words+bit/64] |= 1 << (bit % 64)
		}
	}
}

// laterItemInAll reports whether an item after the task's own is in all
// transactions of the row.
func (c *closedSearch) laterItemInAll(row []uint64) bool {
	first := true
	for p := range c.each(row) {
		tail := c.db.items[c.spans[p].to+1 : c.tails[p]]
		c.effort += len(tail)
		if first {
			c.later = append(c.later[:0], tail...)
			first = false
		} else {
			c.later = intersect(c.later, tail)
		}
		if len(c.later) == 0 {
			return false
		}
	}
	return len(c.later) > 0
}

// intersect keeps of a what is in b; both ascend.
func intersect(a, b []uint32) []uint32 {
	n := 0
	for _, v := range a {
		for len(b) > 0 && b[0] < v {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == v {
			a[n] = v
			n++
		}
	}
	return a[:n]
}

// laterItemFrequent reports whether an item after the task's own is frequent
// within the transactions of the row.
func (c *closedSearch) laterItemFrequent(row []uint64) bool {
	base := uint32(c.item + 1)
	clear(c.seen)
	c.effort += len(c.seen) / 16
	for p, weight := range c.each(row) {
		tail := c.db.items[c.spans[p].to+1 : c.tails[p]]
		c.effort += len(tail)
		for _, r := range tail {
			c.seen[r-base] += weight
			if c.seen[r-base] >= c.min {
				return true
			}
		}
	}
	return false
}
