package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFilesBeyondTheBoundsAreRefused(t *testing.T) {
	deep := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, strings.Repeat(" ", i), i)
		}
		return b.String()
	}
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "k%d: 1\n", i)
		}
		return b.String()
	}
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		laughs += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	chain := "a0: &a0 [x]\n"
	for i := range 40 {
		chain += fmt.Sprintf("a%d: &a%d [*a%d]\n", i+1, i+1, i)
	}
	const large, many, nested = "more than 1048576 bytes", "more than 10000 values", "nested more than 32 deep"
	for _, c := range []struct{ name, text, want string }{
		{"2 MB of brackets", strings.Repeat("[", 2<<20), large},
		{"1 MB of brackets", strings.Repeat("[", 1<<20), many},
		{"50 kB of brackets", strings.Repeat("[", 50_000), nested},
		{"300 kB of nested mappings", strings.Repeat("{a: ", 75_000), many},
		{"nested mappings", strings.Repeat("{a: ", 40) + strings.Repeat("}", 40), nested},
		{"100,000 keys", keys(100_000), ""},
		{"10,001 keys", keys(10_001), many},
		{"blocks in blocks", deep(40, "%sk%d:\n"), nested},
		{"lists in lists", strings.Repeat("- ", 40) + "x\n", nested},
		{"keys of keys", strings.Repeat("? ", 40) + "x\n", nested},
		{"anchors of anchors", "a: " + strings.Repeat("!!str ", 40) + "x\n", nested},
		{"a billion laughs", laughs, many},
		{"a chain of aliases", chain, nested},
		{"a megabyte of dashes", strings.Repeat("-", 1<<20-1), many},
		{"a megabyte of quotes", strings.Repeat(`"`, 1<<20-1), many},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse("job.yaml", []byte(c.text))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %.200v, want %q", c.name, err, c.want)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 100 {
			t.Errorf("%s: took %d MiB", c.name, used)
		}
	}
}

func TestNoMoreOfAFileIsReadThanTheBound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.yaml")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(1 << 40); err != nil { // takes no room
		t.Skip(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestFilesWithinTheBoundsAreTaken(t *testing.T) {
	var b strings.Builder
	for i := range 9_000 / 2 {
		fmt.Fprintf(&b, "k%d: 1 # a comment, with marks: [x] {y}\n", i)
	}
	if err := bounded("job.yaml", []byte(b.String())); err != nil {
		t.Error(err)
	}
	nested := strings.Repeat("[", 32) + "x" + strings.Repeat("]", 32)
	if err := bounded("job.yaml", []byte(nested)); err != nil {
		t.Error(err)
	}
}

// TestKeysOfABlockOverrideMergedOnes follows YAML: whatever the order, keys of the
// block itself win, and of a list of blocks the earlier ones.
func TestKeysOfABlockOverrideMergedOnes(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		root, err := parse("job.yaml", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			return
		}
		var got []string
		for _, e := range root.get("block").value.entries {
			got = append(got, e.key+"="+e.value.text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
	const anchors = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\n"
	f(anchors+"block:\n  <<: *a\n  x: 9\n", "x=9 y=2")
	f(anchors+"block:\n  x: 9\n  <<: *a\n", "x=9 y=2")
	f(anchors+"block:\n  <<: [*a, *b]\n", "x=1 y=2 z=4")
	f(anchors+"block:\n  <<: [*b, *a]\n  z: 8\n", "z=8 y=3 x=1")
	f(anchors+"block: {<<: *a, y: 7}\n", "y=7 x=1")
	for _, text := range []string{"block:\n  <<: 3\n", "block:\n  <<: [1]\n"} {
		if _, err := parse("job.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "for <<") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
