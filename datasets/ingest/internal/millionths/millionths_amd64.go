//go:build amd64 && !noasm

package millionths

import "golang.org/x/sys/cpu"

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return cpu.X86.HasAVX2 }

func ofFloats(dst []int64, values []float64, quads int) int {
	return ofFloatsAVX2(&dst[0], &values[0], quads)
}
