// Package offheap gives memory outside the collector's view, for the few large
// arrays without pointers that make up most of the memory of a run. On the heap,
// old and new arrays would exist side by side until a collection, and every page
// would cost a fault; here the run itself decides when memory goes back, and pages
// are made by the thousand.
//
// Pages are of the common size. Huge pages save faults on a machine of one's own,
// but cost ten times as much where a hypervisor takes free pages back, as measured
// in docs/benchmarks/log.md.
package offheap

import "unsafe"

// Floats views words as floating-point numbers.
func Floats(words []uint64) []float64 {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(&words[0])), len(words))
}

// Float32s views words as floating-point numbers of 32 bits, two to a word, in the
// byte order of the machine.
func Float32s(words []uint64) []float32 {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&words[0])), len(words)*2)
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

// Int32s views words as numbers of 32 bits, two to a word, in the byte order of the
// machine.
func Int32s(words []uint64) []int32 {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(&words[0])), len(words)*2)
}

// Int16s views words as numbers of 16 bits, four to a word, in the byte order of
// the machine.
func Int16s(words []uint64) []int16 {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*int16)(unsafe.Pointer(&words[0])), len(words)*4)
}
