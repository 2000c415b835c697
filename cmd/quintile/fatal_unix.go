//go:build unix

package main

import (
	"runtime/debug"
	"syscall"
)

// dieVisibly has the fatal ends of the Go runtime, such as memory that the system
// refuses or a panic that nothing recovers, end the program by SIGABRT: a shell sees
// 134. The runtime would exit with 2, which is the code of a wrong job file. No core
// is left behind, since it would hold the customers.
func dieVisibly() {
	debug.SetTraceback("crash")
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // what refuses this writes no core either
}
