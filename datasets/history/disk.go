package history

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is what a kept history asks of a file system.
type disk interface {
	ReadFile(path string) ([]byte, error)
	ReadDir(path string) ([]fs.DirEntry, error) // sorted by name
	Stat(path string) (fs.FileInfo, error)
	Mkdir(path string) error // with the folders above it; no error if it is there
	Open(path string) (readFile, error)
	Create(path string) (writeFile, error) // makes or empties the file, for its owner only
	Rename(from, to string) error
	Remove(path string) error
	SyncFolder(path string) error
}

// readFile is a file that is read, possibly from several goroutines at once.
type readFile interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// writeFile is a file that is written.
type writeFile interface {
	io.Writer
	io.Closer
	Sync() error
}

// osDisk is the file system.
type osDisk struct{}

func (osDisk) ReadFile(path string) ([]byte, error)       { return os.ReadFile(path) }
func (osDisk) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }
func (osDisk) Stat(path string) (fs.FileInfo, error)      { return os.Stat(path) }
func (osDisk) Mkdir(path string) error                    { return os.MkdirAll(path, 0o700) }
func (osDisk) Open(path string) (readFile, error)         { return os.Open(path) }
func (osDisk) Rename(from, to string) error               { return os.Rename(from, to) }
func (osDisk) Remove(path string) error                   { return os.Remove(path) }

func (osDisk) Create(path string) (writeFile, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}

func (osDisk) SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// replaceFile writes a file in one step: readers see the old file or the new
// file.
func replaceFile(d disk, path string, text []byte) error {
	staged := path + stagedSuffix
	if err := writeTo(d, staged, text); err != nil {
		return err
	}
	if err := d.Rename(staged, path); err != nil {
		return err
	}
	return d.SyncFolder(filepath.Dir(path))
}

// writeTo writes a file and flushes it to disk.
func writeTo(d disk, path string, text []byte) error {
	file, err := d.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// digest returns the size and the SHA-256 of a file, in hexadecimal digits.
func digest(d disk, path string) (size int64, sum string, err error) {
	file, err := d.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	if size, err = io.Copy(h, io.Reader(file)); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}
