package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// tableWriter writes one Parquet file of the output and seals it.
type tableWriter struct {
	stage *stage
	name  string
	out   *parquetio.Writer
}

func (s *stage) table(name string, columns []table.Column, sortedBy ...string) (*tableWriter, error) {
	path, err := s.create(name)
	if err != nil {
		return nil, err
	}
	o := parquetio.DefaultOptions()
	o.SortedBy, o.Workers = sortedBy, s.workers
	out, err := parquetio.Create(path, columns, o)
	if err != nil {
		return nil, exit.Errorf(exit.NotWritten, "writing %s: %w", name, err)
	}
	return &tableWriter{stage: s, name: name, out: out}, nil
}

func (w *tableWriter) write(columns []table.Values, rows int) error {
	if err := w.out.Write(columns, rows); err != nil {
		return exit.Errorf(exit.NotWritten, "writing %s: %w", w.name, err)
	}
	return nil
}

// finish closes the file, reads it back and enters it into the manifest. err is
// what went wrong while writing.
func (w *tableWriter) finish(err error) error {
	closing := w.out.Close()
	if err != nil {
		return err
	}
	if closing != nil {
		return exit.Errorf(exit.NotWritten, "writing %s: %w", w.name, closing)
	}
	return w.stage.seal(w.name, w.out.Rows(), w.stage.checkParquet)
}

// checkParquet reads a Parquet file to its end and compares its rows.
func (s *stage) checkParquet(path string, rows int64) error {
	r, err := parquetio.Open(path)
	if err != nil {
		return err
	}
	if r.Rows() != rows {
		return errors.Join(fmt.Errorf("got %d rows, want %d", r.Rows(), rows), r.Close())
	}
	return errors.Join(readAll(r, rows, s.workers), r.Close())
}

// checkCSV reads a CSV file to its end and compares its header and rows.
func (s *stage) checkCSV(path string, header []string, rows int64) error {
	options := csvio.DefaultOptions()
	options.Delimiter = ','
	r, err := csvio.Open(path, options)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range r.Fields() {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, header) {
		return errors.Join(fmt.Errorf("got the columns %q, want %q", names, header), r.Close())
	}
	return errors.Join(readAll(r, rows, s.workers), r.Close())
}

// readAll decodes every column of a file, as many parts at once as there are
// workers, and compares its rows with those wanted.
func readAll(r datasets.Reader, want int64, workers int) error {
	columns := make([]int, len(r.Fields()))
	for i := range columns {
		columns[i] = i
	}
	if err := r.Select(columns); err != nil {
		return err
	}
	var got atomic.Int64
	parts := make(chan datasets.Part)
	g, ctx := errgroup.WithContext(context.Background())
	g.Go(func() error {
		defer close(parts)
		for {
			part, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			select {
			case parts <- part:
			case <-ctx.Done():
				return nil // the error of a worker tells
			}
		}
	})
	for range max(1, workers) {
		g.Go(func() error {
			var frame datasets.Frame
			for part := range parts {
				err := part.Each(&frame, func() error {
					if n := len(frame.Faults); n > 0 {
						return fmt.Errorf("got %d rows that cannot be read, the first in line %d", n, frame.Faults[0].Pos.Line)
					}
					got.Add(int64(frame.Rows))
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if got.Load() != want {
		return fmt.Errorf("got %d rows, want %d", got.Load(), want)
	}
	return nil
}

// writeScores writes segments.parquet and the files made from the same columns. It
// calls read when it has read the table of features.
func (r *run) writeScores(ctx context.Context, s *stage, read func()) error {
	scorer := r.newScorer()
	scores := scorer.Columns()
	columns := r.resolve(append([]mining.Column{keyColumn}, scores...))
	w, err := s.table("segments.parquet", columns, "customer")
	if err != nil {
		return err
	}
	crm, err := r.newCRM(s, scores)
	if err != nil {
		return w.finish(err)
	}
	for _, a := range crm.attributes {
		scorer.Also(a.name)
	}
	for b, failed := range scorer.Batches(ctx, r.scan.table) {
		if err = failed; err != nil {
			break
		}
		values := []table.Values{{Texts: b.IDs}}
		for i, c := range b.Columns {
			values = append(values, written(columns[i+1], c.Values))
		}
		if err = w.write(values, b.Rows); err != nil {
			break
		}
		if err = crm.write(ctx, b); err != nil {
			break
		}
		r.watch.Advance("publish", int64(b.Rows))
	}
	read()
	return bothOf(
		func() error { return w.finish(err) },
		func() error { return crm.finish(ctx, err != nil) },
	)
}

// stepWriter writes the rows of a step's table.
type stepWriter struct {
	*tableWriter
	columns []table.Column
	advance func(rows int64)
}

// Write adds rows.
func (w *stepWriter) Write(values []table.Values, rows int) error {
	out := make([]table.Values, len(values))
	for i, v := range values {
		out[i] = written(w.columns[i], v)
	}
	if err := w.write(out, rows); err != nil {
		return err
	}
	w.advance(int64(rows))
	return nil
}

// writeTable writes a table of a step. It calls read when it has all rows.
func (r *run) writeTable(ctx context.Context, s *stage, t mining.Table, read func()) error {
	columns := r.resolve(t.Columns)
	w, err := s.table(t.Name, columns, t.SortedBy...)
	if err != nil {
		return err
	}
	advance := func(int64) {}
	if t.Customers {
		advance = func(rows int64) { r.watch.Advance("publish", rows) }
	}
	err = t.Write(ctx, &stepWriter{w, columns, advance})
	read()
	return w.finish(err)
}
