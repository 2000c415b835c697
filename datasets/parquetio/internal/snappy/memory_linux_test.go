package snappy

import (
	"testing"

	"golang.org/x/sys/unix"
)

// memory is where buffers end at a page that can be neither read nor written.
type memory []byte

// newMemory returns memory for buffers of up to n bytes.
func newMemory(tb testing.TB, n int) memory {
	tb.Helper()
	page := unix.Getpagesize()
	size := (n + page - 1) / page * page
	all, err := unix.Mmap(-1, 0, size+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := unix.Munmap(all); err != nil {
			tb.Error(err)
		}
	})
	if err := unix.Mprotect(all[size:], unix.PROT_NONE); err != nil {
		tb.Fatal(err)
	}
	return memory(all[:size:size])
}
