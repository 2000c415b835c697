//go:build amd64 && !noasm

package packed

import "golang.org/x/sys/cpu"

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return cpu.X86.HasAVX2 }

func unpack(dst []uint32, src []byte, eights, width int) uint32 {
	return unpackAVX2(&dst[0], &src[0], eights, width)
}
