package pipeline

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/load"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// Checked is what a check has found.
type Checked struct {
	Inputs      []history.Input
	Rows        manifest.Rows
	Faults      []datasets.Fault
	Formats     map[string]string // of times that were detected, by path
	Notes       []ingest.Note     // what a person should look at
	HasEvents   bool
	First, Last datasets.Day // of the events kept
	AsOf        datasets.Day
	Tables      []load.Table // beside the line items
	Place       string       // URL of the place in an object store that can be written to; "" for a local folder
}

// SetAside returns the names under which rows were set aside, sorted.
func (c *Checked) SetAside() []string { return slices.Sorted(maps.Keys(c.Rows.SetAside)) }

// Check reads and maps every row of the job's files, and computes and writes
// nothing. A kept history is left alone: the check is of the files. Where the
// results go to an object store, a small object is first written there, read
// back and removed. Inputs in an object store are copied into a temporary folder
// meanwhile.
//
// Errors: the errors of Run up to the scan, and an error for a store without write access. Where the rows could be
// read, the findings are returned beside the error.
func Check(ctx context.Context, job config.Job, env Env) (checked *Checked, err error) {
	written := ""
	if where, isURL, err := job.Place(); err != nil {
		return nil, exit.Errorf(exit.Usage, "output: %w", err)
	} else if isURL {
		if written, err = place.Probe(ctx, where, job.Job); err != nil {
			return nil, err
		}
	}
	job.History = ""
	r := newRun(job, env)
	d := r.Data
	d.TempDir = os.TempDir()
	d.Fetcher = fetch.New(r.Watch, d.TempDir, false)
	defer func() { err = errors.Join(err, r.blocks.Close(), d.Close()) }()
	err = r.prepare(ctx)
	if d.Report == nil {
		return nil, err
	}
	checked = &Checked{Inputs: d.Inputs, Rows: d.Rows(), Faults: d.Refused, Formats: d.Report.Formats, Notes: d.Report.Notes, AsOf: r.AsOf, Place: written, Tables: d.CheckedTables()}
	if d.Store != nil {
		var first, last datasets.Moment
		first, last, checked.HasEvents = d.Store.Span()
		checked.First, checked.Last = first.Day(), last.Day()
		if err == nil {
			err = d.Store.Close()
		}
	}
	return checked, err
}
