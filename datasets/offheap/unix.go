//go:build unix

package offheap

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// populateWrite is MADV_POPULATE_WRITE of Linux 5.14.
const populateWrite = 23

// Map returns n words of fresh memory, all zero, that the caller gives back
// with Unmap. All pages are there at once, rather than one fault each.
//
// Errors: that of the system, where it has no more.
func Map(n int) ([]uint64, error) {
	mem, err := unix.Mmap(-1, 0, n*8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("asking the system for %d bytes of memory: %w", n*8, err)
	}
	if runtime.GOOS == "linux" {
		_ = unix.Madvise(mem, populateWrite) // advice: what an older kernel refuses comes page by page
	}
	return words(mem), nil
}

// Discard lets the system have the memory; its contents are lost. Only whole
// pages go.
func Discard(words []uint64) {
	_ = unix.Madvise(Bytes(words), unix.MADV_DONTNEED) // advice: the memory stays where it fails
}

// Unmap ends the life of words that Map returned.
func Unmap(words []uint64) error { return unix.Munmap(Bytes(words)) }
