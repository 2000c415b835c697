//go:build !linux

package cluster

// newFloats returns n zeros.
func newFloats(n int) []float32 { return make([]float32, n) }
