package tempdir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/quintile-dev/quintile/pipeline/exit"
)

// LockName is the file that locks a folder.
const LockName = ".lock"

// Lock allows only one run at a time to work on a job's output. The lock ends
// with the process, in any case.
func Lock(folder string) (release func() error, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, exit.Errorf(exit.NotWritten, "making the output folder: %w", err)
	}
	path := filepath.Join(folder, LockName)
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, exit.Errorf(exit.NotWritten, "locking the output folder: %w", err)
	}
	if !locked {
		holder, _ := os.ReadFile(path) // says what it can
		return nil, exit.Errorf(exit.Locked, "%s: another run of this job is under way (process %s); wait for it, or stop it",
			folder, strings.TrimSpace(string(holder)))
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		return nil, errors.Join(exit.Errorf(exit.NotWritten, "locking the output folder: %w", err), lock.Unlock())
	}
	return lock.Unlock, nil
}
