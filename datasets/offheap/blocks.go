package offheap

import (
	"cmp"
	"slices"
	"sync"
	"unsafe"
)

// BlockWords is the size of a block: 16 KiB.
const BlockWords = 2048

// A slab is the memory populated at a time: a sixteenth of all memory before,
// within these bounds, in words.
const (
	minSlab = 4 * BlockWords
	maxSlab = 256 * BlockWords
)

// Blocks hands out blocks of BlockWords words and takes blocks back: memory
// released by one stage of a run is used by the next. Blocks is safe for
// concurrent use.
type Blocks struct {
	mu      sync.Mutex
	keep    int64
	words   int // of all slabs
	regions [][]uint64
	rest    []uint64 // of a region: not populated yet
	free    [][]uint64

	shelves []*Shelf // by worker
}

// NewBlocks returns an empty supply. Beyond keep bytes, the memory of a returned
// block goes back to the system at once. This step takes time and interrupts every
// core, and the memory returns page by page if the block is taken again.
func NewBlocks(keep int64) *Blocks { return &Blocks{keep: keep} }

// Take returns a block. Its contents are unspecified.
//
// Errors: the error of the system, where no memory is left.
func (b *Blocks) Take() ([]uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.free) == 0 {
		if err := b.grow(); err != nil {
			return nil, err
		}
	}
	last := len(b.free) - 1
	block := b.free[last]
	b.free = b.free[:last]
	return block, nil
}

// grow adds a slab. The lock is released for the millisecond in which the system
// makes the pages: meanwhile other goroutines may find a block, or add a slab
// too.
func (b *Blocks) grow() error {
	size := min(max(b.words/16/BlockWords*BlockWords, minSlab), maxSlab)
	if len(b.rest) < size {
		region, err := Reserve(max(size, regionWords))
		if err != nil {
			if region, err = Reserve(size); err != nil {
				return err
			}
		}
		b.regions, b.rest = append(b.regions, region), region
	}
	slab := b.rest[:size:size]
	b.rest = b.rest[size:]
	b.mu.Unlock()
	Populate(slab)
	b.mu.Lock()
	b.words += size
	for at := 0; at < size; at += BlockWords {
		b.free = append(b.free, slab[at:at+BlockWords:at+BlockWords])
	}
	return nil
}

// Reuse takes back blocks that will be needed again soon: such blocks keep their
// memory until Keep. The caller must not touch the blocks afterwards.
func (b *Blocks) Reuse(blocks ...[]uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, block := range blocks {
		b.free = append(b.free, block[:BlockWords])
	}
}

// Keep sets the bound of NewBlocks anew. Where the pool is beyond the bound, the
// memory of free blocks goes back to the system.
func (b *Blocks) Keep(bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keep = bytes
	if 8*int64(b.words) <= b.keep {
		return
	}
	slices.SortFunc(b.free, func(x, y []uint64) int { return cmp.Compare(address(x), address(y)) })
	for from := 0; from < len(b.free); { // as many at a time as are neighbours
		to := from + 1
		for to < len(b.free) && address(b.free[to]) == address(b.free[to-1])+8*BlockWords {
			to++
		}
		Discard(unsafe.Slice(&b.free[from][0], (to-from)*BlockWords))
		from = to
	}
}

func address(block []uint64) uintptr { return uintptr(unsafe.Pointer(&block[0])) }

// Give takes blocks back. They must not be touched afterwards.
func (b *Blocks) Give(blocks ...[]uint64) {
	b.mu.Lock()
	beyond := 8*int64(b.words) > b.keep
	b.mu.Unlock()
	if beyond {
		for _, block := range blocks {
			Discard(block[:BlockWords])
		}
	}
	b.Reuse(blocks...)
}

// Resident returns the memory of blocks in bytes: blocks taken or on a free list,
// and free blocks that keep their memory.
func (b *Blocks) Resident() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	words := b.words
	if 8*int64(words) > b.keep {
		words -= len(b.free) * BlockWords
	}
	return 8 * int64(words)
}

// Bytes returns the memory populated, in bytes.
func (b *Blocks) Bytes() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return 8 * int64(b.words)
}

// Close returns all memory. No block may be touched afterwards.
func (b *Blocks) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var first error
	for _, region := range b.regions {
		if err := Unmap(region); err != nil && first == nil {
			first = err
		}
	}
	b.words, b.regions, b.rest, b.free, b.shelves = 0, nil, nil, nil, nil
	return first
}
