package ingest

import (
	"errors"
	"io/fs"
	"os"

	"github.com/quintile-dev/quintile/datasets"
)

// statFile is os.Stat for a file that is read more than once, and therefore must
// be a regular file: the bytes of a pipe or a device can be read only once, and
// may never arrive.
//
// Errors: *datasets.FileError that goes by name.
func statFile(path, name string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err // the path is in the FileError
		}
		return nil, &datasets.FileError{Path: name, Err: err}
	}
	if kind := kindOf(info.Mode()); kind != "" {
		return nil, &datasets.FileError{Path: name, Got: kind, Want: "a file that can be read again", Hint: "write the data to a file first, and name that"}
	}
	return info, nil
}

// kindOf names what is no file, nor a folder.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeIrregular != 0:
		return "something that is no file"
	}
	return ""
}

// ErrChanged is the cause of an error where a file has changed since reading
// began.
var ErrChanged = errors.New("the file has changed while it was read")

// notice remembers the identity, size and time of the file before any of it is
// read.
func (f *File) notice() (err error) {
	if f.seen == nil {
		f.seen, err = statFile(f.Path, f.Name)
	}
	return err
}

// unchanged fails if the file has grown, shrunk, been written to or been replaced
// since notice.
func (f *File) unchanged() error {
	now, err := statFile(f.Path, f.Name)
	if err != nil {
		return err
	}
	got := ""
	switch {
	case !os.SameFile(f.seen, now):
		got = "another file in its place"
	case now.Size() != f.seen.Size():
		got = "another size"
	case !now.ModTime().Equal(f.seen.ModTime()):
		got = "another time of writing"
	default:
		return nil
	}
	return &datasets.FileError{Path: f.Name, Got: got, Want: "the file as it was when reading began", Err: ErrChanged,
		Hint: "run again once nobody writes to it; write new files under another name, and rename them when they are whole"}
}
