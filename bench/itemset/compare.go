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

// comparison says what to compare.
type comparison struct {
	dir, python string
	work        string // prefix of the works' names; "" for those that peers survive
	tools       string
	rounds      int
}

// compare runs each work here and with every peer, alternately, each in a
// separate process, and prints the medians.
func compare(out io.Writer, c comparison) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	script := filepath.Join("bench", "itemset", "peer.py")
	for _, w := range works() {
		if !strings.HasPrefix(w.name, c.work) || w.name == "wholesale-11" && c.work == "" {
			continue
		}
		list, err := exec.Command(c.python, script, "--work", w.name, "--list").Output()
		if err != nil {
			return fmt.Errorf("%s: %w", script, err)
		}
		tools := []string{"quintile"}
		for _, tool := range strings.Fields(string(list)) {
			if c.tools == "" || slices.Contains(strings.Split(c.tools, ","), tool) {
				tools = append(tools, tool)
			}
		}
		found := map[string][]result{}
		for range c.rounds {
			for _, tool := range tools {
				command := exec.Command(c.python, script, "--data", c.dir, "--work", w.name, "--tool", tool)
				if tool == "quintile" {
					command = exec.Command(self, "-data", c.dir, "-work", w.name)
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
