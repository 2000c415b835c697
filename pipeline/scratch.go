package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// scratch is a temporary folder that only this user can read.
type scratch struct {
	folder string
	unlock func() error
}

// young is the age up to which a folder in a place that others use as well may
// have been made, but not locked yet.
const young = time.Minute

// openScratch makes an empty folder in another, whose name begins with prefix,
// after removing those of that prefix that killed runs have left there: those
// that nobody holds any more or, where they were never locked, that are older than
// the age given.
func openScratch(parent, prefix string, now time.Time, age time.Duration) (*scratch, error) {
	left, _ := os.ReadDir(parent) // what cannot be seen is in nobody's way
	for _, e := range left {
		if strings.HasPrefix(e.Name(), prefix) {
			removeLeft(filepath.Join(parent, e.Name()), now, age)
		}
	}
	folder, err := os.MkdirTemp(parent, prefix+"*")
	if err != nil {
		return nil, errorf(NotWritten, "making a temporary folder: %w", err)
	}
	unlock, err := lockJob(folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &scratch{folder, unlock}, nil
}

// removeLeft removes a folder that no process works in. What cannot be removed,
// as that of another user, is left: it is in nobody's way.
func removeLeft(folder string, now time.Time, age time.Duration) {
	info, err := os.Lstat(folder)
	if err != nil || !info.IsDir() {
		return
	}
	path := filepath.Join(folder, lockName)
	written, err := os.Stat(path)
	locked := err == nil && written.Size() > 0 // its process was written after it was locked
	if age > 0 && !locked && now.Sub(info.ModTime()) < age {
		return
	}
	lock := flock.New(path)
	if locked, err := lock.TryLock(); err != nil || !locked {
		return
	}
	_ = errors.Join(os.RemoveAll(folder), lock.Unlock())
}

// close removes the folder. It may be called on nil, and again.
func (s *scratch) close() error {
	if s == nil || s.unlock == nil {
		return nil
	}
	unlock := s.unlock
	s.unlock = nil
	return withCode(NotWritten, errors.Join(unlock(), os.RemoveAll(s.folder)))
}
