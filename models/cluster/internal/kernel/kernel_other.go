//go:build !amd64 || noasm

package kernel

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return false }

func assignFast([]float32, []int32, int, []float32, int, []int32) bool { return false }

func assign2Fast([]float32, []int32, int, []float32, int, []int32, []float32, []float32) bool {
	return false
}

func changedFast([]int32, []int32, []int32, []uint32) bool { return false }

func gapsFast([]float32, []float32, []float32, float32, []float32, []float32) bool {
	return false
}

func nearerFast([]float32, int, int, []float32, []float32, []float32) bool { return false }

func moveFast([]float32, int, uint32, *[Block]int32, *[Block]int32, []float64) bool { return false }

func frameFast([]float32, int, float32, float32, []float32, int) (uint32, bool) { return 0, false }

func gatherFast([]float32, *[Block]int32, int, []float32) bool { return false }

func turnFast([]float32, int, []float32) bool { return false }

func normsFast([]float32, []int32, int, []float32) bool { return false }
