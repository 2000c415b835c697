package pipeline

import (
	"context"
	"errors"
	"os"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// Checked is what a check has found.
type Checked struct {
	Inputs      []history.Input
	Rows        Rows
	Faults      []datasets.Fault
	Formats     map[string]string // of times that were detected, by path
	Notes       []ingest.Note     // what a person should look at
	HasEvents   bool
	First, Last datasets.Day // of the events kept
	AsOf        datasets.Day
	Tables      []CheckedTable // beside the line items
	Place       string         // URL of the place in an object store that can be written to; "" for a local folder
}

// CheckedTable is what a check has found in a table beside the line items.
type CheckedTable struct {
	Name   string
	Inputs []history.Input
	Faults []datasets.Fault
	Found  []string // in words
}

// SetAside returns the names under which rows were set aside, sorted.
func (c *Checked) SetAside() []string { return sortedKeys(c.Rows.SetAside) }

// Check reads and maps every row of the job's files, and computes and writes
// nothing. A kept history is left alone: the check is of the files. Where the
// results go to an object store, a small object is first written there, read
// back and removed. Inputs in an object store are copied into a temporary folder
// meanwhile.
//
// Errors: those of Run up to the scan, and of a store that cannot be written to. Where the rows could be read, what was
// found is returned beside the error.
func Check(ctx context.Context, job config.Job, env Env) (checked *Checked, err error) {
	written := ""
	if place, isURL, err := job.Place(); err != nil {
		return nil, exit.Errorf(exit.Usage, "output: %w", err)
	} else if isURL {
		if written, err = probe(ctx, place, job.Job); err != nil {
			return nil, err
		}
	}
	job.History = ""
	r := newRun(job, env)
	r.tempDir = os.TempDir()
	r.fetcher = newFetcher(r.watch, r.tempDir, false)
	defer func() { err = errors.Join(err, r.blocks.Close(), r.spill.Close(), r.fetcher.close()) }()
	_, err = r.prepare(ctx)
	if r.report == nil {
		return nil, err
	}
	checked = &Checked{Inputs: r.inputs, Rows: r.rows(), Faults: r.refused, Formats: r.report.Formats, Notes: r.report.Notes, AsOf: r.asOf, Place: written, Tables: r.checkedTables()}
	if r.store != nil {
		var first, last datasets.Moment
		first, last, checked.HasEvents = r.store.Span()
		checked.First, checked.Last = first.Day(), last.Day()
		if err == nil {
			err = r.store.Close()
		}
	}
	return checked, err
}
