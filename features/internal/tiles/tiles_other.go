//go:build !amd64 || noasm

package tiles

func turnFast([]float64, int, []float64, int, int) int { return 0 }
