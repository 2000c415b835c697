package parquetio

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
)

// Compression is a way to make pages smaller.
type Compression uint8

// The ways to compress.
const (
	Zstd Compression = iota
	Snappy
	Uncompressed
)

// Options say how a file is written.
type Options struct {
	Compression  Compression
	RowGroupRows int // rows of a row group, ≥ 1; readers decode row groups in parallel, and hold one at a time
	Workers      int // columns encoded and compressed at once, ≥ 1; never changes a byte of the file
	// SortedBy names the columns by which the rows are sorted, ascending, the
	// most significant first. The writer tells readers about the order, but
	// does not sort.
	SortedBy []string
	// Metadata is kept in the file beside the descriptions of the columns.
	Metadata map[string]string
}

// DefaultOptions returns Zstd, row groups of 262,144 rows and one worker.
func DefaultOptions() Options { return Options{Compression: Zstd, RowGroupRows: 1 << 18, Workers: 1} }

const (
	// stepRows is the number of rows that a column hands to the library at a
	// time. Pages end only at multiples of stepRows from the beginning of the
	// row group, so that the bytes of a file do not depend on the number of
	// rows per call of Write.
	stepRows = 1024
	// pageBytes is the size at which a page ends.
	pageBytes = 256 << 10
	// dictionaryBytes is the size past which a dictionary does not grow.
	dictionaryBytes = 1 << 20
)

// Writer writes one file, row group by row group. The same columns, options and
// rows give the same bytes, however many rows each call of Write has. A Writer
// is for one goroutine.
type Writer struct {
	file    *os.File // nil over an io.Writer
	out     *parquet.Writer
	columns []table.Column
	staged  [][]parquet.Value // of each column, rows that wait for the step to fill
	waiting int               // rows staged
	group   int               // rows in the open row group, staged ones included
	size    int               // rows of a full row group
	workers int
	rows    int64
	closed  bool
	err     error // the first that made the file useless
}

// Create makes or truncates the file at path, readable by its owner only. The
// file is complete once Close has returned nil.
func Create(path string, columns []table.Column, options Options) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(file, columns, options)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	w.file = file
	return w, nil
}

// NewWriter writes a file to out. It does not close out.
//
// Errors: every fault of the columns and options at once.
func NewWriter(out io.Writer, columns []table.Column, options Options) (*Writer, error) {
	config, err := configOf(columns, options)
	if err != nil {
		return nil, err
	}
	return &Writer{
		out:     parquet.NewWriter(out, config),
		columns: slices.Clone(columns),
		staged:  make([][]parquet.Value, len(columns)),
		size:    options.RowGroupRows,
		workers: options.Workers,
	}, nil
}

func configOf(columns []table.Column, options Options) (*parquet.WriterConfig, error) {
	faults := []error{validate(columns)}
	codecs := map[Compression]compress.Codec{Zstd: &parquet.Zstd, Snappy: &parquet.Snappy, Uncompressed: &parquet.Uncompressed}
	codec, ok := codecs[options.Compression]
	if !ok {
		faults = append(faults, fmt.Errorf("parquetio: compression: got %d, want Zstd, Snappy or Uncompressed", options.Compression))
	}
	if options.RowGroupRows < 1 {
		faults = append(faults, fmt.Errorf("parquetio: rows of a row group: got %d, want at least 1", options.RowGroupRows))
	}
	if options.Workers < 1 {
		faults = append(faults, fmt.Errorf("parquetio: workers: got %d, want at least 1", options.Workers))
	}
	var sorted []parquet.SortingColumn
	for _, name := range options.SortedBy {
		if !slices.ContainsFunc(columns, func(c table.Column) bool { return c.Name == name && c.Type != table.TextList }) {
			faults = append(faults, fmt.Errorf("parquetio: sorted by: got %q, want the name of a column that is no list", name))
			continue
		}
		sorted = append(sorted, parquet.Ascending(name))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	about, err := notes(columns)
	if err != nil {
		return nil, err
	}
	metadata := maps.Clone(options.Metadata)
	if about != "" {
		if metadata == nil {
			metadata = map[string]string{}
		}
		metadata[columnsKey] = about
	}
	set := []parquet.WriterOption{
		schemaOf(columns),
		parquet.Compression(codec),
		parquet.CreatedBy("quintile", "1.0.0", "0"), // readers parse it; it never changes
		parquet.DataPageVersion(1),                  // as pandas and Spark write by default
		parquet.DataPageStatistics(false),           // the column index has them
		parquet.PageBufferSize(pageBytes),
		parquet.DictionaryMaxBytes(dictionaryBytes),
		parquet.SortingWriterConfig(parquet.SortingColumns(sorted...)),
	}
	for key, value := range metadata { // the library sorts them
		set = append(set, parquet.KeyValueMetadata(key, value))
	}
	return parquet.NewWriterConfig(set...)
}

// Write appends rows. columns has the values of each column in the order of the
// schema; columns are neither kept nor modified. A row group is cut when full.
//
// Errors: a value outside the range of its column, named by column and row; no
// row of the call is then written. Any other error, such as a full disk, makes
// the file useless, and every later call returns the same error.
func (w *Writer) Write(columns []table.Values, rows int) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return errors.New("parquetio: write to a closed file")
	}
	if len(columns) != len(w.columns) {
		return fmt.Errorf("parquetio: got %d columns, want %d", len(columns), len(w.columns))
	}
	sources := make([]*source, len(columns))
	for i := range columns {
		var err error
		if sources[i], err = newSource(&w.columns[i], &columns[i], rows); err != nil {
			return err
		}
	}
	w.err = w.stage(sources, rows)
	return w.err
}

// stage moves the rows through the staging area, a step at a time.
func (w *Writer) stage(sources []*source, rows int) error {
	kept := w.waiting > 0 // rows of earlier calls are staged, and own their texts
	old := make([]int, len(w.staged))
	for i := range w.staged {
		old[i] = len(w.staged[i])
	}
	for from := 0; from < rows; {
		to := min(rows, from+stepRows-w.waiting, from+w.size-w.group)
		take := func(column int) { w.staged[column] = sources[column].appendTo(w.staged[column], from, to) }
		w.waiting += to - from
		w.group += to - from
		w.rows += int64(to - from)
		if w.waiting == stepRows || w.group == w.size {
			if err := w.step(take); err != nil {
				return err
			}
			kept = false
		} else {
			for i := range w.staged {
				take(i)
			}
		}
		from = to
	}
	for i, staged := range w.staged {
		if kept {
			staged = staged[old[i]:]
		}
		for j := range staged { // the texts belong to the caller
			if staged[j].Kind() == parquet.ByteArray {
				staged[j] = staged[j].Clone()
			}
		}
	}
	return nil
}

// step hands the staged rows to the library, once take has staged the last
// value of a column, and closes the row group if full.
func (w *Writer) step(take func(column int)) error {
	err := w.eachColumn(func(i int, out *parquet.ColumnWriter) error {
		take(i)
		if len(w.staged[i]) == 0 {
			return nil
		}
		if _, err := out.WriteRowValues(w.staged[i]); err != nil {
			return err
		}
		clear(w.staged[i])
		w.staged[i] = w.staged[i][:0]
		return nil
	})
	w.waiting = 0
	if err != nil || w.group < w.size {
		return err
	}
	return w.flush()
}

// flush closes the row group.
func (w *Writer) flush() error {
	// The library would write the last pages in turn, column by column.
	err := w.eachColumn(func(_ int, out *parquet.ColumnWriter) error { return out.Flush() })
	if err != nil {
		return err
	}
	w.group = 0
	return w.out.Flush()
}

// eachColumn calls a function for each column, several at once: the library shares
// no state between columns. The errors of all columns are joined.
func (w *Writer) eachColumn(do func(i int, out *parquet.ColumnWriter) error) error {
	columns := w.out.ColumnWriters()
	errs := make([]error, len(columns))
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < len(columns); i = int(next.Add(1)) - 1 {
			if err := do(i, columns[i]); err != nil {
				errs[i] = fmt.Errorf("writing column %q: %w", w.columns[i].Name, err)
			}
		}
	}
	var wg sync.WaitGroup
	for range min(w.workers, len(columns)) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return errors.Join(errs...)
}

// WriteRowGroup appends rows and ends the row group after them. Rows past the
// size of a row group make several.
func (w *Writer) WriteRowGroup(columns []table.Values, rows int) error {
	if err := w.Write(columns, rows); err != nil {
		return err
	}
	return w.EndRowGroup()
}

// EndRowGroup ends the open row group, unless it is empty.
func (w *Writer) EndRowGroup() error {
	if w.err != nil || w.group == 0 {
		return w.err
	}
	w.err = w.step(func(int) {})
	if w.err == nil && w.group > 0 {
		w.err = w.flush()
	}
	return w.err
}

// Rows returns the number of rows written so far.
func (w *Writer) Rows() int64 { return w.rows }

// WriteFrame appends the rows of a frame with the columns of the file.
func (w *Writer) WriteFrame(f *datasets.Frame) error {
	values := make([]table.Values, len(f.Columns))
	for i := range f.Columns {
		values[i] = table.ValuesOf(&f.Columns[i])
	}
	return w.Write(values, f.Rows)
}

// Close ends the last row group, writes the footer, and closes the file if
// Create made it. A file whose writer was not closed, or failed, is not a
// Parquet file. A second call returns the same error or nil.
func (w *Writer) Close() error {
	if w.closed {
		return w.err
	}
	err := w.EndRowGroup()
	if err == nil {
		err = w.out.Close()
	}
	if w.file != nil {
		err = errors.Join(err, w.file.Close())
	}
	w.closed, w.err = true, err
	return err
}
