package itemset

import "slices"

// extend finds every set made of the prefix and some items before j. The last
// item of the prefix is item j of db.
func (m *miner) extend(db *database, j, depth int) {
	length := len(m.prefix) + 1
	if length > m.maxLength || j == 0 {
		return
	}
	lv := m.level(depth)
	m.countBefore(db, j, lv)
	if m.halt(len(lv.ext)) || len(lv.ext) == 0 {
		return
	}
	for _, e := range lv.ext {
		m.emitJoined(db.label[e], lv.count[e])
	}
	if length == m.maxLength || len(lv.ext) < 2 {
		return
	}
	sortSmall(lv.ext)
	m.descend(db, j, depth, lv)
}

// countBefore counts, over the transactions of item j, the items before j, and
// lists the items that reach the threshold.
func (m *miner) countBefore(db *database, j int, lv *level) {
	lv.count = grow(lv.count, j)
	lv.ext = lv.ext[:0]
	count, ext, least := lv.count, lv.ext, m.min
	clear(count)
	spans, heavy := db.before(j)
	units := j/16 + 4*len(spans)
	for i, w := range heavy {
		for _, r := range db.items[spans[i].from:spans[i].to] {
			c := count[r]
			count[r] = c + w
			if c < least && c+w >= least {
				ext = append(ext, r)
			}
		}
	}
	for _, sp := range spans[len(heavy):] {
		tx := db.items[sp.from:sp.to]
		units += len(tx)
		for _, r := range tx {
			c := count[r] + 1
			count[r] = c
			if c == least {
				ext = append(ext, r)
			}
		}
	}
	lv.ext = ext
	m.work += units
}

// descend mines the database of the transactions of item j, restricted to the
// items of lv.ext, in the representation that promises less work.
func (m *miner) descend(db *database, j, depth int, lv *level) {
	spans, _ := db.before(j)
	k, s, nnz := len(lv.ext), len(spans), 0
	for _, e := range lv.ext {
		nnz += int(lv.count[e])
	}
	lv.place = grow(lv.place, j)
	clear(lv.place)
	for i, e := range lv.ext {
		lv.place[e] = uint32(i) + 1
	}
	if m.search.dense(k, s, nnz) {
		m.mineDense(db, j, depth, lv)
		return
	}
	child := &lv.child
	if m.project(db, j, lv) != nil {
		m.halted.Store(true)
		return
	}
	prefix := len(m.prefix)
	for c := 1; c < k; c++ {
		if lv.count[lv.ext[c]] < m.min {
			continue
		}
		m.prefix = append(m.prefix[:prefix], child.label[c])
		m.extend(child, c, depth+1)
		if m.halted.Load() {
			break
		}
	}
	m.prefix = m.prefix[:prefix]
}

// denseIsCheaper estimates, in nanoseconds, what the pairs of k items in s
// transactions with nnz items in all cost as bitmaps and as lists.
func denseIsCheaper(k, s, nnz int) bool {
	words := float64(s+63) / 64
	mean := float64(nnz) / float64(s)
	dense := float64(k) * float64(k) / 2 * (1 + words)
	lists := 40*float64(k) + 5*float64(nnz) + 3*float64(nnz)*mean
	return dense < lists
}

// project builds in lv.child the transactions of item j of db. It fails only once
// the context is done.
func (m *miner) project(db *database, j int, lv *level) error {
	child := &lv.child
	child.reset()
	for _, e := range lv.ext {
		child.label = append(child.label, db.label[e])
	}
	place := lv.place
	spans, heavy := db.before(j)
	for i, sp := range spans {
		tx := db.items[sp.from:sp.to]
		at := len(child.items)
		child.items = grow2(child.items, len(tx))
		out := child.items[at : at+len(tx)]
		n := 0
		for _, r := range tx {
			p := place[r]
			out[n] = p - 1
			if p != 0 {
				n++
			}
		}
		if n < 2 {
			child.items = child.items[:at]
			continue
		}
		child.items = child.items[:at+n]
		child.start = append(child.start, uint32(len(child.items)))
		if i < len(heavy) {
			child.weight = append(child.weight, heavy[i])
		}
	}
	return child.index(m.ctx, len(lv.ext))
}

// grow2 returns s with n more elements of unspecified contents.
func grow2(s []uint32, n int) []uint32 {
	if cap(s)-len(s) >= n {
		return s[:len(s)+n]
	}
	return append(s, make([]uint32, n)...)
}

// sortSmall sorts ascending; most lists here are short, where insertion is fastest.
func sortSmall(x []uint32) {
	if len(x) > 24 {
		slices.Sort(x)
		return
	}
	for i := 1; i < len(x); i++ {
		v := x[i]
		j := i
		for ; j > 0 && x[j-1] > v; j-- {
			x[j] = x[j-1]
		}
		x[j] = v
	}
}
