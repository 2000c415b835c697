package itemset

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
)

// search is what the workers of one run share.
type search struct {
	ctx       context.Context
	db        *database
	alphabet  alphabet
	maxLength int
	kind      Kind
	limit     *limit
	longest   []int // baskets to weigh afterwards; see heavy.go
	stop      func() bool
	dense     func(k, s, nnz int) bool // whether to use bitmaps; see denseIsCheaper
	halted    atomic.Bool              // ctx is done or stop said yes

	idle   chan *miner // free miners; never more than workers
	miners []*miner
	done   []bool // by task: finished, and not cut short
}

// run mines the whole database: one task for each item, in order of rank, which
// finds the sets whose least frequent item it is.
func (s *search) run(workers int) error {
	s.idle = make(chan *miner, workers)
	for range workers {
		m := &miner{search: s}
		s.miners = append(s.miners, m)
		s.idle <- m
	}
	s.done = make([]bool, len(s.alphabet.byRank))
	err := models.Parallel(s.ctx, workers, len(s.done), func(t int) error {
		if s.halted.Load() {
			return nil
		}
		m := <-s.idle
		if s.kind == Frequent {
			m.task(t)
		} else {
			m.closedTask(t)
		}
		s.done[t] = !s.halted.Load()
		s.idle <- m
		return nil
	})
	for _, m := range s.miners {
		m.flush()
	}
	return err
}

// poll is how many units of work a miner does between two looks at the clock:
// a unit takes about a nanosecond.
const poll = 1 << 20

// flushWords is how much a miner finds between two looks at the budget.
const flushWords = 1 << 13

// miner is the scratch of one worker.
type miner struct {
	*search
	found   arena
	pending int    // chunks of found.full that the limit has counted
	counted int    // words of found.open that the limit has counted
	fresh   int    // words found since the last flush
	min     uint32 // threshold, as last seen
	packed  int    // words held after the last compaction
	held    int

	work    int // units done since the last poll
	prefix  []uint32
	levels  []*level
	bitmaps []*denseLevel
}

// level is the scratch of one depth of the search.
type level struct {
	count []uint32 // by local item of the parent
	place []uint32 // 1 + local item of the child, by local item of the parent
	ext   []uint32 // frequent extensions: local items of the parent
	child database
}

func (m *miner) level(depth int) *level {
	for len(m.levels) <= depth {
		m.levels = append(m.levels, new(level))
	}
	return m.levels[depth]
}

// task finds every set whose item of highest rank is t.
func (m *miner) task(t int) {
	m.min = m.limit.min.Load()
	ord := m.alphabet.byRank[t]
	if m.alphabet.count[ord] < m.min {
		return
	}
	m.prefix = append(m.prefix[:0], ord)
	m.emit(m.prefix, m.alphabet.count[ord])
	m.extend(m.db, t, 0)
}

// emit records a set of the given count.
func (m *miner) emit(items []uint32, count uint32) {
	copy(m.found.record(len(items), count), items)
	m.fresh += len(items) + recordWords
	if m.fresh >= flushWords {
		m.flush()
	}
}

// emitJoined records the prefix with one more item.
func (m *miner) emitJoined(item, count uint32) {
	rec := m.found.record(len(m.prefix)+1, count)
	copy(rec, m.prefix)
	rec[len(rec)-1] = item
	m.fresh += len(rec) + recordWords
	if m.fresh >= flushWords {
		m.flush()
	}
}

// flush tells the limit what was found and drops what no longer counts.
func (m *miner) flush() {
	m.held += m.fresh
	m.fresh = 0
	floor := m.min
	for ; m.pending < len(m.found.full); m.pending++ {
		floor = m.limit.add(m.found.full[m.pending][m.counted:])
		m.counted = 0
	}
	if m.counted < len(m.found.open) {
		floor = m.limit.add(m.found.open[m.counted:])
		m.counted = len(m.found.open)
	}
	m.min = max(m.min, floor)
	if m.limit.over.Load() {
		m.halted.Store(true)
	}
	if m.min > m.limit.start && m.held > m.packed+m.packed/8+4*chunkWords {
		m.found.compact(m.min)
		m.pending, m.counted = len(m.found.full), len(m.found.open)
		m.held = 0
		for _, c := range m.found.chunks() {
			m.held += len(c)
		}
		m.packed = m.held
	}
}

// halt reports whether to give up; it looks once in poll units of work.
func (m *miner) halt(units int) bool {
	m.work += units
	if m.work < poll {
		return m.halted.Load()
	}
	m.work = 0
	if m.ctx.Err() != nil || (m.stop != nil && m.stop()) {
		m.halted.Store(true)
	}
	return m.halted.Load()
}

// extend finds every set made of the prefix, whose last item is item j of db,
// and one or more items before j.
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

// countBefore counts, over the transactions of item j, the items before it, and
// lists those that reach the threshold.
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
