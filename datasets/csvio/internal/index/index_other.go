//go:build !amd64 || noasm

package index

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return false }

func fields([]uint32, []byte, int, int, byte, byte, uint64) (n, lines int, wide, padded bool) {
	panic("index: BUG: called on a machine without the instructions")
}

func quotedEnds(*Quotes, []uint64, []byte, int, byte, byte) {
	panic("index: BUG: called on a machine without the instructions")
}

func positions([]uint32, []uint64, int) int {
	panic("index: BUG: called on a machine without the instructions")
}
