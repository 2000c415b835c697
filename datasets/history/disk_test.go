package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

var errDisk = errors.New("the disk fails, as the test wants it to")

// failingDisk counts calls and fails the one numbered at, and if forever every later
// one, as where the process is killed there. It flushes nothing.
type failingDisk struct {
	osDisk
	at      int
	forever bool

	mu    sync.Mutex
	calls int
}

func (d *failingDisk) call() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if d.calls == d.at || d.forever && d.at > 0 && d.calls > d.at {
		return errDisk
	}
	return nil
}

// counted does a call unless it is to fail.
func counted[T any](d *failingDisk, do func() (T, error)) (T, error) {
	if err := d.call(); err != nil {
		var none T
		return none, err
	}
	return do()
}

func (d *failingDisk) ReadFile(path string) ([]byte, error) {
	return counted(d, func() ([]byte, error) { return d.osDisk.ReadFile(path) })
}

func (d *failingDisk) ReadDir(path string) ([]fs.DirEntry, error) {
	return counted(d, func() ([]fs.DirEntry, error) { return d.osDisk.ReadDir(path) })
}

func (d *failingDisk) Stat(path string) (fs.FileInfo, error) {
	return counted(d, func() (fs.FileInfo, error) { return d.osDisk.Stat(path) })
}

func (d *failingDisk) Open(path string) (readFile, error) {
	return counted(d, func() (readFile, error) {
		f, err := d.osDisk.Open(path)
		return &failingFile{disk: d, in: f}, err
	})
}

func (d *failingDisk) Create(path string) (writeFile, error) {
	return counted(d, func() (writeFile, error) {
		f, err := d.osDisk.Create(path)
		return &failingFile{disk: d, out: f}, err
	})
}

func (d *failingDisk) Mkdir(path string) error {
	return d.do(func() error { return d.osDisk.Mkdir(path) })
}

func (d *failingDisk) Rename(from, to string) error {
	return d.do(func() error { return d.osDisk.Rename(from, to) })
}

func (d *failingDisk) Remove(path string) error {
	return d.do(func() error { return d.osDisk.Remove(path) })
}

func (d *failingDisk) SyncFolder(string) error { return d.call() }

func (d *failingDisk) do(f func() error) error {
	if err := d.call(); err != nil {
		return err
	}
	return f()
}

// failingFile is a file on it. A write that fails may have written half.
type failingFile struct {
	disk *failingDisk
	in   readFile
	out  writeFile
}

func (f *failingFile) Read(p []byte) (int, error) {
	return counted(f.disk, func() (int, error) { return f.in.Read(p) })
}

func (f *failingFile) ReadAt(p []byte, at int64) (int, error) {
	return counted(f.disk, func() (int, error) { return f.in.ReadAt(p, at) })
}

func (f *failingFile) Write(p []byte) (int, error) {
	if err := f.disk.call(); err != nil {
		n, _ := f.out.Write(p[:len(p)/2])
		return n, err
	}
	return f.out.Write(p)
}

func (f *failingFile) Sync() error { return f.disk.call() }

func (f *failingFile) Close() error { // the system's file is closed either way
	err := f.disk.call()
	if f.in != nil {
		return errors.Join(err, f.in.Close())
	}
	return errors.Join(err, f.out.Close())
}

// session is a run on the history at a path that takes lines in.
func session(d disk, path string, lines []line, aliases *datasets.Identities) (err error) {
	folder, err := openFolder(d, path, "mapping")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	if err := folder.Identify(context.Background(), aliases); err != nil {
		return err
	}
	b := NewBuilder(Config{Columns: testColumns(), Workers: 2, Identities: aliases})
	if err := b.Replay(context.Background(), folder); err != nil {
		return errors.Join(err, b.Close())
	}
	if _, err := folder.Refused(); err != nil {
		return errors.Join(err, b.Close())
	}
	if err := b.Appender(0).Append(batch(lines, nil)); err != nil {
		return errors.Join(err, b.Close())
	}
	s, err := b.Seal()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Scan(context.Background(), func(int, *Bucket) error { return nil }); err != nil {
		return err
	}
	return folder.Commit([]Input{{Path: "new", SHA256: "new"}}, []datasets.Fault{{Reason: datasets.BadNumber}})
}

// aliasesOf returns settled aliases of one customer.
func aliasesOf(t *testing.T, customer string, aliases ...string) *datasets.Identities {
	t.Helper()
	x := new(datasets.Identities)
	for _, a := range aliases {
		if !x.Add([]byte(a), []byte(customer)) {
			t.Fatal("got an alias that contradicts another")
		}
	}
	if circular := x.Settle(); len(circular) > 0 {
		t.Fatalf("got %d circular aliases", len(circular))
	}
	return x
}

// A disk that fails at any call, once or from then on, ends the run in an error, and
// the next run finds the history as it was before or as it would be after.
func TestADiskThatFailsAtAnyCallLeavesTheHistoryWhole(t *testing.T) {
	t.Parallel()
	var lines []line // of one customer and nobody: few files
	for _, l := range randomLines(60, 1, 13) {
		if l.customer != "" || l.order == "1001" {
			lines = append(lines, l)
		}
	}
	for _, old := range []bool{false, true} { // a history of version 1 is rewritten whole
		path := t.TempDir()
		keep(t, path, "a", lines[:20], datasets.Fault{Reason: datasets.BadTime})
		if old {
			first(t, path)
		}
		start := contents(t, path)
		before := replayed(t, path)
		x := aliasesOf(t, "c0", "nobody")
		after := dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 1}, nil))
		met := map[string]map[string][]string{} // by ledger: what the history holds
		// A whole session counts the calls.
		whole := &failingDisk{}
		if err := session(whole, copyOf(t, start), lines[20:], x); err != nil {
			t.Fatal(err)
		}
		for at := 1; at <= whole.calls; at++ {
			for _, forever := range []bool{false, true} {
				what := fmt.Sprintf("version 1 %v, call %d of %d, forever %v", old, at, whole.calls, forever)
				path := copyOf(t, start)
				err := session(&failingDisk{at: at, forever: forever}, path, lines[20:], x)
				if err == nil {
					t.Errorf("%s: got no error", what)
				}
				ledger, folder := reopened(t, path, what)
				if _, known := met[ledger]; !known { // whose files are as their checksums say
					met[ledger] = dump(t, build(t, nil, Config{Columns: testColumns(), Workers: 1, Identities: x}, folder))
				}
				closeKept(t, folder)
				if got := met[ledger]; !reflect.DeepEqual(got, before) && !reflect.DeepEqual(got, after) {
					t.Errorf("%s: got neither the history before nor the one after", what)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		}
		t.Logf("version 1 %v: %d calls", old, whole.calls)
	}
}

// copyOf writes files into a fresh folder.
func copyOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// reopened opens a history as the next run does, and returns its ledger. Every file
// must be as it was written, and none else be left.
func reopened(t *testing.T, path, what string) (ledger string, folder *Folder) {
	t.Helper()
	folder, err := openFolder(&failingDisk{}, path, "mapping")
	if err != nil {
		t.Fatalf("%s: the next run: %v", what, err)
	}
	left := contents(t, path)
	for _, f := range folder.ledger.files() {
		if f.SHA256 != "" && sumOf([]byte(left[f.Name])) != f.SHA256 {
			t.Errorf("%s: %s is not as it was written", what, f.Name)
		}
		delete(left, f.Name)
	}
	ledger = left[ledgerName]
	delete(left, ledgerName)
	delete(left, lockName)
	for name := range left {
		t.Errorf("%s: got %s left, want nothing of the run that failed", what, name)
	}
	return ledger, folder
}
