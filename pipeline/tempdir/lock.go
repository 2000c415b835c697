package tempdir

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/quintile-dev/quintile/datasets/lock"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// LockName is the file by which a folder is locked.
const LockName = ".lock"

// Lock makes sure that one run at a time works on the output of a job. A missing folder of the
// output is made.
func Lock(folder string) (release func() error, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, exit.Errorf(exit.NotWritten, "making the output folder: %w", err)
	}
	release, err = lock.Take(filepath.Join(folder, LockName))
	var held *lock.Held
	switch {
	case errors.As(err, &held):
		return nil, exit.Errorf(exit.Locked, "%s: another run of this job is under way (process %s); wait for it, or stop it", folder, held.Process)
	case err != nil:
		return nil, exit.Errorf(exit.NotWritten, "locking the output folder: %w", err)
	}
	return release, nil
}
