package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/report"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// publish writes the outputs beside their place, checks them, and makes them
// visible in one step. What fails leaves nothing behind.
func (r *run) publish(ctx context.Context, jobFolder string) (*Result, error) {
	s, err := openStage(jobFolder, r.asOf, r.job.Workers)
	if err != nil {
		return nil, err
	}
	r.bases, err = r.findBases(ctx, jobFolder, s.name, true)
	if err != nil {
		return nil, errors.Join(err, s.discard())
	}
	m, err := r.manifest()
	if err != nil {
		return nil, errors.Join(err, s.discard())
	}
	err = r.watch.Stage("publish", r.rowsToPublish(), "rows", func() error {
		return r.write(ctx, s, m)
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(err, s.discard())
	}
	if err := r.seal(s, m); err != nil {
		return nil, errors.Join(err, s.discard())
	}
	folder, err := s.publish()
	if err != nil {
		return nil, errors.Join(err, s.discard())
	}
	if s.left != nil {
		r.env.Log.Warn().Err(s.left).Msg("what was replaced is left for the next run to remove")
	}
	if r.remote != nil {
		err := r.watch.Stage("upload", s.bytes(), "bytes", func() error {
			return r.remote.publish(ctx, s.name, func(n int64) { r.watch.Advance("upload", n) })
		})
		if err != nil {
			return nil, exit.With(exit.NotWritten, err)
		}
	}
	return &Result{Folder: r.published(folder), Manifest: m, Steps: r.summaries()}, nil
}

// write writes every output but the manifest and the marks of success.
func (r *run) write(ctx context.Context, s *stage, m *Manifest) error {
	if err := r.writeCustomers(ctx, s); err != nil {
		return err
	}
	for _, t := range r.tables() {
		if t.Customers {
			continue // with segments.parquet
		}
		if err := r.writeTable(ctx, s, t, func() {}); err != nil {
			return err
		}
	}
	if groupings := r.groupings(); len(groupings) > 0 {
		if err := r.writeTable(ctx, s, r.profilesTable(groupings), func() {}); err != nil {
			return err
		}
	}
	if err := r.writeQuarantine(s); err != nil {
		return err
	}
	models := r.fitted()
	for _, kind := range models.kinds() {
		text, err := encodeModel(kind, models[kind])
		if err != nil {
			return err
		}
		if err := r.writeText(s, "models/"+kind+".json", text); err != nil {
			return err
		}
	}
	page, err := report.Render(r.reportPage(m))
	if err != nil {
		return err
	}
	return r.writeText(s, "report.html", page)
}

// writeCustomers writes the tables that have a row a customer, side by side: while
// one waits for the disk or formats text, the other compresses. They are the last to
// read the table of features, whose room on disk is let go as soon as they have, while
// what they wrote is read back: that takes the system a third of a second a gigabyte.
func (r *run) writeCustomers(ctx context.Context, s *stage) error {
	g, ctx := errgroup.WithContext(ctx)
	var reading sync.WaitGroup
	write := func(do func(context.Context, *stage, func()) error) {
		reading.Add(1)
		read := sync.OnceFunc(reading.Done)
		g.Go(func() error {
			defer read()
			return do(ctx, s, read)
		})
	}
	write(r.writeScores)
	for _, t := range r.tables() {
		if t.Customers {
			write(func(ctx context.Context, s *stage, read func()) error { return r.writeTable(ctx, s, t, read) })
		}
	}
	g.Go(func() error {
		reading.Wait()
		return exit.With(exit.NotWritten, errors.Join(r.scan.close(), r.spill.Close()))
	})
	return g.Wait()
}

// rowsToPublish returns the rows of the tables that writeCustomers writes, for
// the progress.
func (r *run) rowsToPublish() int64 {
	rows := int64(r.scan.table.Len())
	for _, t := range r.tables() {
		if t.Customers {
			rows += int64(r.scan.table.Len())
		}
	}
	return rows
}

// tables returns the tables of the steps, in the order of the table of steps.
func (r *run) tables() []mining.Table {
	var all []mining.Table
	for _, s := range steps.Table() {
		if result := r.results[s.Name]; result != nil {
			all = append(all, result.Tables...)
		}
		all = append(all, r.preparedTables[s.Name]...)
	}
	return all
}

// fitted returns the models of the run: those it has fitted, or those it applies.
func (r *run) fitted() Models {
	if r.models != nil {
		return r.models
	}
	m := Models{}
	for name, result := range r.results {
		if result.Model != nil {
			m[name] = result.Model
		}
	}
	return m
}

// summaries returns what a person asks of each step first.
func (r *run) summaries() []Summary {
	var all []Summary
	for _, s := range steps.Table() {
		switch result := r.results[s.Name]; {
		case result != nil:
			sum := Summary{Step: s.Name, State: string(result.State)}
			for _, f := range result.Figures {
				if f.Summary {
					sum.Figures = append(sum.Figures, f)
				}
			}
			all = append(all, sum)
		case r.models[s.Name] != nil:
			all = append(all, Summary{Step: s.Name, State: string(mining.OK)})
		}
	}
	return all
}

// stepReports says what the manifest says of each step.
func (r *run) stepReports() map[string]StepReport {
	reports := map[string]StepReport{}
	for _, kind := range r.models.kinds() {
		reports[kind] = StepReport{"state": string(mining.OK), "fitted": false}
	}
	for name, result := range r.results {
		report := StepReport{"state": string(result.State)}
		for _, f := range result.Figures {
			report[f.Name] = f.Value
		}
		reports[name] = report
	}
	return reports
}

func (r *run) writeText(s *stage, name string, text []byte) error {
	if err := s.write(name, text); err != nil {
		return err
	}
	return s.seal(name, -1, nil)
}

// seal writes the manifest and the mark of success.
func (r *run) seal(s *stage, m *Manifest) error {
	m.Outputs = s.outputs
	m.Timings = r.watch.Timings()
	m.PeakMemory = peakMemory()
	text, err := encode(m)
	if err != nil {
		return err
	}
	if err := s.write(manifestName, text); err != nil {
		return err
	}
	if _, _, err := digest(filepath.Join(s.path, manifestName)); err != nil {
		return exit.With(exit.NotWritten, err)
	}
	return s.write(successName, nil)
}

// manifest accounts for the run, all but outputs and timings.
func (r *run) manifest() (*Manifest, error) {
	sum, err := r.job.Digest()
	if err != nil {
		return nil, err
	}
	rows := r.rows()
	if err := rows.balance(); err != nil {
		return nil, err
	}
	c, inputs := r.scan.census, r.allInputs()
	m := &Manifest{
		Job: r.job.Job, RunID: runID(sum, r.asOf.String(), r.applied, inputs, r.guard.account), AsOf: r.asOf.String(), Seed: r.job.Seed,
		Version: r.env.Version, Config: r.job, ConfigSHA256: sum, Rows: rows,
		Customers: c.customers, Orders: c.orders, ReturnOrders: c.returnOrders, Products: c.productCount(),
		Money: Money{Gross: c.gross.String(), Returns: c.returns.String(), Net: c.net()},
		Steps: r.stepReports(), Warnings: r.allWarnings(), Inputs: inputs, Outputs: []Output{},
		Attributes: r.attributeAccount, Privacy: r.guard.account,
	}
	m.DeltaBase, m.DeltaBases = r.accounts(r.bases)
	return m, nil
}

// allWarnings returns the warnings of the run and of its steps, in the order of
// the steps; the code of a step's warning begins with its name.
func (r *run) allWarnings() []models.Warning {
	all := slices.Clone(r.warnings)
	if w, ok := r.returnsOnly(); ok {
		all = append(all, w)
	}
	if w, ok := r.smallGroups(); ok {
		all = append(all, w)
	}
	for _, s := range steps.Table() {
		result := r.results[s.Name]
		if result == nil {
			continue
		}
		for _, w := range result.Warnings {
			w.Code = s.Name + "." + w.Code
			all = append(all, w)
		}
	}
	if all == nil {
		all = []models.Warning{}
	}
	return all
}

// returnsOnly warns of customers who never bought.
func (r *run) returnsOnly() (w models.Warning, ok bool) {
	if r.scan == nil || r.scan.census.returnsOnly == 0 {
		return w, false
	}
	n := r.scan.census.returnsOnly
	return models.Warning{Code: "returns_only", Count: int(n),
		Message: fmt.Sprintf("%d customers only returned goods; they have no scores and no segment", n)}, true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// span returns the days of the first and the last event taken in.
func (r *run) span() (first, last datasets.Day) {
	from, to, _ := r.store.Span()
	return from.Day(), min(to.Day(), r.asOf)
}
