package features

import (
	"sync"

	"github.com/quintile-dev/quintile/datasets/offheap"
)

// slabWords is the size at which the slabs of a builder stop doubling: 16 MiB,
// unless a single chunk is larger.
const slabWords = 16 << 20 / 8

// slabs is the memory of a table's chunks. It lies outside the heap: cloned to
// the heap, chunks cost more for page faults and clearing than for all else in
// building a table.
type slabs struct {
	mu     sync.Mutex
	mapped [][]uint64
}

// add returns n words of fresh memory, which live until close.
func (s *slabs) add(n int) ([]uint64, error) {
	words, err := offheap.Map(n)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mapped = append(s.mapped, words)
	return words, nil
}

func (s *slabs) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first error
	for _, words := range s.mapped {
		if err := offheap.Unmap(words); err != nil && first == nil {
			first = err
		}
	}
	s.mapped = nil
	return first
}

// shelf is where a builder has room for chunks: what is left of its last slab.
type shelf struct {
	rest []float64
	next int // words of the next slab
}

// room returns memory for a whole chunk of n values, which stays the shelf's
// until keep. A small table maps little: slabs double from a single chunk, and
// stop at what the budget leaves.
func (t *Table) room(s *shelf, n int) ([]float64, error) {
	if len(s.rest) < n {
		left := (t.config.Memory - t.used.Load()) / 8
		size := max(n, int(min(int64(s.next), left)))
		words, err := t.slabs.add(size)
		if err != nil {
			return nil, err
		}
		s.rest, s.next = offheap.Floats(words), min(2*size, slabWords)
	}
	return s.rest[:n:n], nil
}

// keep gives the first n values of the room away.
func (s *shelf) keep(n int) {
	const cacheLine = 8
	s.rest = s.rest[min(len(s.rest), (n+cacheLine-1)/cacheLine*cacheLine):]
}
