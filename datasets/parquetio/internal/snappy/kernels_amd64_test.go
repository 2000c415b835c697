//go:build amd64 && !noasm

package snappy

import "golang.org/x/sys/cpu"

// kernels returns those that this machine can run, by name.
func kernels() map[string]kernel {
	all := map[string]kernel{}
	x := &cpu.X86
	if x.HasAVX2 && x.HasBMI2 {
		all["AVX2"] = tokensAVX2
		if x.HasAVX512VBMI && x.HasAVX512VL {
			all["VBMI"] = tokensVBMI
		}
	}
	return all
}
