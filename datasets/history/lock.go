package history

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/quintile-dev/quintile/datasets/lock"
)

// ErrLocked is the cause of an error where another run is at work on the history.
var ErrLocked = errors.New("another run is at work on this history")

// lockFolder makes sure that one run at a time works on a history.
func lockFolder(folder string) (release func() error, err error) {
	release, err = lock.Take(filepath.Join(folder, lockName))
	var held *lock.Held
	switch {
	case errors.As(err, &held):
		return nil, fmt.Errorf("%s: %w (process %s); wait for it, or stop it", folder, ErrLocked, held.Process)
	case err != nil:
		return nil, fmt.Errorf("locking the history: %w", err)
	}
	return release, nil
}
