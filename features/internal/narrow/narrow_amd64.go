//go:build amd64 && !noasm

package narrow

import "golang.org/x/sys/cpu"

// wholeFast packs the first values as far as possible, and returns the number
// packed.
func wholeFast(dst []int16, values []float64) int {
	eights := len(values) / 8
	if eights == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	_ = dst[8*eights-1]
	return 8 * wholeAVX2(&dst[0], &values[0], eights)
}

// hundredthsFast packs the first values as far as possible, and returns the number
// packed.
func hundredthsFast(dst []int32, values []float64) int {
	quads := len(values) / 4
	if quads == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	_ = dst[4*quads-1]
	return 4 * hundredthsAVX2(&dst[0], &values[0], quads)
}
