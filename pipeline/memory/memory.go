// Package memory tells how much memory a run may use, and how much it has used.
package memory

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/config"
)

// Budget returns the bytes that a run may use: the bytes of the setting, or the
// share in the setting of the memory of the machine or the control group.
func Budget(s config.Size) int64 {
	if s.Bytes > 0 {
		return s.Bytes
	}
	return int64(s.Share * float64(machineMemory()))
}

// fallbackMemory is assumed where the system does not tell.
const fallbackMemory = 4 << 30

// machineMemory returns the memory of the machine, or the limit of the control
// group where that is lower.
func machineMemory() int64 {
	total := int64(fallbackMemory)
	if kib := fieldOf("/proc/meminfo", "MemTotal:"); kib > 0 {
		total = kib << 10
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 && limit < total {
			total = limit
		}
	}
	return total
}

// Peak returns the most resident memory that the process has had, 0 where
// the system does not tell.
func Peak() int64 { return fieldOf("/proc/self/status", "VmHWM:") << 10 }

// Resident returns the resident memory of the process now, 0 where the system does not tell.
func Resident() int64 { return fieldOf("/proc/self/status", "VmRSS:") << 10 }

// fieldOf returns the first number after a name in a file of lines.
func fieldOf(path, name string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == name {
			v, _ := strconv.ParseInt(string(fields[1]), 10, 64) // 0 where it is no number
			return v
		}
	}
	return 0
}
