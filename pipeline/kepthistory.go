package pipeline

import (
	"errors"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// openHistory opens the kept history, nil where the job keeps none.
func (r *run) openHistory() (*history.Folder, error) {
	if r.job.History == "" {
		return nil, nil
	}
	mapping, err := r.job.MappingDigest()
	if err != nil {
		return nil, err
	}
	folder, err := history.OpenFolder(r.job.History, mapping)
	return folder, historyError(exit.BadInput, err)
}

// historyError gives an error of the kept history its exit code; otherwise is that
// of an error that does not tell.
func historyError(otherwise exit.Code, err error) error {
	switch {
	case errors.Is(err, history.ErrForeign):
		return exit.With(exit.Usage, err)
	case errors.Is(err, history.ErrLocked):
		return exit.With(exit.Locked, err)
	case exit.Unwritable(err):
		return exit.With(exit.NotWritten, err)
	}
	return exit.With(otherwise, err)
}

// commit makes what was loaded part of the kept history, and lets other jobs use it.
func (r *run) commit(folder *history.Folder) error {
	if err := r.checkRows(); err != nil || folder == nil {
		return err
	}
	if err := folder.Commit(r.report.Inputs, r.report.Faults); err != nil {
		return historyError(exit.NotWritten, err)
	}
	return historyError(exit.NotWritten, folder.Close())
}

// checkRows compares the fate of all rows with the rows that came out of the
// history: every row of a known customer that was kept, in this run or in an earlier
// one, must have been seen.
func (r *run) checkRows() error {
	read, kept := int64(0), int64(0)
	for _, in := range r.inputs {
		kept += in.Kept
		read += in.Rows - in.Kept - in.Quarantined
		for _, n := range in.SetAside {
			read -= n
		}
	}
	known, _ := r.store.Scanned()
	switch {
	case read == 0 && known == kept:
		return nil
	case r.job.History != "":
		return exit.Errorf(exit.BadInput, "%s: got %d line items of known customers, want the %d that its inputs gave, and every row read to be kept, "+
			"quarantined or set aside (%s); restore the history's folder from a copy, or remove it and load all files again",
			r.job.History, known, kept, r.fate())
	}
	return exit.Errorf(exit.Internal, "BUG: got %d line items of known customers, want the %d kept: %s", known, kept, r.fate())
}
