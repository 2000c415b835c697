package place

import (
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// TableWriter writes one Parquet file of the output and seals the file.
type TableWriter struct {
	stage *Stage
	name  string
	out   *parquetio.Writer
}

// Table begins a table of the publication.
func (s *Stage) Table(name string, columns []table.Column, sortedBy ...string) (*TableWriter, error) {
	path, err := s.Create(name)
	if err != nil {
		return nil, err
	}
	o := parquetio.DefaultOptions()
	o.SortedBy, o.Workers = sortedBy, s.workers
	out, err := parquetio.Create(path, columns, o)
	if err != nil {
		return nil, exit.Errorf(exit.NotWritten, "writing %s: %w", name, err)
	}
	return &TableWriter{stage: s, name: name, out: out}, nil
}

func (w *TableWriter) Write(columns []table.Values, rows int) error {
	if err := w.out.Write(columns, rows); err != nil {
		return exit.Errorf(exit.NotWritten, "writing %s: %w", w.name, err)
	}
	return nil
}

// Finish closes the file, reads the contents back and enters the file into the
// manifest. err is the error of writing, if any.
func (w *TableWriter) Finish(err error) error {
	closing := w.out.Close()
	if err != nil {
		return err
	}
	if closing != nil {
		return exit.Errorf(exit.NotWritten, "writing %s: %w", w.name, closing)
	}
	return w.stage.Seal(w.name, w.out.Rows(), w.stage.CheckParquet)
}
