package history

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// ErrLocked is the cause of an error where another run is at work on the history.
var ErrLocked = errors.New("another run is at work on this history")

// lockFolder allows only one run at a time on a history. The lock ends with the
// process, in any case.
func lockFolder(folder string) (release func() error, err error) {
	path := filepath.Join(folder, lockName)
	lock := flock.New(path, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the history: %w", err)
	}
	if !locked {
		holder, _ := os.ReadFile(path) // says what it can
		return nil, fmt.Errorf("%s: %w (process %s); wait for it, or stop it", folder, ErrLocked, strings.TrimSpace(string(holder)))
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("locking the history: %w", err), lock.Unlock())
	}
	return lock.Unlock, nil
}
