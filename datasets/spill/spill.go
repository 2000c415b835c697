// Package spill keeps on disk what does not fit a memory budget, for as long as a run
// lasts.
//
// The stages of a run share one space: space that a stage has read back and released
// is filled by the next. So a run takes no more of the disk than it holds at once.
// More important, the files take no more of the system's page cache: a cached page is
// overwritten in a quarter of the time of its first write, as measured in
// docs/benchmarks/log.md.
package spill

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Space holds the temporary files of a run, created when first needed. A Space is
// safe for concurrent use.
type Space struct {
	where  string // as errors name it
	create func() (File, error)

	mu    sync.Mutex
	files []file
}

// File is a temporary file, removed by Close.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// file is a file written by one worker: a system lets only one thread at a time
// write to a file.
type file struct {
	File        // nil until needed
	end  int64  // nothing has been written from here on
	free Extent // what has been written before and let go
}

// Extent is the place of data in a space: in these pieces, in turn.
type Extent []piece

type piece struct {
	file     int
	at, size int64
}

// minPiece bounds the size of pieces from below: the remainder of a cut piece
// is forgotten if it is smaller.
const minPiece = 4 << 10

// New returns an empty space in a folder, "" for the folder of the system, for so
// many workers, at least one.
func New(dir string, workers int) *Space {
	where := dir
	if dir == "" {
		where = os.TempDir()
	}
	return NewOver(where, func() (File, error) { return createFile(dir) }, workers)
}

// NewOver returns an empty space in files made by create, one file per worker (at
// least one), at the first write of the worker. where names the place of the
// files in errors.
func NewOver(where string, create func() (File, error), workers int) *Space {
	return &Space{where: where, create: create, files: make([]file, max(1, workers))}
}

// Error reports temporary files that cannot be made, written or read back: a fault
// of the disk, never of the data.
type Error struct {
	Doing string // "writing to"
	Where string // the folder
	Hint  string // how to mend it, or ""
	Err   error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s a temporary file in %s: %v", e.Doing, e.Where, e.Err)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Damaged returns the error for data that differ from the data written.
func (s *Space) Damaged(got string) error {
	return &Error{Doing: "reading", Where: s.where, Err: errors.New("got damaged data: " + got), Hint: "check the disk, then retry"}
}

// Write stores data for a worker in [0, workers), in released space if available.
//
// Errors: an *Error. The space is unchanged then, but for the room.
func (s *Space) Write(worker int, data []byte) (Extent, error) {
	e, err := s.take(worker%len(s.files), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for _, p := range e {
		if _, err := s.files[p.file].WriteAt(data[:p.size], p.at); err != nil {
			return nil, &Error{Doing: "writing to", Where: s.where, Err: err, Hint: "free some space there, or raise the memory budget"}
		}
		data = data[p.size:]
	}
	return e, nil
}

// take returns space for size bytes: first the space released last, as it is
// likely still cached, with the worker's own file first, and otherwise new space
// at the end of the worker's file.
func (s *Space) take(worker int, size int64) (e Extent, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.files {
		f := &s.files[(worker+i)%len(s.files)]
		for size > 0 && len(f.free) > 0 {
			last := len(f.free) - 1
			p := f.free[last]
			f.free = f.free[:last]
			if rest := p.size - size; rest >= minPiece {
				f.free = append(f.free, piece{p.file, p.at + size, rest})
			}
			p.size = min(p.size, size)
			e, size = append(e, p), size-p.size
		}
	}
	if size == 0 {
		return e, nil
	}
	f := &s.files[worker]
	if f.File == nil {
		made, err := s.create()
		if err != nil {
			return nil, &Error{Doing: "making", Where: s.where, Err: err}
		}
		f.File = made
	}
	e = append(e, piece{worker, f.end, size})
	f.end += size
	return e, nil
}

// Read reads the data of an extent from an offset on, as many as dst has room for.
//
// Errors: an *Error, of io.ErrUnexpectedEOF where the extent ends before.
func (s *Space) Read(dst []byte, e Extent, offset int64) error {
	for _, p := range e {
		if len(dst) == 0 {
			return nil
		}
		if offset >= p.size {
			offset -= p.size
			continue
		}
		n := min(int64(len(dst)), p.size-offset)
		if _, err := s.files[p.file].ReadAt(dst[:n], p.at+offset); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return &Error{Doing: "reading", Where: s.where, Err: err}
		}
		dst, offset = dst[n:], 0
	}
	if len(dst) > 0 {
		return &Error{Doing: "reading", Where: s.where, Err: io.ErrUnexpectedEOF}
	}
	return nil
}

// Free releases an extent. An extent must not be read after Free.
func (s *Space) Free(e Extent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range e {
		f := &s.files[p.file]
		f.free = append(f.free, p)
	}
}

// Bytes returns the most held by the files at once, in bytes.
func (s *Space) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := int64(0)
	for i := range s.files {
		total += s.files[i].end
	}
	return total
}

// Close removes the files. Close may be called on nil, and again. No data may be
// read afterwards.
func (s *Space) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for i := range s.files {
		f := &s.files[i]
		if f.File == nil {
			continue
		}
		errs = append(errs, f.Close())
		*f = file{}
	}
	return errors.Join(errs...)
}
