//go:build amd64 && !noasm

package snappy

import "golang.org/x/sys/cpu"

// best returns the fastest kernel that this machine can run.
func best() kernel {
	x := &cpu.X86
	switch {
	case x.HasAVX512VBMI && x.HasAVX512VL && x.HasAVX2 && x.HasBMI2:
		return tokensVBMI
	case x.HasAVX2 && x.HasBMI2:
		return tokensAVX2
	}
	return nil
}
