// Package pipeline does a run: the job is read, the history is loaded and
// scanned once, the steps work side by side, and the results are published in
// one step.
package pipeline

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/pipeline/before"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/load"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/memory"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/publish"
	"github.com/quintile-dev/quintile/pipeline/reference"
	"github.com/quintile-dev/quintile/pipeline/scan"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Result is the result of a published run for its caller.
type Result struct {
	Folder    string             // or its URL in an object store
	Manifest  *manifest.Manifest // nil where Unchanged
	Unchanged bool               // Folder is of an earlier run that nothing would change; see RunIfChanged
	Steps     []publish.Summary  // of the steps, in the order of the table of steps
}

// run is the state of one run. The stages fill the run in turn; steps only read
// data written by earlier stages.
type run struct {
	*publish.Results
	env    Env
	budget int64           // bytes of memory
	blocks *offheap.Blocks // memory of the history, then of the features
	place  place.Place     // where the results go

	dict    [datasets.Slots]datasets.Strings
	mapped  features.Columns
	further []string // names of the dimensions that the job names, in their order
	plan    []steps.Planned

	before     *before.Run // the run before, as far as steps ask for it; nil: they do not, or there is none
	comparison *comparison // what a step compares the customers with; nil: nothing

	spreadBefore *reference.Reference // the spread of features in the run before; nil: not asked for, or not known
}

// Run does the job and publishes its results. Nothing is visible before
// success, and until then an earlier publication stays unchanged;
// docs/buckets.md explains the meaning in an object store.
//
// Errors: each has the exit code it calls for; see exit.Of.
func Run(ctx context.Context, job config.Job, env Env) (*Result, error) {
	r := newRun(job, env)
	return r.locked(ctx, func() (*Result, error) { return r.do(ctx) })
}

// locked calls do while this run alone holds the place of the job and memory is bounded,
// and lets go of both.
func (r *run) locked(ctx context.Context, do func() (*Result, error)) (*Result, error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(r.budget - r.Data.RecordBudget()))
	begun := r.env.Now()
	at, err := place.Open(ctx, r.Job, begun, r.env.Log)
	if err != nil {
		return nil, err
	}
	r.place, r.Data.TempDir = at, at.Folder()
	r.Data.Fetcher = fetch.New(r.Watch, at.Folder(), true)
	result, err := do()
	r.account(ctx, result, err)
	err = errors.Join(err, r.blocks.Close(), r.Data.Close(), at.Close(ctx))
	if err == nil && !result.Unchanged {
		m := result.Manifest
		r.env.Log.Info().Str("run_id", m.RunID).Int64("rows", m.Rows.Read).Int64("customers", m.Customers).
			Float64("seconds", r.env.Now().Sub(begun).Seconds()).Str("folder", result.Folder).Msg("run done")
	}
	return result, err
}

// keepBlocks bounds the memory kept by a run from its history after the scan.
const keepBlocks = 512 << 20

func newRun(job config.Job, env Env) *run {
	r := &run{env: env, budget: memory.Budget(job.Memory)}
	r.blocks = offheap.NewBlocks(r.budget) // until the scan ends, all are kept: one stage fills what the other lets go
	watch := progress.New(env.Progress, env.Now, env.Log)
	r.Results = &publish.Results{
		Job: &job, Words: words.MustOpen(job.Language, job.Currency), Version: env.Version, Watch: watch,
		Data: &load.Data{Job: &job, Watch: watch, Log: env.Log, Budget: r.budget, Blocks: r.blocks},
	}
	return r
}

// do runs the stages under the lock.
func (r *run) do(ctx context.Context) (result *Result, err error) {
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Data.Store.Close()) }()
	if err := r.scanHistory(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Scan.Close()) }()
	if err := r.Data.Commit(); err != nil {
		return nil, err
	}
	if err := r.doSteps(ctx); err != nil {
		return nil, err
	}
	if err := r.DescribeGroups(ctx); err != nil {
		return nil, err
	}
	return r.publish(ctx)
}

// prepare loads the history and settles what it decides.
func (r *run) prepare(ctx context.Context) error {
	if err := r.Data.Read(ctx); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return errors.Join(err, r.Data.Store.Close())
	}
	return nil
}

// settle fixes the facts decided by the history: the scoring date, the past dates, and the
// possible features.
func (r *run) settle(ctx context.Context) error {
	asOf, err := r.Data.ScoringDate()
	if err != nil {
		return err
	}
	first, _, _ := r.Data.Store.Span()
	r.AsOf = asOf
	r.mapped = features.Mapped(r.Data.Store.Columns(), r.Data.Store.Clock())
	r.further = r.Data.Store.Columns().FurtherNames()
	for d := range r.dict {
		r.dict[d] = *r.Data.Store.Dictionary(datasets.Dimension(d))
	}
	if r.place != nil { // a check has none
		if err := r.Data.ReadLists(ctx, r.place, asOf); err != nil {
			return err
		}
	}
	r.Known = r.describeRun(first.Day())
	if err := r.findBefore(ctx); err != nil {
		return err
	}
	if err := r.planSteps(); err != nil {
		return err
	}
	r.planComparison()
	return nil
}

// availableFeatures returns the features possible with the mapped columns:
// features computed from events.
func (r *run) availableFeatures() []features.Feature {
	return features.Available(r.mapped, r.further...)
}

// scanHistory visits every customer once.
func (r *run) scanHistory(ctx context.Context) error {
	c := scan.Config{
		AsOf: r.AsOf, Seed: r.Job.Seed, Computed: r.Known.Computed, Attributes: r.Data.Attributes, Memory: r.Data.FreeBudget() / 5, Blocks: r.blocks,
		Spill: r.Data.Spill, Workers: r.Job.Workers, Advance: func(n int64) { r.Watch.Advance("scan", n) },
	}
	r.takePart(&c)
	past, compared := r.pastScan(&c)
	all := []scan.Config{c}
	if compared {
		all = append(all, past)
	}
	err := r.Watch.Stage("scan", 0, "customers", func() error {
		scans, err := scan.Run(ctx, r.Data.Store, all...)
		if err == nil {
			r.Scan = scans[0]
			if compared {
				r.comparison.past.scan = scans[1]
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := r.Data.Store.Close(); err != nil { // all of it has been seen
		return errors.Join(err, r.Scan.Close(), r.comparison.close())
	}
	r.Data.AfterAsOf = r.Scan.Census.AfterAsOf
	r.NoteAttributes()
	r.blocks.Keep(min(keepBlocks, r.Data.RecordBudget()/2))
	r.boundHeap()
	if r.Scan.Census.Customers == 0 {
		return errors.Join(exit.Errorf(exit.BadData, "no customer has an event up to as_of %s; move as_of, or add files: %s", r.AsOf, r.Data.Fate()), r.Scan.Close(), r.comparison.close())
	}
	if w, ok := r.ReturnsOnly(); ok {
		r.Data.LogWarning(w)
	}
	if w, ok := r.NoMoney(); ok {
		r.Data.LogWarning(w)
	}
	return r.findBuyers(ctx)
}

// boundHeap has the collector keep the heap within what blocks leave of the budget.
func (r *run) boundHeap() { debug.SetMemoryLimit(max(r.budget-r.blocks.Resident(), r.budget/2)) }

// findBuyers notes which customers have a purchase; the others, who only
// returned goods, have no recency and take no part in scores and groups.
func (r *run) findBuyers(ctx context.Context) (err error) {
	r.Buyers, err = buyersOf(ctx, r.Scan)
	return err
}

// buyersOf returns the positions of the customers with a purchase, nil where all have one.
func buyersOf(ctx context.Context, s *scan.Scan) ([]uint32, error) {
	if s.Census.ReturnsOnly == 0 {
		return nil, nil
	}
	recency, err := s.Table.Column(ctx, "recency_days")
	if err != nil {
		return nil, err
	}
	buyers := make([]uint32, 0, len(recency))
	for i, v := range recency {
		if v == v {
			buyers = append(buyers, uint32(i))
		}
	}
	return buyers, nil
}

// publish publishes the results.
func (r *run) publish(ctx context.Context) (*Result, error) {
	folder, m, err := r.Publish(ctx, r.place)
	if err != nil {
		return nil, err
	}
	return &Result{Folder: folder, Manifest: m, Steps: r.Summaries()}, nil
}
