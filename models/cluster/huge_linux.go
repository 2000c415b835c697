package cluster

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page, and hugeLeast the bytes from which asking
// for them is worth a system call.
const (
	hugePage  = 2 << 20
	hugeLeast = 8 << 20
)

// newFloats returns n zeros. It asks for huge pages where they are many: touching
// 64 MB for the first time takes 16,384 page faults otherwise, 45 ms on the
// machine of docs/methods/cluster.md, as much as ten iterations on them.
func newFloats(n int) []float32 {
	v := make([]float32, n)
	if 4*n < hugeLeast {
		return v
	}
	base := unsafe.Pointer(unsafe.SliceData(v))
	skip := -uintptr(base) & (hugePage - 1) // bytes to the first whole huge page
	size := (uintptr(4*n) - skip) &^ (hugePage - 1)
	// A hint: where it is refused, all stays as it was.
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Add(base, skip)), size), unix.MADV_HUGEPAGE)
	return v
}
