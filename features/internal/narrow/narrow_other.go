//go:build !amd64 || noasm

package narrow

func wholeFast([]int16, []float64) int { return 0 }

func hundredthsFast([]int32, []float64) int { return 0 }
