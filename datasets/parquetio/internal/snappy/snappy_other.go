//go:build !amd64 || noasm

package snappy

// best returns nil: there is no kernel for this machine.
func best() kernel { return nil }
