//go:build amd64 && !noasm

package index

import "golang.org/x/sys/cpu"

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT }

func fields(pos []uint32, data []byte, from, blocks int, delim, newline byte, edge uint64) (n, lines int, wide, padded bool) {
	n, lines, w, p := fieldsAVX2(&pos[0], &data[from], from, blocks, delim, newline, edge)
	return n, lines, w != 0, p != 0
}
