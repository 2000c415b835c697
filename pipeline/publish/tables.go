package publish

import (
	"context"
	"errors"
	"sync"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/crm"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// writeScores writes segments.parquet and the files made from the same columns.
// read is called once the table of features has been read.
func (r *Results) writeScores(ctx context.Context, s *place.Stage, bases []place.Base, read func()) error {
	scorer := r.NewScorer()
	scores := scorer.Columns()
	columns := r.Resolve(append([]mining.Column{Key}, scores...))
	w, err := s.Table("segments.parquet", columns, "customer")
	if err != nil {
		return err
	}
	files, err := crm.New(r.crmConfig(bases), s, scores)
	if err != nil {
		return w.Finish(err)
	}
	scorer.Also(files.Attributes()...)
	for b, failed := range scorer.Batches(ctx, r.Scan.Table) {
		if err = failed; err != nil {
			break
		}
		values := []table.Values{{Texts: b.IDs}}
		for i, c := range b.Columns {
			values = append(values, written(columns[i+1], c.Values))
		}
		if err = w.Write(values, b.Rows); err != nil {
			break
		}
		if err = files.Write(ctx, b); err != nil {
			break
		}
		r.Watch.Advance("publish", int64(b.Rows))
	}
	read()
	var ofCRM error
	var closing sync.WaitGroup
	closing.Go(func() { ofCRM = files.Finish(ctx, err != nil) })
	ofScores := w.Finish(err)
	closing.Wait()
	return errors.Join(ofScores, ofCRM)
}

// crmConfig says what files for CRM systems are made of.
func (r *Results) crmConfig(bases []place.Base) crm.Config {
	c := crm.Config{Job: r.Job, Guard: r.Data.Guard, Attributes: r.Data.Attributes, AsOf: r.AsOf, Key: Key.Column, Bases: bases}
	for _, s := range steps.Table() {
		if result := r.OfSteps[s.Name]; result != nil && result.Targets != nil {
			c.Targets = result.Targets
		}
	}
	return c
}

// stepWriter writes the rows of a step's table.
type stepWriter struct {
	*place.TableWriter
	people  func(values []table.Values, rows int) error // writes files for CRM systems of the same rows
	columns []table.Column
	advance func(rows int64)
}

// Write adds rows.
func (w *stepWriter) Write(values []table.Values, rows int) error {
	out := make([]table.Values, len(values))
	for i, v := range values {
		out[i] = written(w.columns[i], v)
	}
	if err := w.TableWriter.Write(out, rows); err != nil {
		return err
	}
	if err := w.people(out, rows); err != nil {
		return err
	}
	w.advance(int64(rows))
	return nil
}

// writeTable writes a table of a step. read is called once all rows are read.
func (r *Results) writeTable(ctx context.Context, s *place.Stage, t mining.Table, read func()) error {
	columns := r.Resolve(t.Columns)
	w, err := s.Table(t.Name, columns, t.SortedBy...)
	if err != nil {
		return err
	}
	advance := func(int64) {}
	if t.Customers {
		advance = func(rows int64) { r.Watch.Advance("publish", rows) }
	}
	if t.People == "" {
		err = t.Write(ctx, &stepWriter{w, func([]table.Values, int) error { return nil }, columns, advance})
		read()
		return w.Finish(err)
	}
	people, err := crm.NewPeople(r.crmConfig(nil), s, t)
	if err != nil {
		return w.Finish(err)
	}
	err = t.Write(ctx, &stepWriter{w, func(values []table.Values, rows int) error { return people.Write(ctx, values, rows) }, columns, advance})
	read()
	return errors.Join(w.Finish(err), people.Finish(err != nil))
}
