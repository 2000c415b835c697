//go:build !linux

package snappy

import "testing"

// memory is where buffers end where it ends.
type memory []byte

func newMemory(_ testing.TB, n int) memory { return make(memory, n) }
