package itemset

import (
	"sync"
	"sync/atomic"
)

// limit keeps a budget by raising the minimum count: as soon as more sets are
// known than the budget admits, the threshold goes up to where they fit again.
//
// Every set is found at a threshold no higher than its own count, so the limit
// only leaves a threshold behind once the data are known to hold too many sets
// at the threshold. The final threshold is therefore the lowest at which all
// sets fit, whatever the order of finding.
type limit struct {
	budget  Budget
	baskets int
	start   uint32        // threshold asked for
	min     atomic.Uint32 // current threshold
	fixed   bool          // never raise; report in over instead
	over    atomic.Bool

	mu    sync.Mutex
	total tally // of the sets at or above the threshold
	pages []*[pageSize]tally
}

// tally counts sets and the bytes they take.
type tally struct{ sets, bytes int64 }

const pageSize = 4096

func newLimit(b Budget, kind Kind, minCount, n int) *limit {
	l := &limit{budget: b, baskets: n, start: uint32(minCount), fixed: kind == Maximal, pages: make([]*[pageSize]tally, n/pageSize+1)}
	l.min.Store(uint32(minCount))
	return l
}

// setBytes is the size of a set of n items in a byte budget: the size of its
// record while mining, at least its size in the result.
func setBytes(n int) int64 { return 4 * int64(n+recordWords) }

// add counts the records of the chunk and returns the threshold then in force.
func (l *limit) add(chunk []uint32) uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	floor := l.min.Load()
	each(chunk, func(count uint32, items []uint32) {
		if count < floor {
			return
		}
		page := l.pages[count/pageSize]
		if page == nil {
			page = new([pageSize]tally)
			l.pages[count/pageSize] = page
		}
		cell, bytes := &page[count%pageSize], setBytes(len(items))
		cell.sets++
		cell.bytes += bytes
		l.total.sets++
		l.total.bytes += bytes
	})
	for l.exceeded() {
		if l.fixed {
			l.over.Store(true)
			return floor
		}
		if page := l.pages[floor/pageSize]; page != nil {
			l.total.sets -= page[floor%pageSize].sets
			l.total.bytes -= page[floor%pageSize].bytes
		}
		floor++
	}
	l.min.Store(floor)
	return floor
}

// exceeded reports whether the sets known do not fit.
func (l *limit) exceeded() bool {
	return l.total.sets > int64(l.budget.Sets) || l.total.bytes > l.budget.Bytes
}
