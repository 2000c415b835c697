//go:build unix

package offheap

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// populateWrite is MADV_POPULATE_WRITE of Linux 5.14.
const populateWrite = 23

// regionWords is the memory reserved by Blocks at a time: 64 MiB. Reserving takes
// a lock of the process that is held during populating, and is therefore done
// seldom.
const regionWords = 8 << 20

// Reserve returns n words of fresh memory, all zero, to be given back with
// Unmap. Pages are made when first touched; see Populate.
//
// Errors: the error of the system, where no memory is left.
func Reserve(n int) ([]uint64, error) {
	mem, err := unix.Mmap(-1, 0, n*8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("asking the system for %d bytes of memory: %w", n*8, err)
	}
	return words(mem), nil
}

// Populate has the system make all pages of whole reserved pages at once, rather
// than one fault each.
func Populate(words []uint64) {
	if runtime.GOOS == "linux" {
		_ = unix.Madvise(Bytes(words), populateWrite) // advice: what an older kernel refuses comes page by page
	}
}

// Discard lets the system have the memory; its contents are lost. Only whole
// pages go.
func Discard(words []uint64) {
	_ = unix.Madvise(Bytes(words), unix.MADV_DONTNEED) // advice: the memory stays where it fails
}

// Unmap ends the life of words that Reserve returned.
func Unmap(words []uint64) error { return unix.Munmap(Bytes(words)) }
