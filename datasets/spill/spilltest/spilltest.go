// Package spilltest makes temporary files fail at a chosen call, so that a test can
// fail each call of a computation in turn.
package spilltest

import (
	"errors"
	"io"
	"sync"

	"github.com/quintile-dev/quintile/datasets/spill"
)

// ErrDisk is the fault of a disk that fails.
var ErrDisk = errors.New("the disk fails, as the test wants it to")

// Disk keeps temporary files in memory and counts the calls to make, write and read
// files. The call FailAt and every later one fails, if FailAt is at least 1. The
// zero Disk never fails. A Disk is safe for concurrent use.
type Disk struct {
	FailAt int
	Short  bool // a failing read gives half of the bytes and io.EOF, as of a file that was cut short

	mu    sync.Mutex
	calls int
	open  int
}

// Space returns an empty space on the disk.
func (d *Disk) Space(workers int) *spill.Space {
	return spill.NewOver("memory", d.create, workers)
}

// Calls returns the number of calls so far.
func (d *Disk) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// Open returns the number of files that were made and not closed.
func (d *Disk) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

func (d *Disk) create() (spill.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails() {
		return nil, ErrDisk
	}
	d.open++
	return &file{disk: d}, nil
}

// fails counts a call, and reports whether it fails. The caller holds the lock.
func (d *Disk) fails() bool {
	d.calls++
	return d.FailAt > 0 && d.calls >= d.FailAt
}

// file is a temporary file in memory.
type file struct {
	disk *Disk
	data []byte
}

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.fails() {
		return 0, ErrDisk
	}
	if end := at + int64(len(p)); end > int64(len(f.data)) {
		f.data = append(f.data, make([]byte, end-int64(len(f.data)))...)
	}
	return copy(f.data[at:], p), nil
}

func (f *file) ReadAt(p []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	switch {
	case !f.disk.fails():
	case f.disk.Short:
		return copy(p[:len(p)/2], f.data[min(at, int64(len(f.data))):]), io.EOF
	default:
		return 0, ErrDisk
	}
	n := copy(p, f.data[min(at, int64(len(f.data))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.open--
	return nil
}
