package offheap

// Shelf is the free list of one worker: the few blocks given back last are taken
// first. Such blocks are likely still in the caches near the worker, while a block
// touched by another worker must be fetched from that worker's caches. One goroutine
// uses a Shelf at a time.
type Shelf struct {
	blocks *Blocks
	own    [][]uint64
}

// shelfBlocks is the number of blocks on a free list: 1 MiB, most of it within a
// second-level cache.
const shelfBlocks = 64

// Shelf returns the shelf of a worker, the same at each call.
func (b *Blocks) Shelf(worker int) *Shelf {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.shelves) <= worker {
		b.shelves = append(b.shelves, &Shelf{blocks: b})
	}
	return b.shelves[worker]
}

// Take returns a block, as Blocks.Take does.
func (s *Shelf) Take() ([]uint64, error) {
	last := len(s.own) - 1
	if last < 0 {
		return s.blocks.Take()
	}
	block := s.own[last]
	s.own = s.own[:last]
	return block, nil
}

// Give takes blocks back. The caller must not touch the blocks afterwards. Where
// the free list is full, the oldest blocks go to the common pool.
func (s *Shelf) Give(blocks ...[]uint64) {
	for _, block := range blocks {
		s.own = append(s.own, block[:BlockWords])
	}
	if over := len(s.own) - shelfBlocks; over > 0 {
		s.blocks.Give(s.own[:over]...)
		s.own = s.own[:copy(s.own, s.own[over:])]
	}
}

// Clear gives all blocks of the shelf to everybody.
func (s *Shelf) Clear() {
	s.blocks.Give(s.own...)
	s.own = s.own[:0]
}
