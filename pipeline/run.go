// Package pipeline does a run: it reads the job, loads the history, scans it
// once, lets the steps work side by side, and publishes what they found in one
// step.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/steps"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// Result is what a run that was published leaves to its caller.
type Result struct {
	Folder    string    // or its URL in an object store
	Manifest  *Manifest // nil where Unchanged
	Unchanged bool      // Folder is of an earlier run that nothing would change; see RunIfChanged
	Steps     []Summary // of the steps, in the order of the table of steps
}

// Summary is what a person asks of a step first.
type Summary struct {
	Step    string
	State   string
	Figures []mining.Figure
}

// run is the state of one run. The stages fill it one after the other; steps
// only read what earlier stages wrote.
type run struct {
	job     config.Job
	env     Env
	watch   *progress.Stages
	budget  int64
	tempDir string          // where to spill
	fetcher *fetcher        // of inputs in object stores
	kept    *history.Folder // the kept history, from which it was opened to its commit; nil: the job keeps none
	blocks  *offheap.Blocks // memory of the history, then of the features
	spill   *spill.Space    // and what of them does not fit it

	identities *datasets.Identities // while line items are read; nil: no aliases
	side       []sideTable          // tables beside the line items, in the order read

	report  *ingest.Report
	inputs  []history.Input  // of this run and of those before it
	refused []datasets.Fault // likewise
	store   *history.Store
	dict    [datasets.Slots]datasets.Strings
	asOf    datasets.Day
	mapped  features.Columns
	further []string    // names of the dimensions that the job names, in their order
	known   *mining.Run // the same, as steps are told
	plan    []steps.Planned
	scan    *scan

	attributes       *datasets.Attributes // of customers; nil: the job names none
	attributeAccount *ManifestAttributes  // likewise, once scanned
	campaigns        *datasets.Campaigns  // who was drawn into which; nil: the job names none
	prospects        *datasets.Attributes // of people who have not bought; nil: the job names none

	buyers         []uint32                   // positions of the customers with a purchase; nil: all have
	results        map[string]*mining.Result  // of the steps, by name
	models         Models                     // of an earlier run, that are applied; nil: the steps fit their own
	applied        string                     // digest of these models
	prepared       map[string]mining.Prepared // of these models, those that take part in the scan
	preparedTables map[string][]mining.Table  // and the tables that they publish
	bases          []deltaBase                // of the systems that get files, in their order
	remote         *remote                    // where the results go to an object store; nil: to a local folder

	words    *words.Words // what people read
	guard    *guard       // of the people behind the customers
	warnings []models.Warning
}

// Run does the job and publishes its results. Nothing is visible before it has
// succeeded, and an earlier publication stays as it is until then; what that
// means in an object store, docs/buckets.md says.
//
// Errors: each has the exit code it calls for; see exit.Of.
func Run(ctx context.Context, job config.Job, env Env) (*Result, error) {
	r := newRun(job, env)
	return r.locked(ctx, func(jobFolder string) (*Result, error) { return r.do(ctx, jobFolder) })
}

// locked calls do with the folder of the job, while no other run may work on it
// and memory is bounded, and lets go of both.
func (r *run) locked(ctx context.Context, do func(jobFolder string) (*Result, error)) (*Result, error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(r.budget - r.recordBudget()))
	begun := r.env.Now()
	jobFolder, release, err := r.openOutput(ctx)
	if err != nil {
		return nil, err
	}
	result, err := do(jobFolder)
	r.account(ctx, jobFolder, result, err)
	err = errors.Join(err, r.blocks.Close(), r.spill.Close(), r.fetcher.close(), r.kept.Close(), release())
	if err == nil && !result.Unchanged {
		m := result.Manifest
		r.env.Log.Info().Str("run_id", m.RunID).Int64("rows", m.Rows.Read).Int64("customers", m.Customers).
			Float64("seconds", r.env.Now().Sub(begun).Seconds()).Str("folder", result.Folder).Msg("run done")
	}
	return result, err
}

// openOutput returns the folder of the job, which for an object store is a
// mirror, after making sure that no other run works on it.
func (r *run) openOutput(ctx context.Context) (jobFolder string, release func() error, err error) {
	place, isURL, err := r.job.Place()
	if err != nil {
		return "", nil, exit.Errorf(exit.Usage, "output: %w", err)
	}
	if !isURL {
		jobFolder = filepath.Join(r.job.Output, r.job.Job)
		release, err = tempdir.Lock(jobFolder)
		r.fetcher = newFetcher(r.watch, r.tempDir, true)
		return jobFolder, release, err
	}
	r.remote, err = openRemote(ctx, place, r.job.Job, r.env)
	if err != nil {
		return "", nil, err
	}
	r.tempDir = r.remote.folder
	r.fetcher = newFetcher(r.watch, r.tempDir, true)
	return r.remote.folder, func() error { return r.remote.close(ctx) }, nil
}

// published returns how a published folder of the job is named to others.
func (r *run) published(folder string) string {
	if r.remote != nil {
		return r.remote.url(folder)
	}
	return folder
}

// keepBlocks bounds the memory that a run keeps from its history after the scan.
const keepBlocks = 512 << 20

func newRun(job config.Job, env Env) *run {
	r := &run{job: job, env: env, words: words.MustOpen(job.Language, job.Currency), budget: memoryBudget(job.Memory), tempDir: filepath.Join(job.Output, job.Job)}
	r.blocks = offheap.NewBlocks(r.budget) // until the scan ends, all are kept: one stage fills what the other lets go
	r.watch = progress.New(env.Progress, env.Now, env.Log)
	return r
}

// do runs the stages under the lock.
func (r *run) do(ctx context.Context, jobFolder string) (result *Result, err error) {
	folder, err := r.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err := r.scanHistory(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.scan.close()) }()
	if err := r.commit(folder); err != nil {
		return nil, err
	}
	if err := r.doSteps(ctx); err != nil {
		return nil, err
	}
	if err := r.describeGroups(ctx); err != nil {
		return nil, err
	}
	return r.publish(ctx, jobFolder)
}

// prepare loads the history and settles what it decides. The kept history is
// returned, nil where the job keeps none.
func (r *run) prepare(ctx context.Context) (*history.Folder, error) {
	folder, err := r.openHistory()
	if err != nil {
		return nil, err
	}
	r.kept = folder
	if r.guard, err = r.openGuard(ctx); err != nil {
		return nil, err
	}
	in, err := r.openInputs(ctx, folder)
	if err != nil {
		return nil, err
	}
	if err := r.readTables(ctx, in, folder); err != nil {
		return nil, err
	}
	if err := r.load(ctx, in.lines, folder); err != nil {
		return nil, err
	}
	if err := r.settle(); err != nil {
		return nil, errors.Join(err, r.store.Close())
	}
	return folder, nil
}

// recordBudget returns the bytes that line items may hold before they are
// spilled. They are outside the heap; the collector is told to keep the heap
// within what is left.
func (r *run) recordBudget() int64 { return r.freeBudget() * 2 / 5 }

// load reads the line items into the history store.
func (r *run) load(ctx context.Context, c ingest.Config, folder *history.Folder) error {
	r.spill = spill.New(r.tempDir, r.job.Workers)
	b := history.NewBuilder(history.Config{
		Columns: c.Columns(), Workers: r.job.Workers, Memory: r.recordBudget(), Blocks: r.blocks, Spill: r.spill, Identities: r.identities,
	})
	err := r.watch.Stage("load", 0, "rows", func() error { return r.read(ctx, c, b, folder) })
	r.identities = nil                        // the folder has them, if it must remember them
	err = errors.Join(err, r.fetcher.close()) // all of it has been read
	if err == nil {
		err = r.addKept(folder)
	}
	if err == nil {
		r.noteLoading()
		err = r.gate()
	}
	if err != nil {
		return errors.Join(err, b.Close())
	}
	r.store, err = b.Seal()
	return err
}

// read replays the kept history and reads the files that are new to it.
func (r *run) read(ctx context.Context, c ingest.Config, b *history.Builder, folder *history.Folder) (err error) {
	if folder != nil {
		c.Known, c.KnownSizes = folder.Knows, map[int64]bool{}
		for _, in := range folder.Inputs() {
			c.KnownSizes[in.Bytes] = true
		}
		if err := b.Replay(ctx, folder); err != nil {
			return err
		}
	}
	r.report, err = ingest.Load(ctx, c, b)
	return err
}

// addKept joins what this run has read with what the kept history holds.
func (r *run) addKept(folder *history.Folder) error {
	r.inputs, r.refused = slices.Clone(r.report.Inputs), r.report.Faults
	if folder == nil {
		return nil
	}
	r.inputs = append(r.inputs, folder.Inputs()...)
	slices.SortFunc(r.inputs, history.CompareInputs)
	earlier, err := folder.Refused()
	r.refused = slices.Concat(r.report.Faults, earlier)
	slices.SortFunc(r.refused, ingest.CompareFaults)
	return exit.With(exit.BadInput, err)
}

// noteLoading warns of what the loading has to say.
func (r *run) noteLoading() {
	for _, path := range r.report.Duplicates {
		r.env.Log.Warn().Str("file", path).Msg("passed over: its contents have been taken in already")
	}
	r.warnQuarantined()
	for _, n := range r.report.Notes {
		r.warn(n.Code, n.Count, "%s", n.Message)
	}
	if n := r.rounded(); n > 0 {
		r.warn("rounded", int(n), "%d numbers had more than six decimal places and were rounded", n)
	}
}

func (r *run) warn(code string, count int, format string, args ...any) {
	w := models.Warning{Code: code, Message: fmt.Sprintf(format, args...), Count: count}
	r.warnings = append(r.warnings, w)
	r.logWarning(w)
}

// logWarning logs a warning as it arises.
func (r *run) logWarning(w models.Warning) {
	r.env.Log.Warn().Str("code", w.Code).Int("count", w.Count).Msg(w.Message)
}

// gate stops the run where too many line items did not fit.
func (r *run) gate() error { return r.gateOf("", r.inputs, r.refused) }

// maxFaultsShown is the number of rows that an error names one by one.
const maxFaultsShown = 20

// settle fixes what the history decides: the scoring date and the past ones,
// and which features there can be.
func (r *run) settle() error {
	first, last, ok := r.store.Span()
	if !ok {
		return exit.Errorf(exit.BadData, "got no row to work with, want transactions of known customers; see the counts: %s%s", r.fate(), r.fruitless())
	}
	asOf, named := r.job.AsOfDay()
	if !named {
		if err := standsAlone(r.store.Days()); err != nil {
			return err
		}
		asOf = last.Day() + 1
	}
	r.asOf = asOf
	r.mapped = features.Mapped(r.store.Columns(), r.store.Clock())
	r.further = r.store.Columns().FurtherNames()
	for d := range r.dict {
		r.dict[d] = *r.store.Dictionary(datasets.Dimension(d))
	}
	r.known = r.describeRun(first.Day())
	return r.planSteps()
}

// fate says in words what became of the rows.
func (r *run) fate() string {
	rows := r.rows()
	text := fmt.Sprintf("%d read, %d kept, %d quarantined", rows.Read, rows.Kept, rows.Quarantined)
	for _, name := range sortedKeys(rows.SetAside) {
		text += fmt.Sprintf(", %d set aside as %s", rows.SetAside[name], name)
	}
	return text
}

// fruitlessShown is the number of files that an error names.
const fruitlessShown = 3

// fruitless names the files that gave no row to work with.
func (r *run) fruitless() string {
	text, n := "", 0
	for _, in := range r.inputs {
		if in.Kept > 0 {
			continue
		}
		if n++; n <= fruitlessShown {
			text += fmt.Sprintf("; %s has %d rows, none of which counts", in.Path, in.Rows)
		}
	}
	if n > fruitlessShown {
		text += fmt.Sprintf("; and %d more files", n-fruitlessShown)
	}
	return text
}

// rows adds up the fate of all rows.
func (r *run) rows() Rows {
	rows := Rows{SetAside: map[string]int64{ingest.NoCustomer: 0, ingest.AfterAsOf: 0}}
	if r.job.Privacy.Erase != "" {
		rows.SetAside[ingest.Erased] = 0
	}
	for _, in := range r.inputs {
		rows.Read += in.Rows
		rows.Kept += in.Kept
		rows.Quarantined += in.Quarantined
		for name, n := range in.SetAside {
			rows.SetAside[name] += n
		}
	}
	if r.scan != nil {
		late := r.scan.census.afterAsOf
		rows.Kept -= late
		rows.SetAside[ingest.AfterAsOf] += late
	}
	return rows
}

// availableFeatures returns the features that the mapped columns allow: what is
// computed from events.
func (r *run) availableFeatures() []features.Feature {
	return features.Available(r.mapped, r.further...)
}

// scanHistory visits every customer once.
func (r *run) scanHistory(ctx context.Context) error {
	c := scanConfig{
		asOf: r.asOf, seed: r.job.Seed, computed: r.known.Computed, attributes: r.attributes, memory: r.freeBudget() / 5, blocks: r.blocks,
		spill: r.spill, workers: r.job.Workers, advance: func(n int64) { r.watch.Advance("scan", n) },
	}
	r.takePart(&c)
	err := r.watch.Stage("scan", 0, "customers", func() (err error) {
		r.scan, err = scanHistory(ctx, r.store, c)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.store.Close(); err != nil { // all of it has been seen
		return errors.Join(err, r.scan.close())
	}
	r.noteAttributes()
	r.blocks.Keep(min(keepBlocks, r.recordBudget()/2))
	r.boundHeap()
	if r.scan.census.customers == 0 {
		return errors.Join(exit.Errorf(exit.BadData, "no customer has an event up to as_of %s; move as_of, or add files: %s", r.asOf, r.fate()), r.scan.close())
	}
	if w, ok := r.returnsOnly(); ok {
		r.logWarning(w)
	}
	return r.findBuyers(ctx)
}

// boundHeap has the collector keep the heap within what blocks leave of the budget.
func (r *run) boundHeap() { debug.SetMemoryLimit(max(r.budget-r.blocks.Resident(), r.budget/2)) }

// findBuyers notes which customers have a purchase; the others, who only
// returned goods, have no recency and take no part in scores and groups.
func (r *run) findBuyers(ctx context.Context) error {
	if r.scan.census.returnsOnly == 0 {
		return nil
	}
	recency, err := r.scan.table.Column(ctx, "recency_days")
	if err != nil {
		return err
	}
	r.buyers = make([]uint32, 0, len(recency))
	for i, v := range recency {
		if v == v {
			r.buyers = append(r.buyers, uint32(i))
		}
	}
	return nil
}
