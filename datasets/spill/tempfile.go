package spill

import (
	"errors"
	"os"
)

// tempFile is a file of the system without a name, where the system allows that.
type tempFile struct {
	*os.File
	removed bool // the file has no name any more
}

// createFile makes a temporary file in a folder, "" for the system's.
func createFile(dir string) (File, error) {
	f, err := os.CreateTemp(dir, ".quintile-spill-*")
	if err != nil {
		return nil, err
	}
	removed := os.Remove(f.Name()) == nil // refused by some systems as long as the file is open
	return &tempFile{f, removed}, nil
}

// Close closes the file and removes its name, if a name is left.
func (t *tempFile) Close() error {
	err := t.File.Close()
	if !t.removed {
		err = errors.Join(err, os.Remove(t.Name()))
	}
	return err
}
