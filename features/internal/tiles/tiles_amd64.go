//go:build amd64 && !noasm

package tiles

import "golang.org/x/sys/cpu"

// turnFast turns the first columns, as many as possible, and returns the number
// turned.
func turnFast(dst []float64, stride int, tile []float64, d, n int) int {
	if n < 2 || !cpu.X86.HasAVX2 {
		return 0
	}
	turnAVX2(&dst[0], stride, &tile[0], d, n/2)
	return n &^ 1
}
