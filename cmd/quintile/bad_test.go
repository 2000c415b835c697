package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaultyJobsAreRefusedWithAMessage checks each job of testdata/bad, which has one fault. The
// first line of the file is a comment with what the program must say of it.
func TestFaultyJobsAreRefusedWithAMessage(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yaml"))
	if err != nil || len(paths) < 60 {
		t.Fatalf("got %d jobs, %v; want 60 at least", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			want, ok := strings.CutPrefix(first, "# ")
			if !ok || want == "" {
				t.Fatalf("got the first line %q, want a comment with the message", first)
			}
			var printed strings.Builder
			code := run([]string{"check", "--quiet", path}, nil, &printed, &printed)
			if got := printed.String(); code != 2 || !strings.Contains(got, want) || strings.Contains(got, "BUG") {
				t.Errorf("got exit code %d and %q, want 2 and %q", code, got, want)
			}
		})
	}
}
