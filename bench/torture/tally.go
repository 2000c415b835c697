package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tally counts the tries and their ends. Several lanes use a tally.
type tally struct {
	mu     sync.Mutex
	tried  map[string]map[string]int // by torture, by what came of it
	faults []string
}

func newTally() *tally { return &tally{tried: map[string]map[string]int{}} }

// count notes how a try ended.
func (t *tally) count(torture, end string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tried[torture] == nil {
		t.tried[torture] = map[string]int{}
	}
	t.tried[torture][end]++
}

// fault notes an outcome that must never happen.
func (t *tally) fault(torture string, try try, err error) {
	t.count(torture, "FAULT")
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, fmt.Sprintf("%s (seed %d, lane %d, try %d): %v", torture, try.seed, try.lane, try.n, err))
}

// tries returns how often something was tried.
func (t *tally) tries(torture string) int {
	n := 0
	for _, k := range t.tried[torture] {
		n += k
	}
	return n
}

// print prints a line for each torture, and every fault.
func (t *tally) print(w io.Writer) {
	for _, torture := range slices.Sorted(maps.Keys(t.tried)) {
		var ends []string
		for _, end := range slices.Sorted(maps.Keys(t.tried[torture])) {
			ends = append(ends, fmt.Sprintf("%s %d", end, t.tried[torture][end]))
		}
		fmt.Fprintf(w, "%-9s %6d tried: %s\n", torture, t.tries(torture), strings.Join(ends, ", "))
	}
	for _, f := range t.faults {
		fmt.Fprintln(w, "FAULT", f)
	}
	fmt.Fprintf(w, "%d faults\n", len(t.faults))
}
