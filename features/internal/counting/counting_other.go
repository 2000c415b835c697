//go:build !amd64 || noasm

package counting

const fast = false

func countFast(*uint32, *uint32, uint32, *uint32, *int32, int) int {
	panic("counting: BUG: no assembler")
}

func sumFast(*uint32, int, *float64) (_, _, _, _ int, _ uint64, _ float64) {
	panic("counting: BUG: no assembler")
}
