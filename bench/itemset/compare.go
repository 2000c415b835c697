package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// compare runs each work here and with every peer, alternately, each in a process
// of its own, and prints the medians.
func compare(out io.Writer, dir, python, only string, rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	script := filepath.Join("bench", "itemset", "peer.py")
	for _, w := range works() {
		if only != "" && !strings.HasPrefix(w.name, only) {
			continue
		}
		if w.name == "wholesale-11" && only == "" {
			continue // the peers do not come back from it
		}
		list, err := exec.Command(python, script, "--work", w.name, "--list").Output()
		if err != nil {
			return fmt.Errorf("%s: %w", script, err)
		}
		tools := append([]string{"quintile"}, strings.Fields(string(list))...)
		found := map[string][]result{}
		for range rounds {
			for _, tool := range tools {
				command := exec.Command(python, script, "--data", dir, "--work", w.name, "--tool", tool)
				if tool == "quintile" {
					command = exec.Command(self, "-data", dir, "-work", w.name)
				}
				r, err := once(command)
				if err != nil {
					return fmt.Errorf("%s by %s: %w", w.name, tool, err)
				}
				found[tool] = append(found[tool], r)
			}
		}
		summarise(out, w.name, tools, found)
	}
	return nil
}

func once(command *exec.Cmd) (result, error) {
	var stdout bytes.Buffer
	command.Stdout, command.Stderr = &stdout, os.Stderr
	if err := command.Run(); err != nil {
		return result{}, err
	}
	var r result
	return r, json.Unmarshal(stdout.Bytes(), &r)
}

func summarise(out io.Writer, name string, tools []string, found map[string][]result) {
	ours := median(found["quintile"], func(r result) float64 { return r.Seconds })
	fmt.Fprintf(out, "%s\n  %-18s %10s %10s %8s %9s %9s\n", name, "tool", "seconds", "cpu s", "ratio", "peak MB", "found")
	for _, tool := range tools {
		rs := found[tool]
		seconds := median(rs, func(r result) float64 { return r.Seconds })
		fmt.Fprintf(out, "  %-18s %10.4f %10.4f %8.1f %9.0f %9d %s\n", tool, seconds,
			median(rs, func(r result) float64 { return r.CPU }), seconds/ours,
			median(rs, func(r result) float64 { return r.Peak }), rs[0].Sets, rs[0].Note)
	}
}

func median(rs []result, value func(result) float64) float64 {
	var values []float64
	for _, r := range rs {
		values = append(values, value(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
