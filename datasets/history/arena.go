package history

import "sync"

// blockWords is the size of a block of records: 32 KiB, so that a partition
// wastes little and a spill writes long runs.
const blockWords = 4096

// slabBlocks is the number of blocks that the system is asked for at a time.
const slabBlocks = 32

// arena hands out blocks of records from memory that the collector does not
// see. A history is most of what a run holds, in a few thousand blocks without
// pointers, and is let go bucket by bucket while the features grow: on the heap,
// the collector would let both stand beside each other before it noticed. Memory
// of a block that is let go returns to the system at once, but for a small
// history's.
type arena struct {
	keep  int64 // bytes up to which nothing is given back before close
	mu    sync.Mutex
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
		slab, err := mapWords(slabBlocks * blockWords)
		if err != nil {
			return nil, err
		}
		a.slabs = append(a.slabs, slab)
		for at := 0; at < len(slab); at += blockWords {
			a.free = append(a.free, slab[at:at+blockWords:at+blockWords])
		}
	}
	last := len(a.free) - 1
	b := a.free[last]
	a.free = a.free[:last]
	return b[:0], nil
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
		discardWords(b[:blockWords])
	}
}

// large reports whether the arena holds more than it may keep. It is called
// when no more blocks are handed out.
func (a *arena) large() bool { return int64(len(a.slabs))*slabBlocks*blockWords*8 > a.keep }

// trim gives the memory of the blocks that wait to be used again back to the
// system.
func (a *arena) trim() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.large() {
		return
	}
	for _, b := range a.free {
		discardWords(b[:blockWords])
	}
}

// close returns all memory. No block may be touched afterwards.
func (a *arena) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var first error
	for _, slab := range a.slabs {
		if err := unmapWords(slab); err != nil && first == nil {
			first = err
		}
	}
	a.slabs, a.free = nil, nil
	return first
}
