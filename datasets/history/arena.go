package history

import (
	"fmt"
	"sync"

	"github.com/quintile-dev/quintile/datasets/offheap"
)

// blockWords is the size of a block of slips: 16 KiB, so that a partition wastes
// little and a spill writes long runs.
const blockWords = 2048

// A slab is what the system is asked for at a time: each as large as all before
// it, within these bounds, in words.
const (
	minSlab = 1 << 17
	maxSlab = 1 << 19
)

// arena hands out blocks of slips from memory that the collector does not see. A
// history is most of what a run holds, in a few thousand blocks without
// pointers, and is let go bucket by bucket while the features grow: on the heap,
// the collector would let both stand beside each other before it noticed. Memory
// of a block that is let go returns to the system at once, but for a small
// history's.
type arena struct {
	keep  int64 // bytes up to which nothing is given back before close
	mu    sync.Mutex
	words int // of all slabs
	slabs [][]uint64
	free  [][]uint64
}

// defaultKeep is what a history without a budget keeps to itself: giving memory
// back block by block costs a twelfth of a scan.
const defaultKeep = 512 << 20

// block returns a block of blockWords words, of length 0.
func (a *arena) block() ([]uint64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.free) == 0 {
		if err := a.grow(); err != nil {
			return nil, err
		}
	}
	last := len(a.free) - 1
	b := a.free[last]
	a.free = a.free[:last]
	return b[:0], nil
}

// grow asks for another slab.
func (a *arena) grow() error {
	size := min(max(a.words, minSlab), maxSlab)
	slab, err := offheap.Map(size)
	if err != nil {
		return fmt.Errorf("memory for the history: %w", err)
	}
	a.words += size
	a.slabs = append(a.slabs, slab)
	for at := 0; at < len(slab); at += blockWords {
		a.free = append(a.free, slab[at:at+blockWords:at+blockWords])
	}
	return nil
}

// reuse takes back a block that will be wanted again soon.
func (a *arena) reuse(b []uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free = append(a.free, b[:blockWords])
}

// release gives the memory of a block back to the system, if the arena is large
// enough for that to matter. The block must not be touched afterwards.
func (a *arena) release(b []uint64) {
	if a.large() {
		offheap.Discard(b[:blockWords])
	}
}

// large reports whether the arena holds more than it may keep. It is called
// when no more blocks are handed out.
func (a *arena) large() bool { return 8*int64(a.words) > a.keep }

// trim gives the memory of the blocks that wait to be used again back to the
// system.
func (a *arena) trim() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.large() {
		return
	}
	for _, b := range a.free {
		offheap.Discard(b[:blockWords])
	}
}

// close returns all memory. No block may be touched afterwards.
func (a *arena) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var first error
	for _, slab := range a.slabs {
		if err := offheap.Unmap(slab); err != nil && first == nil {
			first = err
		}
	}
	a.words, a.slabs, a.free = 0, nil, nil
	return first
}
