//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI1 }

func assignFast(x []float32, list []int32, dims int, tiles []float32, count int, labels []int32) bool {
	if !Fast() {
		return false
	}
	assignAVX2(&x[0], &list[0], len(list), dims, &tiles[0], count, &labels[0])
	return true
}

func assign2Fast(x []float32, list []int32, dims int, tiles []float32, count int, labels []int32, first, second []float32) bool {
	if !Fast() {
		return false
	}
	assign2AVX2(&x[0], &list[0], len(list), dims, &tiles[0], count, &labels[0], &first[0], &second[0])
	return true
}

func changedFast(list []int32, old, fresh []int32, masks []uint32) bool {
	if !Fast() {
		return false
	}
	changedAVX2(&list[0], len(list), &old[0], &fresh[0], &masks[0])
	return true
}

func gapsFast(norms, first, second []float32, slack float32, lanes, least []float32) bool {
	if !Fast() {
		return false
	}
	gapsAVX2(len(least), &norms[0], &first[0], &second[0], slack, &lanes[0], &least[0])
	return true
}

func nearerFast(x []float32, blocks, dims int, points, best, out []float32) bool {
	if !Fast() || dims == 0 {
		return false
	}
	nearerAVX2(&x[0], blocks, dims, &points[0], &best[0], &out[0])
	return true
}

func moveFast(x []float32, dims int, mask uint32, from, to *[Block]int32, sums []float64) bool {
	if !Fast() {
		return false
	}
	moveAVX2(&x[0], dims, mask, &from[0], &to[0], &sums[0])
	return true
}

func frameFast(col []float32, blocks int, scale, shift float32, dst []float32, dims int) (uint32, bool) {
	if !Fast() {
		return 0, false
	}
	return frameAVX2(&col[0], blocks, scale, shift, &dst[0], 4*Block*dims), true
}

func gatherFast(x []float32, list *[Block]int32, dims int, dst []float32) bool {
	if !Fast() {
		return false
	}
	gatherAVX2(&x[0], &list[0], dims, &dst[0])
	return true
}

func turnFast(x []float32, dims int, dst []float32) bool {
	if !Fast() {
		return false
	}
	turnAVX2(&x[0], dims, &dst[0])
	return true
}

func normsFast(x []float32, list []int32, dims int, norms []float32) bool {
	if !Fast() || dims == 0 {
		return false
	}
	normsAVX2(&x[0], &list[0], len(list), dims, &norms[0])
	return true
}
