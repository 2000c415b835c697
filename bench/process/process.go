// Package process measures the resources used by a benchmark.
package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// CPUSeconds returns the processor time of this process so far, time in the system
// included; 0 where unknown.
func CPUSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// PeakMB returns the peak resident memory of this process in MiB, 0 where unknown.
// The peak of getrusage begins with the peak of the parent process.
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
