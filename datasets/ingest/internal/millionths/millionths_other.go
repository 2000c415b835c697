//go:build !amd64 || noasm

package millionths

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return false }

func ofFloats([]int64, []float64, int) int {
	panic("millionths: BUG: called on a machine without the instructions")
}
