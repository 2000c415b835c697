package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// fate is the outcome of a mutant.
type fate int

const (
	unbuilt fate = iota // is no program
	killedBy
	survived
	equal // nobody could notice
)

// module begins the import path of every package.
const module = "github.com/quintile-dev/quintile/"

// dependants are further packages whose tests hold a package to its promises. Their tests run
// where the package's own tests let a mutant live.
var dependants = map[string][]string{
	"datasets":         {"datasets/csvio", "datasets/ingest", "datasets/parquetio"},
	"datasets/spill":   {"datasets/history", "features"},
	"datasets/offheap": {"datasets/history", "features"},
	"features/panel":   {"mining/churn"},
	"mining/page":      {"pipeline/report"},
	"mining/profile":   {"mining/segments"},
	"mining/setting":   {"pipeline/config"},
	"pipeline/tempdir": {"pipeline"},
	"pipeline/steps":   {"pipeline", "pipeline/config"},
}

// tester builds and tests mutants.
type tester struct {
	folder string // for the changed files
	limit  time.Duration
	lanes  int
	out    io.Writer

	mu sync.Mutex
}

// try tries mutants in their order until n have been tested.
func (t *tester) try(ctx context.Context, all []mutant, n int, equivalent map[string]string) (*score, error) {
	s := newScore()
	next, tested := 0, 0
	var wg sync.WaitGroup
	problems := make([]error, t.lanes)
	for lane := range t.lanes {
		wg.Go(func() {
			for {
				t.mu.Lock()
				if next >= len(all) || tested >= n || ctx.Err() != nil {
					t.mu.Unlock()
					return
				}
				m := all[next]
				next++
				tested++
				t.mu.Unlock()
				f, by, err := t.test(ctx, lane, &m, equivalent)
				if err != nil {
					problems[lane] = err
					return
				}
				t.mu.Lock()
				if f == unbuilt {
					tested--
				}
				s.add(&m, f)
				fmt.Fprintf(t.out, "%-10s %s:%d: %s: %s => %s%s\n", words[f], relative(m.file), m.line, m.kind, m.was, m.by, by)
				t.mu.Unlock()
			}
		})
	}
	wg.Wait()
	return s, errors.Join(append(problems, ctx.Err())...)
}

var words = map[fate]string{unbuilt: "no program", killedBy: "killed", survived: "SURVIVED", equal: "equivalent"}

// test builds and tests a mutant.
func (t *tester) test(ctx context.Context, lane int, m *mutant, equivalent map[string]string) (fate, string, error) {
	if reason, ok := equivalent[m.key()]; ok {
		return equal, ": " + reason, nil
	}
	overlay, err := t.overlay(lane, m)
	if err != nil {
		return unbuilt, "", err
	}
	if text, err := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, m.pkg).CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return unbuilt, "", ctx.Err()
		}
		_ = text // of the compiler
		return unbuilt, "", nil
	}
	own := strings.TrimPrefix(m.pkg, module)
	tests := []string{m.pkg}
	for _, further := range dependants[own] {
		tests = append(tests, module+further)
	}
	for _, pkg := range tests {
		failed, err := t.fails(ctx, overlay, pkg)
		if err != nil {
			return unbuilt, "", err
		}
		if failed != "" {
			return killedBy, failed, nil
		}
	}
	return survived, "", nil
}

// overlay writes the changed file, and the overlay file that puts the changed file in the place
// of the original.
func (t *tester) overlay(lane int, m *mutant) (string, error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(t.folder, fmt.Sprintf("%d.go", lane))
	if err := os.WriteFile(changed, slices.Concat(text[:m.from], []byte(m.by), text[m.to:]), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: changed}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(t.folder, fmt.Sprintf("%d.json", lane))
	return path, os.WriteFile(path, list, 0o600)
}

// fails runs the tests of a package and returns the names of the failed tests, or "" for none.
func (t *tester) fails(ctx context.Context, overlay, pkg string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, t.limit+time.Minute) // building takes time, too
	defer cancel()
	c := exec.CommandContext(ctx, "go", "test", "-overlay", overlay, "-vet=off", "-short", "-failfast", "-timeout", t.limit.String(), pkg)
	c.WaitDelay = 10 * time.Second
	text, err := c.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case errors.Is(context.Cause(ctx), context.Canceled):
		return "", ctx.Err()
	case !errors.As(err, &ended) && ctx.Err() == nil:
		return "", fmt.Errorf("testing %s: %w", pkg, err)
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: "); ok {
			name, _, _ = strings.Cut(name, " ")
			return " by " + name, nil
		}
	}
	if bytes.Contains(text, []byte("panic: test timed out")) || ctx.Err() != nil {
		return " by the time limit", nil
	}
	return " by " + strings.TrimPrefix(pkg, module), nil
}

// score adds up the fates.
type score struct {
	byKind    map[kind][4]int
	total     [4]int
	survivors []string
}

func newScore() *score { return &score{byKind: map[kind][4]int{}} }

func (s *score) add(m *mutant, f fate) {
	k := s.byKind[m.kind]
	k[f]++
	s.byKind[m.kind] = k
	s.total[f]++
	if f == survived {
		s.survivors = append(s.survivors, m.key())
	}
}

// share returns the share of killed mutants among the mutants that somebody could notice; 1
// without any.
func (s *score) share() float64 {
	n := s.total[killedBy] + s.total[survived]
	if n == 0 {
		return 1
	}
	return float64(s.total[killedBy]) / float64(n)
}

func (s *score) print(out io.Writer) {
	for _, k := range []kind{droppedError, comparison, arithmetic, logic, negated, constant} {
		n := s.byKind[k]
		fmt.Fprintf(out, "%-18s killed %d, survived %d, equivalent %d, no program %d\n", k, n[killedBy], n[survived], n[equal], n[unbuilt])
	}
	fmt.Fprintf(out, "%-18s killed %d of %d (%.1f %%), %d equivalent\n", "all", s.total[killedBy], s.total[killedBy]+s.total[survived], 100*s.share(), s.total[equal])
	for _, key := range s.survivors {
		fmt.Fprintln(out, "SURVIVOR", key)
	}
}
