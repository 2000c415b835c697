//go:build unix

package history

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// mapWords returns n words of fresh memory, all zero.
func mapWords(n int) ([]uint64, error) {
	mem, err := unix.Mmap(-1, 0, n*8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("asking the system for memory for the history: %w", err)
	}
	if runtime.GOOS == "linux" {
		// All pages at once, rather than one fault each; advice for newer kernels.
		_ = unix.Madvise(mem, populateWrite)
	}
	return wordsOf(mem), nil
}

// populateWrite is MADV_POPULATE_WRITE of Linux 5.14.
const populateWrite = 23

// discardWords lets the system have the memory; its contents are lost.
func discardWords(words []uint64) {
	_ = unix.Madvise(bytesOf(words), unix.MADV_DONTNEED) // advice: the memory stays where it fails
}

// unmapWords ends the life of words that mapWords returned.
func unmapWords(words []uint64) error { return unix.Munmap(bytesOf(words)) }
