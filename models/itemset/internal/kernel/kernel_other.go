//go:build !amd64 || noasm

package kernel

// Fast reports whether the assembler runs on this machine.
func Fast() bool { return false }

// SetMeasures is not to be called.
func SetMeasures([Rules]*Measures, [Rules]*Table, float64, float64) bool {
	panic("kernel: BUG: called on a machine without the instructions")
}

// SetP is not to be called.
func SetP(*[Rules]float64, [Rules]*Table, *[Rules]int64, *[Powers]float64, float64) bool {
	panic("kernel: BUG: called on a machine without the instructions")
}
