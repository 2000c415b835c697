// Package tempdir makes temporary folders that end with their process, locks
// folders, and reports free space.
package tempdir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/datasets/lock"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// Folder is a temporary folder readable only by this user.
type Folder struct {
	Path   string
	unlock func() error
}

// Young is the age up to which a folder in a shared place may be made, but not
// yet locked.
const Young = time.Minute

// Open makes an empty folder in another folder, with a name that begins with
// prefix. Before, folders of killed runs with the same prefix are removed: folders
// no longer locked or, if never locked, older than the given age.
func Open(parent, prefix string, now time.Time, age time.Duration) (*Folder, error) {
	left, _ := os.ReadDir(parent) // what cannot be seen is in nobody's way
	for _, e := range left {
		if strings.HasPrefix(e.Name(), prefix) {
			removeLeft(filepath.Join(parent, e.Name()), now, age)
		}
	}
	folder, err := os.MkdirTemp(parent, prefix+"*")
	if err != nil {
		return nil, exit.Errorf(exit.NotWritten, "making a temporary folder: %w", err)
	}
	unlock, err := Lock(folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &Folder{folder, unlock}, nil
}

// removeLeft removes a folder not in use by any process. A folder that cannot
// be removed, such as the folder of another user, is left and does no harm.
func removeLeft(folder string, now time.Time, age time.Duration) {
	info, err := os.Lstat(folder)
	if err != nil || !info.IsDir() {
		return
	}
	path := filepath.Join(folder, LockName)
	written, err := os.Stat(path)
	locked := err == nil && written.Size() > 0 // its process was written after it was locked
	if age > 0 && !locked && now.Sub(info.ModTime()) < age {
		return
	}
	release, err := lock.Take(path)
	if err != nil {
		return
	}
	_ = errors.Join(os.RemoveAll(folder), release())
}

// Close removes the folder. Close may be called on nil, and again.
func (s *Folder) Close() error {
	if s == nil || s.unlock == nil {
		return nil
	}
	unlock := s.unlock
	s.unlock = nil
	return exit.With(exit.NotWritten, errors.Join(unlock(), os.RemoveAll(s.Path)))
}
