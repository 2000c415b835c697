package itemset

import "math/bits"

// denseLevel is the scratch of one depth of the search in bitmaps.
type denseLevel struct {
	rows  []uint64 // k rows of w.words words
	label []uint32
	count []uint32
}

// shape is the layout of a bitmap over transactions: first the words of
// transactions with weights above one, padded, then the words of transactions
// of weight one.
type shape struct {
	words  int
	heavy  int // words, of words, that hold weighted transactions
	weight []uint32
}

func (m *miner) denseAt(depth int) *denseLevel {
	for len(m.bitmaps) <= depth {
		m.bitmaps = append(m.bitmaps, new(denseLevel))
	}
	return m.bitmaps[depth]
}

// mineDense does the work of descend with one bitmap for each extension, over
// the transactions of item j.
func (m *miner) mineDense(db *database, j, depth int, lv *level) {
	spans, heavy := db.before(j)
	sh := newShape(spans, heavy)
	m.fillDense(db, j, lv, sh)
	top := m.denseAt(0)
	top.label, top.count = top.label[:0], top.count[:0]
	for _, e := range lv.ext {
		top.label = append(top.label, db.label[e])
		top.count = append(top.count, lv.count[e])
	}
	k := len(lv.ext)
	m.eclat(top.rows[sh.words:(k+1)*sh.words], top.label, top.count, sh, 1)
}

// newShape lays out the transactions of spans, the first of which have the
// weights given.
func newShape(spans []span, weight []uint32) shape {
	heavy := (len(weight) + 63) / 64
	return shape{heavy: heavy, weight: weight, words: heavy + (len(spans)-len(weight)+63)/64}
}

// fillDense sets, in the bitmaps of depth 0, the bits of row place[r] for every
// item r before item j of db. Row 0 takes the items that are not extensions.
func (m *miner) fillDense(db *database, j int, lv *level, sh shape) {
	top := m.denseAt(0)
	top.rows = grow(top.rows, (len(lv.ext)+1)*sh.words)
	clear(top.rows)
	heavy := len(sh.weight)
	pad := sh.heavy*64 - heavy
	place, rows := lv.place, top.rows
	spans, _ := db.before(j)
	for i, sp := range spans {
		if i >= heavy {
			i += pad
		}
		word, bit := i/64, uint64(1)<<(i%64)
		for _, r := range db.items[sp.from:sp.to] {
			rows[int(place[r])*sh.words+word] |= bit
		}
	}
}

// eclat finds every set made of the prefix and two or more of the given items;
// row i holds the transactions of the prefix with item label[i].
func (m *miner) eclat(rows []uint64, label, count []uint32, sh shape, depth int) {
	k, words, prefix := len(label), sh.words, len(m.prefix)
	length := prefix + 2
	if length > m.maxLength {
		return
	}
	next := m.denseAt(depth)
	next.rows = grow(next.rows, k*words)
	deeper := length < m.maxLength
	for j := 1; j < k; j++ {
		if count[j] < m.min {
			continue
		}
		m.prefix = append(m.prefix[:prefix], label[j])
		next.label, next.count = next.label[:0], next.count[:0]
		row, n := rows[j*words:(j+1)*words], 0
		for i := range j {
			c := sh.and(next.rows[n*words:(n+1)*words], row, rows[i*words:(i+1)*words])
			if c >= m.min {
				m.emitJoined(label[i], c)
				next.label = append(next.label, label[i])
				next.count = append(next.count, c)
				n++
			}
		}
		if m.halt(j * words) {
			break
		}
		if deeper && n >= 2 {
			m.eclat(next.rows[:n*words], next.label, next.count, sh, depth+1)
		}
	}
	m.prefix = m.prefix[:prefix]
}

// and sets dst to the intersection of a and b and returns its weight.
func (sh *shape) and(dst, a, b []uint64) uint32 {
	a, b = a[:len(dst)], b[:len(dst)]
	if sh.heavy == 0 {
		n := 0
		for i := range dst {
			x := a[i] & b[i]
			dst[i] = x
			n += bits.OnesCount64(x)
		}
		return uint32(n)
	}
	n, c := 0, uint32(0)
	for i := range dst {
		x := a[i] & b[i]
		dst[i] = x
		if i >= sh.heavy {
			n += bits.OnesCount64(x)
			continue
		}
		for ; x != 0; x &= x - 1 {
			c += sh.weight[i*64+bits.TrailingZeros64(x)]
		}
	}
	return c + uint32(n)
}
