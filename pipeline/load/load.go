// Package load reads the inputs of a run: line items, the tables beside the line items, refusals and the
// kept history.
package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/guard"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/progress"
)

// Data reads the inputs of a job, and holds the data read.
type Data struct {
	Job     *config.Job
	Watch   *progress.Stages
	Log     zerolog.Logger
	Budget  int64           // bytes of memory for the run
	Blocks  *offheap.Blocks // memory of the history
	TempDir string          // where to spill
	Fetcher *fetch.Fetcher  // of inputs in object stores
	Guard   *guard.Guard    // of the people behind the customers

	kept       *history.Folder      // the kept history, from which it was opened to its commit; nil: the job keeps none
	Spill      *spill.Space         // what of the line items does not fit the memory
	identities *datasets.Identities // while line items are read; nil: no aliases
	side       []sideTable          // tables beside the line items, in the order read

	Report  *ingest.Report
	Inputs  []history.Input  // of this run and of those before it
	Refused []datasets.Fault // likewise
	Store   *history.Store

	Attributes *datasets.Attributes // of customers; nil: the job names none
	Campaigns  *datasets.Campaigns  // who was drawn into which; nil: the job names none
	Prospects  *datasets.Attributes // of people who have not bought; nil: the job names none
	Lists      []mining.Target      // of campaigns that earlier runs have drawn
	listsFrom  *manifest.Input      // the table of them; nil: there is none

	AfterAsOf int64            // line items after the scoring date, once scanned
	Warnings  []models.Warning // as they arose

	Before []manifest.Input // files of the run before that steps read; nil: they read none
}

// Read loads the history and the tables beside the line items.
//
// Errors: each has its exit code. Data read before the error stay.
func (d *Data) Read(ctx context.Context) (err error) {
	if d.kept, err = OpenHistory(d.Job); err != nil {
		return err
	}
	if d.Guard, err = guard.Open(ctx, d.Job.Privacy); err != nil {
		return err
	}
	in, err := d.openInputs(ctx, d.kept)
	if err != nil {
		return err
	}
	if err := d.readTables(ctx, in, d.kept); err != nil {
		return err
	}
	return d.loadLines(ctx, in.lines, d.kept)
}

// RecordBudget returns the bytes for line items before spilling. These bytes
// are outside the heap; the collector is told to keep the heap within the rest.
func (d *Data) RecordBudget() int64 { return d.FreeBudget() * 2 / 5 }

// loadLines reads the line items into the history store.
func (d *Data) loadLines(ctx context.Context, c ingest.Config, folder *history.Folder) error {
	d.Spill = spill.New(d.TempDir, d.Job.Workers)
	b := history.NewBuilder(history.Config{
		Columns: c.Columns(), Workers: d.Job.Workers, Memory: d.RecordBudget(), Blocks: d.Blocks, Spill: d.Spill, Identities: d.identities,
	})
	err := d.Watch.Stage("load", 0, "rows", func() error { return d.readLines(ctx, c, b, folder) })
	d.identities = nil                        // the folder has them, if it must remember them
	err = errors.Join(err, d.Fetcher.Close()) // all of it has been read
	if err == nil {
		err = d.addKept(folder)
	}
	if err == nil {
		d.noteLoading()
		err = d.gate()
	}
	if err != nil {
		return errors.Join(err, b.Close())
	}
	d.Store, err = b.Seal()
	return err
}

// readLines replays the kept history and reads the files new to the history.
func (d *Data) readLines(ctx context.Context, c ingest.Config, b *history.Builder, folder *history.Folder) (err error) {
	if folder != nil {
		c.Known, c.KnownSizes = folder.Knows, map[int64]bool{}
		for _, in := range folder.Inputs() {
			c.KnownSizes[in.Bytes] = true
		}
		if err := b.Replay(ctx, folder); err != nil {
			return err
		}
	}
	d.Report, err = ingest.Load(ctx, c, b)
	return err
}

// addKept joins the data read by this run with the contents of the kept
// history.
func (d *Data) addKept(folder *history.Folder) error {
	d.Inputs, d.Refused = slices.Clone(d.Report.Inputs), d.Report.Faults
	if folder == nil {
		return nil
	}
	d.Inputs = append(d.Inputs, folder.Inputs()...)
	slices.SortFunc(d.Inputs, history.CompareInputs)
	earlier, err := folder.Refused()
	d.Refused = slices.Concat(d.Report.Faults, earlier)
	slices.SortFunc(d.Refused, ingest.CompareFaults)
	return exit.With(exit.BadInput, err)
}

// noteLoading warns of findings during loading.
func (d *Data) noteLoading() {
	for _, path := range d.Report.Duplicates {
		d.Log.Warn().Str("file", path).Msg("passed over: its contents have been taken in already")
	}
	d.warnQuarantined()
	for _, n := range d.Report.Notes {
		d.Warn(n.Code, n.Count, "%s", n.Message)
	}
	for _, column := range (ingest.Config{Sources: d.Job.Sources()}).PartlyMapped() {
		d.Warn("partly_mapped", 1, "some entries under transactions map %s and others do not: rows of the others count with no money, or one piece each; "+
			"map it in every entry", column)
	}
	if n := d.rounded(); n > 0 {
		d.Warn("rounded", int(n), "%d numbers had more than six decimal places and were rounded", n)
	}
}

// Warn adds a warning of the run, and logs it.
func (d *Data) Warn(code string, count int, format string, args ...any) {
	w := models.Warning{Code: code, Message: fmt.Sprintf(format, args...), Count: count}
	d.Warnings = append(d.Warnings, w)
	d.LogWarning(w)
}

// LogWarning logs a warning at once.
func (d *Data) LogWarning(w models.Warning) {
	d.Log.Warn().Str("code", w.Code).Int("count", w.Count).Msg(w.Message)
}

// gate stops the run where too many line items did not fit.
func (d *Data) gate() error { return d.gateOf("", d.Inputs, d.Refused) }

// maxFaultsShown is the number of rows listed in an error.
const maxFaultsShown = 20

// Close releases the memory of reading.
func (d *Data) Close() error {
	return errors.Join(d.Spill.Close(), d.Fetcher.Close(), d.kept.Close())
}

// TakeRead takes the data read so far as the whole, after loading failed early.
func (d *Data) TakeRead() {
	if d.Inputs == nil && d.Report != nil {
		d.Inputs, d.Refused = d.Report.Inputs, d.Report.Faults
	}
}
