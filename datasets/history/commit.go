package history

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// WriteError reports a failed write to a kept history; the history is unchanged.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "adding to the kept history: " + e.Err.Error() }

func (e *WriteError) Unwrap() error { return e.Err }

// Commit adds the files of the scan to the history, together with the inputs and
// their refused rows, in one step: before this step, a later run sees no part.
// Without new inputs or aliases, Commit does nothing, except that a history of an
// earlier version is rewritten.
//
// Errors: ErrLocked where the ledger has changed since the run began, and a
// *WriteError. The history is then unchanged, unless the disk failed after the new
// ledger was in place: then the next run finds the new ledger.
func (f *Folder) Commit(inputs []Input, refused []datasets.Fault) error {
	if len(inputs) == 0 && !f.whole && !f.newAliases {
		return nil
	}
	next, err := f.nextLedger(inputs, refused)
	if err != nil {
		return &WriteError{err}
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := f.replaceLedger(next); err != nil {
		return &WriteError{err}
	}
	return nil
}

// nextLedger writes the remaining files, and returns the ledger with all files.
func (f *Folder) nextLedger(inputs []Input, refused []datasets.Fault) (*Ledger, error) {
	if err := f.begin(); err != nil {
		return nil, err
	}
	next := f.ledger
	next.Version, next.Next = ledgerVersion, f.run
	if f.newAliases {
		file, err := f.writeIdentities()
		if err != nil {
			return nil, err
		}
		next.Identities = []File{file}
	}
	next.Refused = slices.Clone(next.Refused)
	for i := range next.Refused { // of a ledger of version 1
		if err := f.describeRefused(&next.Refused[i]); err != nil {
			return nil, err
		}
	}
	if len(refused) > 0 {
		file, err := f.writeRefused(refused)
		if err != nil {
			return nil, err
		}
		next.Refused = append(next.Refused, file)
	}
	if f.whole {
		next.Lines = nil
	}
	next.Lines = append(slices.Clone(next.Lines), f.taken()...)
	next.Inputs = append(slices.Clone(next.Inputs), inputs...)
	slices.SortFunc(next.Inputs, CompareInputs)
	return &next, nil
}

// unchanged verifies that the ledger on disk is still the ledger from the
// beginning of the run. A different ledger means that the lock has failed, for
// example because somebody removed it.
func (f *Folder) unchanged() error {
	text, err := f.disk.ReadFile(f.at(ledgerName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &WriteError{err}
	}
	if !bytes.Equal(text, f.stored) {
		return fmt.Errorf("%s: got a ledger that changed during the run, want the one that the run began with: %w; run again",
			f.at(ledgerName), ErrLocked)
	}
	return nil
}

// replaceLedger puts the next ledger in force, and removes the files that are no
// longer named.
func (f *Folder) replaceLedger(next *Ledger) error {
	text, err := next.encode()
	if err != nil {
		return err
	}
	if err := f.disk.SyncFolder(f.path); err != nil { // the folders in it
		return err
	}
	if err := replaceFile(f.disk, f.at(ledgerName), text); err != nil {
		f.begun = false // which ledger counts, the next run will see: until then nothing is removed
		return err
	}
	f.ledger, f.stored, f.newAliases = *next, text, false
	return f.recover()
}
