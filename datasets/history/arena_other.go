//go:build !unix

package history

// mapWords returns n words of fresh memory, all zero.
func mapWords(n int) ([]uint64, error) { return make([]uint64, n), nil }

// discardWords would let the system have the memory.
func discardWords([]uint64) {}

// unmapWords leaves the words to the collector.
func unmapWords([]uint64) error { return nil }
