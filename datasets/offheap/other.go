//go:build !unix

package offheap

// Map returns n words of fresh memory, all zero, from the heap.
func Map(n int) ([]uint64, error) { return make([]uint64, n), nil }

// Discard would let the system have the memory.
func Discard([]uint64) {}

// Unmap leaves the words to the collector.
func Unmap([]uint64) error { return nil }
