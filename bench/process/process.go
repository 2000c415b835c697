// Package process says what a benchmark has used up.
package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// CPUSeconds returns the processor time of this process so far, that of the system
// for it included; 0 where it cannot be told.
func CPUSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// PeakMB returns the peak resident memory of this process in MiB, 0 where it cannot
// be told. The peak that getrusage tells begins with that of the process that
// started this one.
func PeakMB() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kib float64
	for line := range strings.Lines(string(text)) {
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	return 0
}
