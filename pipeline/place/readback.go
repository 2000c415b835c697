package place

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
)

// CheckParquet reads a Parquet file to its end and compares its rows.
func (s *Stage) CheckParquet(path string, rows int64) error {
	r, err := parquetio.Open(path)
	if err != nil {
		return err
	}
	if r.Rows() != rows {
		return errors.Join(fmt.Errorf("got %d rows, want %d", r.Rows(), rows), r.Close())
	}
	return errors.Join(readAll(r, rows, s.workers), r.Close())
}

// CheckCSV reads a CSV file to its end and compares its header and rows.
func (s *Stage) CheckCSV(path string, header []string, rows int64) error {
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
// workers, and compares the number of rows with the expected number.
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
