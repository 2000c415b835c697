//go:build !amd64 || noasm

package packed

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return false }

func unpack([]uint32, []byte, int, int) uint32 {
	panic("packed: BUG: called on a machine without the instructions")
}
