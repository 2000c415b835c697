package publish

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/pipeline/crm"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/memory"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/report"
)

// Publish writes the outputs beside their place, checks the files, and makes
// all of them visible in one step. A failure leaves nothing behind.
func (r *Results) Publish(ctx context.Context, at place.Place) (folder string, m *manifest.Manifest, err error) {
	s, err := place.OpenStage(at.Folder(), r.AsOf, r.Job.Workers)
	if err != nil {
		return "", nil, err
	}
	if m, err = r.fill(ctx, s, at); err != nil {
		return "", nil, errors.Join(err, s.Discard())
	}
	if folder, err = at.Publish(ctx, s, r.Watch); err != nil {
		return "", nil, errors.Join(exit.With(exit.NotWritten, err), s.Discard())
	}
	return at.Name(folder), m, nil
}

// fill writes a stage, but does not make it visible.
func (r *Results) fill(ctx context.Context, s *place.Stage, at place.Place) (*manifest.Manifest, error) {
	bases, err := crm.Bases(ctx, r.Job, r.Data.Guard, at, s.Name, true)
	if err != nil {
		return nil, err
	}
	m, err := r.manifest(bases)
	if err != nil {
		return nil, err
	}
	err = r.Watch.Stage("publish", r.rowsToPublish(), "rows", func() error { return r.write(ctx, s, m, bases) })
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return m, r.seal(s, m)
}

// write writes every output but the manifest and the marks of success.
func (r *Results) write(ctx context.Context, s *place.Stage, m *manifest.Manifest, bases []place.Base) error {
	if err := r.writeReference(ctx, s); err != nil { // while the table is there to be read
		return err
	}
	if err := r.writeCustomers(ctx, s, bases); err != nil {
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
	if err := r.WriteQuarantine(s); err != nil {
		return err
	}
	models := r.fitted()
	for _, kind := range models.Kinds() {
		text, err := modelfile.Encode(kind, models[kind])
		if err != nil {
			return err
		}
		if err := r.writeText(s, "models/"+kind+".json", text); err != nil {
			return err
		}
	}
	shown := r.reportPage(m)
	data, err := report.Encode(shown)
	if err != nil {
		return err
	}
	if err := r.writeText(s, "report.json", data); err != nil {
		return err
	}
	page, err := report.Render(shown)
	if err != nil {
		return err
	}
	return r.writeText(s, "report.html", page)
}

// writeCustomers writes the tables with a row per customer, side by side: while one
// writer waits for the disk or formats text, the other compresses. These writers are
// the last readers of the table of features. The table's space on disk is released as
// soon as they have read it, while the written files are read back: the release takes
// the system a third of a second per gigabyte.
func (r *Results) writeCustomers(ctx context.Context, s *place.Stage, bases []place.Base) error {
	g, ctx := errgroup.WithContext(ctx)
	var reading sync.WaitGroup
	write := func(do func(context.Context, *place.Stage, func()) error) {
		reading.Add(1)
		read := sync.OnceFunc(reading.Done)
		g.Go(func() error {
			defer read()
			return do(ctx, s, read)
		})
	}
	write(func(ctx context.Context, s *place.Stage, read func()) error {
		return r.writeScores(ctx, s, bases, read)
	})
	for _, t := range r.tables() {
		if t.Customers {
			write(func(ctx context.Context, s *place.Stage, read func()) error { return r.writeTable(ctx, s, t, read) })
		}
	}
	g.Go(func() error {
		reading.Wait()
		return exit.With(exit.NotWritten, errors.Join(r.Scan.Close(), r.Data.Spill.Close()))
	})
	return g.Wait()
}

// rowsToPublish returns the rows of the tables written by writeCustomers, for
// the progress.
func (r *Results) rowsToPublish() int64 {
	rows := int64(r.Scan.Table.Len())
	for _, t := range r.tables() {
		if t.Customers {
			rows += int64(r.Scan.Table.Len())
		}
	}
	return rows
}

func (r *Results) writeText(s *place.Stage, name string, text []byte) error {
	if err := s.Write(name, text); err != nil {
		return err
	}
	return s.Seal(name, -1, nil)
}

// seal writes the manifest and the mark of success.
func (r *Results) seal(s *place.Stage, m *manifest.Manifest) error {
	m.Outputs = s.Outputs
	m.Timings = r.Watch.Timings()
	m.PeakMemory = memory.Peak()
	m.PeakByStage = r.Watch.Peaks()
	text, err := manifest.Encode(m)
	if err != nil {
		return err
	}
	if err := s.Write(manifest.Name, text); err != nil {
		return err
	}
	if _, _, err := place.Digest(filepath.Join(s.Path, manifest.Name)); err != nil {
		return exit.With(exit.NotWritten, err)
	}
	return s.Write(manifest.Success, nil)
}

// manifest accounts for the run, all but outputs and timings.
func (r *Results) manifest(bases []place.Base) (*manifest.Manifest, error) {
	sum, err := r.Job.Digest()
	if err != nil {
		return nil, err
	}
	rows := r.Data.Rows()
	if err := rows.Balance(); err != nil {
		return nil, err
	}
	c, inputs := r.Scan.Census, r.Data.AllInputs()
	m := &manifest.Manifest{
		Job: r.Job.Job, RunID: manifest.RunID(sum, r.AsOf.String(), r.Applied, inputs, r.Data.Guard.Account), AsOf: r.AsOf.String(), Seed: r.Job.Seed,
		Version: r.Version, Config: *r.Job, ConfigSHA256: sum, Rows: rows,
		Customers: c.Customers, Orders: c.Orders, ReturnOrders: c.ReturnOrders,
		Steps: r.stepReports(), Warnings: r.AllWarnings(), Inputs: inputs, Outputs: []manifest.Output{},
		Attributes: r.attributeAccount, Privacy: r.Data.Guard.Account, Drift: driftAccount(r.Shifts),
	}
	if r.priced() {
		m.Money = &manifest.Money{Gross: c.Gross.String(), Returns: c.Returns.String(), Net: c.Net()}
	}
	if r.Known.Mapped.Has(features.Product) {
		m.Products = new(c.ProductCount())
	}
	m.DeltaBase, m.DeltaBases = crm.Accounts(r.Job, bases)
	return m, nil
}

// span returns the days of the first and the last event taken in.
func (r *Results) span() (first, last datasets.Day) {
	from, to, _ := r.Data.Store.Span()
	return from.Day(), min(to.Day(), r.AsOf)
}
