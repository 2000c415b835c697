//go:build !amd64 || noasm

package snappy

func kernels() map[string]kernel { return nil }
