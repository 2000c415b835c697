// Package holdings stores the purchases of each customer: for every item the days of the
// orders with the item. The store is filled in the scan, partition by partition, and kept
// on disk beyond a budget. The holdings on an earlier day are read from the same store.
package holdings

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// Config says how holdings are collected.
type Config struct {
	// Codes returns the codes of the items of events: a column such as the product. An event
	// with datasets.NoCode has no item. nil codes: no event has an item.
	Codes      func(*datasets.Events) []uint32
	Partitions int
	Memory     int64        // bytes kept in memory, > 0; partitions beyond it go to disk
	Spill      *spill.Space // room on disk
}

// Store holds the items of all customers, partition by partition.
type Store struct {
	config Config
	blocks []block      // by partition; each is set by one writer
	held   atomic.Int64 // bytes in memory
}

// block is the customers of a partition. A customer is the number of words that follow,
// then for each item, by rising code: the code, the number of orders, the day of each.
type block struct {
	words     []uint32 // nil where they are spilled
	n         int      // number of words
	customers int
	spilled   spill.Extent
}

// New returns an empty store.
func New(c Config) *Store { return &Store{config: c, blocks: make([]block, c.Partitions)} }

// Bytes returns the size of the store, in memory and on disk.
func (s *Store) Bytes() int64 {
	total := int64(0)
	for i := range s.blocks {
		total += 4 * int64(s.blocks[i].n)
	}
	return total
}

// Partitions returns the number of partitions.
func (s *Store) Partitions() int { return len(s.blocks) }

// put stores the words of a partition, which the caller may use again.
func (s *Store) put(partition, worker int, words []uint32, customers int) (err error) {
	b := block{n: len(words), customers: customers}
	size := 4 * int64(len(words))
	if s.held.Add(size) > s.config.Memory {
		s.held.Add(-size)
		if b.spilled, err = s.config.Spill.Write(worker, bytesOf(words)); err != nil {
			return fmt.Errorf("spilling holdings: %w", err)
		}
	} else {
		b.words = append(make([]uint32, 0, len(words)), words...)
	}
	s.blocks[partition] = b
	return nil
}

// Close lets go of memory and of the room on disk. It may be called on nil, and again.
func (s *Store) Close() {
	if s == nil {
		return
	}
	for i := range s.blocks {
		if s.blocks[i].spilled != nil {
			s.config.Spill.Free(s.blocks[i].spilled)
		}
		s.blocks[i] = block{}
	}
	s.held.Store(0)
}

// bytesOf views words as bytes in the byte order of the machine.
func bytesOf(words []uint32) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*4)
}
