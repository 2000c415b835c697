package itemset

import (
	"context"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
)

// search is the state shared by the workers of a run.
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
	lookups   int                      // when to make rows of later items; see mapLater
	halted    atomic.Bool              // ctx is done or stop said yes

	idle   chan *miner // free miners; never more than workers
	miners []*miner
	done   []bool // by task: finished, and not cut short
}

// run mines the whole database: one task for each item, in order of rank, and
// each task finds the sets with its item as the least frequent item.
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

	// Scratch of the search for closed sets.
	laterCount []uint32
	laterRows  []uint64
	scratch    []uint64
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

// flush reports the new sets to the limit, and drops sets below the threshold.
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
