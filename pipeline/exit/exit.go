// Package exit defines the exit statuses of the program, and attaches a status
// to errors.
package exit

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// Code is an exit status of the program. The numbers are stable: schedulers
// decide by them whether to retry, skip or call somebody.
type Code int

// The exit codes.
const (
	Done        Code = 0
	Internal    Code = 1   // a bug of ours, or a fault that has no code of its own
	Usage       Code = 2   // a wrong command line or job file
	BadInput    Code = 3   // an input that is missing or cannot be read
	BadData     Code = 4   // too many rows in quarantine, or rows that contradict one another
	BadModel    Code = 5   // a model below the bar that the job sets
	NotWritten  Code = 6   // the results could not be published
	Locked      Code = 7   // another run of the job is under way
	NothingToDo Code = 99  // what is published was made from the same job and inputs
	Interrupted Code = 130 // SIGINT
	Terminated  Code = 143 // SIGTERM
)

// Error is an error with the exit code it calls for.
type Error struct {
	Code Code
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// With gives err an exit code, unless err has a code already. A wrong setting of an
// object store is a fault of the caller, whatever the action.
func With(code Code, err error) error {
	var coded *Error
	if err == nil || errors.As(err, &coded) || errors.Is(err, context.Canceled) {
		return err
	}
	if wrong := (*bucket.EndpointError)(nil); errors.As(err, &wrong) {
		code = Usage
	}
	return &Error{Code: code, Err: err}
}

// Of returns the exit code that err calls for.
func Of(err error) Code {
	var coded *Error
	var file *datasets.FileError
	var spilled *spill.Error
	var write *history.WriteError
	switch {
	case err == nil:
		return Done
	case errors.As(err, &coded):
		return coded.Code
	case errors.Is(err, context.Canceled):
		return Interrupted
	case config.AsFaults(err) != nil:
		return Usage
	case errors.Is(err, ingest.ErrTooManyFaults), errors.Is(err, ingest.ErrContradiction), errors.Is(err, features.ErrTooLarge):
		return BadData
	case Unwritable(err), errors.As(err, &spilled), errors.As(err, &write):
		return NotWritten
	case errors.As(err, &file):
		return BadInput
	}
	return Internal
}

// Unwritable reports whether err says that a disk is full or may not be written.
func Unwritable(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// Errorf returns an error with an exit code.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}
