// Package offheap gives memory that the collector does not see, for the few
// large arrays without pointers that are most of what a run holds. On the heap
// the collector would let old and new ones stand beside each other before it
// noticed, and would hand out 4 KiB pages, one fault each; here a run decides
// itself when memory goes back, and pages are large where the system has them.
package offheap

import "unsafe"

// Pages says how the memory is backed.
type Pages uint8

const (
	// Small pages may be given back piece by piece with Discard.
	Small Pages = iota
	// Huge pages cost a five-hundredth of the faults and of the address
	// translation. They are for memory that is let go as a whole. Where the system
	// has none, small ones take their place.
	Huge
)

// HugeWords is the size of a huge page, in words. Sizes of Huge memory are best
// multiples of it.
const HugeWords = 2 << 20 / 8

// Floats views words as floating-point numbers.
func Floats(words []uint64) []float64 {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(&words[0])), len(words))
}

// Bytes views words as bytes, in the byte order of the machine.
func Bytes(words []uint64) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)
}

// words views bytes that are aligned as words are.
func words(b []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), len(b)/8)
}
