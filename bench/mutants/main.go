// Command mutants tests the tests: the command changes the program in one small place at a time, as
// a slip of a programmer would, and looks whether the tests of the package notice.
//
//	mutants -n 60 -seed 1 ./features ./mining/rfm
//
// The places are drawn by a seed, a quarter of them dropped error returns. No file is touched: a
// mutant is built through an overlay. A mutant that does not build is passed over. A mutant without
// a visible effect is named, with the reason, in equivalent.txt. Neither kind counts. The program
// lists the survivors, and fails where the share of killed mutants is below -least.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	n := flags.Int("n", 60, "mutants to try")
	seed := flags.Uint64("seed", 1, "seed by which they are drawn")
	limit := flags.Duration("timeout", 3*time.Minute, "time after which a test counts as failed")
	least := flags.Float64("least", 0.95, "share of the mutants that must be killed")
	known := flags.String("equivalent", "bench/mutants/equivalent.txt", "file that names mutants nobody could notice")
	lanes := flags.Int("lanes", 1, "mutants that are tested side by side")
	if err := flags.Parse(args); err != nil {
		return err
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = []string{"./datasets/...", "./features/...", "./models/...", "./mining/...", "./pipeline/..."}
	}
	equivalent, err := readEquivalent(*known)
	if err != nil {
		return err
	}
	packages, err := list(ctx, patterns)
	if err != nil {
		return err
	}
	all, err := mutantsOf(packages)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "mutants-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // of the system's temporary files
	t := &tester{folder: folder, limit: *limit, lanes: *lanes, out: out}
	s, err := t.try(ctx, draw(all, *seed), *n, equivalent)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d places in %d packages; seed %d\n", len(all), len(packages), *seed)
	s.print(out)
	if share := s.share(); share < *least {
		return fmt.Errorf("got %.1f %% of the mutants killed, want at least %.1f %%", 100*share, 100**least)
	}
	return nil
}

// readEquivalent reads the keys of mutants that nobody could notice. A line is a key, a tab
// and the reason.
func readEquivalent(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	keys := map[string]string{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, reason, ok := strings.Cut(line, "\t")
		if !ok || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s:%d: got %q, want a key, a tab and a reason", path, i+1, line)
		}
		keys[key] = reason
	}
	return keys, nil
}

// relative returns a path as seen from here, where it is below.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}
