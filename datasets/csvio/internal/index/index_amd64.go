//go:build amd64 && !noasm

package index

import "golang.org/x/sys/cpu"

// Fast reports whether the assembler runs on this machine.
func Fast() bool {
	return cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT && cpu.X86.HasPCLMULQDQ
}

func fields(pos []uint32, data []byte, from, blocks int, delim, newline byte, edge uint64) (n, lines int, wide, padded bool) {
	n, lines, w, p := fieldsAVX2(&pos[0], &data[from], from, blocks, delim, newline, edge)
	return n, lines, w != 0, p != 0
}

func quotedEnds(q *Quotes, ends []uint64, data []byte, blocks int, delim, newline byte) {
	endsAVX2(&q.Inside, &ends[0], &data[0], blocks, delim, newline)
}

func positions(pos []uint32, ends []uint64, base int) int {
	return positionsBMI(&pos[0], &ends[0], base, len(ends))
}
