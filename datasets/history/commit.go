package history

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// WriteError reports that something could not be added to a kept history, which is
// as it was.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "adding to the kept history: " + e.Err.Error() }

func (e *WriteError) Unwrap() error { return e.Err }

// Commit makes what the scan wrote part of the history, together with the inputs it
// came from and the rows of theirs that were refused, in one step: before, a later
// run sees nothing of it. It does nothing where there was nothing new. The history
// of an earlier version is rewritten either way.
//
// Errors: ErrLocked where the ledger is not the one that the run began with, and a
// *WriteError. The history is then as it was, unless the disk failed after the new
// ledger was in place: then the next run finds the new one.
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

// nextLedger writes the files that are still to be written, and returns the ledger
// with all of them.
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

// unchanged makes sure that the ledger on disk is the one that the run began with.
// It is another one only where the lock has failed, as where somebody removed it.
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

// replaceLedger makes the next ledger the one that counts, and removes the files
// that it no longer names.
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
