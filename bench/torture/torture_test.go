package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The short part of what make torture does for ten minutes.
func TestProgramKeepsItsPromisesUnderTorture(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program many times")
	}
	got, err := torment(settings{tries: 3, seed: 7, lanes: 1})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	got.print(&text)
	t.Log("\n" + text.String())
	for _, f := range got.faults {
		t.Error(f)
	}
	for _, one := range tortures {
		if n := got.tries(one.name); n != 3 {
			t.Errorf("%s: got %d tries, want 3", one.name, n)
		}
	}
}

// publication writes a folder as a run publishes one.
func publication(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	const sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // of abc
	manifest := fmt.Sprintf(`{"run_id": "x", "rows": {"read": 3, "kept": 1, "quarantined": 1, "set_aside": {"free": 1}},
"outputs": [{"path": "a.csv", "bytes": 3, "sha256": %q}], "timings": {"load": 1}}`, sum)
	files := map[string][]byte{"manifest.json": []byte(manifest), "_SUCCESS": nil, "a.csv": []byte("abc")}
	if err := write(folder, files); err != nil {
		t.Fatal(err)
	}
}

func TestTornPublicationsAreSeen(t *testing.T) {
	f := func(what string, tear func(folder string) error, want string) {
		t.Helper()
		job := t.TempDir()
		folder := filepath.Join(job, "as_of=2024-01-01")
		publication(t, folder)
		if err := write(job, map[string][]byte{"latest": []byte("as_of=2024-01-01\n")}); err != nil {
			t.Fatal(err)
		}
		if now, err := look(job); err != nil || len(now.days) != 1 || len(now.left) > 0 {
			t.Fatalf("a whole one: got %+v, %v", now, err)
		}
		if err := tear(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := look(job); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", what, err, want)
		}
	}
	f("another byte", func(folder string) error { return write(folder, map[string][]byte{"a.csv": []byte("abd")}) }, "a.csv is not what")
	f("a file gone", func(folder string) error { return os.Remove(filepath.Join(folder, "a.csv")) }, "a.csv is not what")
	f("a file too many", func(folder string) error { return write(folder, map[string][]byte{"b.csv": nil}) }, "has 4 files")
	f("no mark", func(folder string) error { return os.Remove(filepath.Join(folder, "_SUCCESS")) }, "no mark of success")
	f("half a manifest", func(folder string) error { return os.Truncate(filepath.Join(folder, "manifest.json"), 50) }, "manifest is damaged")
	f("all gone", os.RemoveAll, "latest names")
	f("a row lost", func(folder string) error {
		text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
		if err != nil {
			return err
		}
		return write(folder, map[string][]byte{"manifest.json": []byte(strings.Replace(string(text), `"kept": 1`, `"kept": 0`, 1))})
	}, "lost:")
}

func TestBytesThatDifferAreSeen(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	publication(t, one)
	publication(t, two)
	a, err := read(one)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(two, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	f := func(old, new, want string) {
		t.Helper()
		if err := write(two, map[string][]byte{"manifest.json": []byte(strings.Replace(string(text), old, new, 1))}); err != nil {
			t.Fatal(err)
		}
		b, err := read(two)
		if err != nil || a.differs(b) != want || b.differs(a) != want {
			t.Errorf("%s in the place of %s: got %q, %v; want %q", new, old, a.differs(b), err, want)
		}
	}
	f(`"load": 1`, `"load": 2`, "") // how long it took may differ
	f(`"free": 1`, `"gift": 1`, "manifest.json")
	if got := a.differs(contents{}); got != "_SUCCESS" {
		t.Errorf("nothing at all: got %q, want the first file", got)
	}
}

func TestLyingEndsAreSeen(t *testing.T) {
	p := &program{path: "sh", limit: time.Second, peak: 1 << 30}
	f := func(script, want string) {
		t.Helper()
		o := p.call(t.TempDir(), nil, "-c", script)
		if (want == "") != (o.fault == "") || !strings.Contains(o.fault, want) {
			t.Errorf("%s: got the fault %q, want %q", script, o.fault, want)
		}
	}
	f("echo folder", "")
	f("echo quintile: a message >&2; exit 3", "")
	f("exit 3", "without a message")
	f("echo quintile: a message >&2; exit 1", "stands for a bug")
	f("kill -ABRT $$", "stands for a bug")
	f("echo 'panic: oh' >&2; exit 2", "panic")
	f("echo 'quintile: step rfm: BUG: oh' >&2; exit 3", "panic")
	f("sleep 30", "hangs")
	p.peak = 1
	f("true", "memory")
}

func TestDamageIsTheSameByTheSameSeed(t *testing.T) {
	text := []byte("customer,time,price\nc1,2024-01-01,2.50\nc2,2024-01-02,3.75\n")
	same, shorter, longer := 0, 0, 0
	for seed := range uint64(400) {
		a, b := damaged(text, rand.New(rand.NewPCG(seed, 0))), damaged(text, rand.New(rand.NewPCG(seed, 0)))
		if !slices.Equal(a, b) {
			t.Fatalf("seed %d: got two kinds of damage", seed)
		}
		switch {
		case slices.Equal(a, text):
			same++
		case len(a) < len(text):
			shorter++
		case len(a) > len(text):
			longer++
		}
	}
	if same > 20 || shorter < 50 || longer < 50 {
		t.Errorf("got %d undamaged, %d shorter and %d longer of 400, want all kinds of damage", same, shorter, longer)
	}
	if got := damaged(nil, rand.New(rand.NewPCG(1, 0))); len(got) > 4096 {
		t.Errorf("of nothing: got %d bytes", len(got))
	}
	for seed := range uint64(2000) { // of what is next to nothing, without a panic
		damaged([]byte("1"), rand.New(rand.NewPCG(seed, 0)))
		damaged(nil, rand.New(rand.NewPCG(seed, 0)))
	}
}
