package main

import (
	"strings"
	"testing"
)

func TestTheLineOfProgressFitsTheTerminal(t *testing.T) {
	lines := []string{strings.Repeat("a", 50), "churn        1.0s  [=====               ]  10s left"}
	for columns, want := range map[int]string{0: strings.Join(lines, " | "), 200: strings.Join(lines, " | "), 60: strings.Join(lines, " | ")[:59], 30: lines[1][:29]} {
		if got := fitted(lines, func() int { return columns }); got != want {
			t.Errorf("%d columns: got %q, want %q", columns, got, want)
		}
	}
}
