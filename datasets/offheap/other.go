//go:build !unix

package offheap

// regionWords is the memory reserved by Blocks at a time: no more than needed,
// since here reserved memory is resident at once.
const regionWords = 0

// Reserve returns n words of fresh memory, all zero, from the heap.
func Reserve(n int) ([]uint64, error) { return make([]uint64, n), nil }

// Populate has nothing to do.
func Populate([]uint64) {}

// Discard would let the system have the memory.
func Discard([]uint64) {}

// Unmap leaves the words to the collector.
func Unmap([]uint64) error { return nil }
