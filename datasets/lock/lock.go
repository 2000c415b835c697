// Package lock makes sure that one process at a time works in a folder: a run on the output of
// its job, on a kept history, or in a temporary folder of its own.
package lock

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gofrs/flock"
)

// Held is the error where another process has the lock.
type Held struct {
	Path    string
	Process string // its id, as far as it could be read
}

func (h *Held) Error() string { return fmt.Sprintf("%s: process %s has the lock", h.Path, h.Process) }

// Take takes the lock of a file. A missing file is made, and the file holds the id of the
// process afterwards. The lock goes with the process, however the process ends; the file stays.
//
// Errors: *Held at once where another process, or another part of this process, has the lock;
// an I/O error of the file.
func Take(path string) (release func() error, err error) {
	l := flock.New(path, flock.SetPermissions(0o600))
	locked, err := l.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		process, _ := os.ReadFile(path) // says what it can
		return nil, &Held{path, strings.TrimSpace(string(process))}
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		return nil, errors.Join(err, l.Unlock())
	}
	return l.Unlock, nil
}
