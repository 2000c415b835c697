package offheap

// Shelf is a worker's own few blocks: those it gave back last it takes first. They
// are likely still in the caches next to it, whereas a block that another worker has
// touched must be fetched from the other's. One goroutine uses a shelf at a time.
type Shelf struct {
	blocks *Blocks
	own    [][]uint64
}

// shelfBlocks is the number of blocks that stay on a shelf: 1 MiB, of which a second
// cache holds most.
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

// Give takes blocks back. They must not be touched afterwards. Where the shelf is
// full, the blocks that lie longest on it go to everybody.
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
