//go:build amd64 && !noasm

package sorting

import "golang.org/x/sys/cpu"

// sortFast sorts each column of rows, a power of two leaves, and reports whether
// the machine has the instructions.
func sortFast(rows []Row) bool {
	if !cpu.X86.HasAVX2 {
		return false
	}
	sortAVX2(&rows[0][0], len(rows))
	return true
}
