package load

import (
	"errors"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// OpenHistory opens the kept history, nil where the job keeps none.
func OpenHistory(job *config.Job) (*history.Folder, error) {
	if job.History == "" {
		return nil, nil
	}
	mapping, err := job.MappingDigest()
	if err != nil {
		return nil, err
	}
	folder, err := history.OpenFolder(job.History, mapping)
	return folder, historyError(exit.BadInput, err)
}

// historyError gives an error of the kept history its exit code; otherwise is the
// code for all other errors.
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

// Commit adds the loaded data to the kept history, and releases the history for
// other jobs.
func (d *Data) Commit() error {
	if err := d.CheckRows(); err != nil || d.kept == nil {
		return err
	}
	if err := d.kept.Commit(d.Report.Inputs, d.Report.Faults); err != nil {
		return historyError(exit.NotWritten, err)
	}
	return historyError(exit.NotWritten, d.kept.Close())
}

// CheckRows compares the fate of all rows with the rows from the history: every kept
// row of a known customer, from this run or an earlier run, must have been seen.
func (d *Data) CheckRows() error {
	read, kept := int64(0), int64(0)
	for _, in := range d.Inputs {
		kept += in.Kept
		read += in.Rows - in.Kept - in.Quarantined
		for _, n := range in.SetAside {
			read -= n
		}
	}
	known, _ := d.Store.Scanned()
	switch {
	case read == 0 && known == kept:
		return nil
	case d.Job.History != "":
		return exit.Errorf(exit.BadInput, "%s: got %d line items of known customers, want the %d that its inputs gave, and every row read to be kept, "+
			"quarantined or set aside (%s); restore the history's folder from a copy, or remove it and load all files again",
			d.Job.History, known, kept, d.Fate())
	}
	return exit.Errorf(exit.Internal, "BUG: got %d line items of known customers, want the %d kept: %s", known, kept, d.Fate())
}
