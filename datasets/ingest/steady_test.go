package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
)

// loadWatched loads sources, and calls watch as rows are read.
func loadWatched(t *testing.T, watch func(), sources ...Source) error {
	t.Helper()
	c := Config{Sources: sources, Zone: time.UTC, Workers: 2, Progress: func(int64, int64) { watch() }}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: 2, Memory: 1 << 20})
	_, err := Load(context.Background(), c, b)
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	return err
}

func TestAFileThatChangesWhileItIsReadStopsTheLoad(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	f := func(want string, change func(path string)) {
		t.Helper()
		path := write(t, "lines.csv", []byte(smallCSV))
		past := time.Now().Add(-time.Hour)
		must(os.Chtimes(path, past, past))
		var once atomic.Bool
		err := loadWatched(t, func() {
			if once.CompareAndSwap(false, true) {
				change(path)
			}
		}, smallSource(path))
		if want == "" {
			must(err)
			return
		}
		var file *datasets.FileError
		if !errors.As(err, &file) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want a FileError with %q", err, want)
		}
	}
	f("", func(string) {})
	f("another size", func(path string) { must(os.WriteFile(path, []byte(smallCSV+"c4,2024-03-02,5,pears,1.00\n"), 0o600)) })
	f("another size", func(path string) { must(os.Truncate(path, 60)) })
	f("another time of writing", func(path string) { must(os.WriteFile(path, []byte(strings.ToUpper(smallCSV)), 0o600)) })
	f("another file", func(path string) {
		other := filepath.Join(filepath.Dir(path), "other")
		must(os.WriteFile(other, []byte(smallCSV), 0o600))
		must(os.Rename(other, path))
	})
	f("no such file", func(path string) { must(os.Remove(path)) })
}

func TestATableThatChangesWhileItIsReadIsAnError(t *testing.T) {
	source := tableOf(t, "id,age\nc1,3\n", "id")
	_, err := ReadTable(context.Background(), []TableSource{source}, nil, func(int, *TableRows) error {
		return os.WriteFile(source.Path, []byte("id,age\nc1,33\n"), 0o600)
	})
	if !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want %v", err, ErrChanged)
	}
}

// What a reader holds, some 150 kB, is let go with the last row of its file.
func TestFilesThatHaveBeenReadHoldNoMemory(t *testing.T) {
	const files, most = 400, 24 << 20
	folder := t.TempDir()
	for i := range files {
		text := fmt.Sprintf("%s%d,2024-01-01,1,pears,1.25\n", smallCSV, i)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("f%03d.csv", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	var seen, held atomic.Int64
	err := loadWatched(t, func() {
		if seen.Add(1) == files-5 {
			held.Store(heap() - before)
		}
	}, smallSource(folder))
	if err != nil {
		t.Fatal(err)
	}
	if seen.Load() != files || held.Load() > most {
		t.Errorf("got %d files, %d MiB held near the end; want %d files, and at most %d MiB", seen.Load(), held.Load()>>20, files, most>>20)
	}
}

func TestDevicesAreNoInputs(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		_, err := Found(path)
		_, opened := (&File{Path: path, Name: path}).Open(csvio.DefaultOptions())
		for _, err := range []error{err, opened} {
			if err == nil || !strings.Contains(err.Error(), path+": got "+want) {
				t.Errorf("%s: got %v, want one that names %s", path, err, want)
			}
		}
	}
	f(os.DevNull, "a device")
	pipe := filepath.Join(t.TempDir(), "lines.csv")
	if err := makePipe(pipe); err != nil {
		t.Skip(err)
	}
	f(pipe, "a pipe")
	if _, err := Found(filepath.Dir(pipe)); err == nil || !strings.Contains(err.Error(), pipe) {
		t.Errorf("got %v, want an error that names the pipe in the folder", err)
	}
}
