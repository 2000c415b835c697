package ingest

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/text"
)

// TableSource is one entry of a table beside the transactions, such as aliases or
// customers' attributes: files of one kind, read one way. Of Source, only the path
// and the settings for text are used.
type TableSource struct {
	Source
	Columns []TableColumn // in the order in which TableRows has them

	layout *text.TimeLayout // of times in text, for TableRows.Moment
	zone   *time.Location   // of times that name one, likewise
}

// TableColumn is a column that a table needs.
type TableColumn struct {
	Name string // in the files
	For  string // what names it in the job, for messages: "columns: alias"
	ID   bool   // it holds ids of customers
}

// TableReport says what was read of a table.
type TableReport struct {
	Inputs []history.Input  // the files, sorted by path
	Faults []datasets.Fault // the rows refused, sorted as CompareFaults has it
}

// ReadTable reads all files of a table, and calls visit with their rows, in batches,
// source by source, sorted by path, in the order of the files. The arguments of
// visit are valid until visit returns. advance, if not nil, is called with the
// number of rows read.
//
// Errors: *datasets.FileError where a file cannot be found, opened, mapped or read
// to its end, the first of visit, and ctx.Err(). Rows that do not fit are no error
// here: the caller decides how many are too many.
func ReadTable(ctx context.Context, sources []TableSource, advance func(rows int64), visit func(source int, rows *TableRows) error) (*TableReport, error) {
	return readTable(ctx, sources, refusedMemory, advance, visit)
}

// readTable is ReadTable with the bytes that refused rows may take.
func readTable(ctx context.Context, sources []TableSource, most int64, advance func(rows int64), visit func(source int, rows *TableRows) error) (*TableReport, error) {
	report := &TableReport{}
	refused := int64(0)
	for i := range sources {
		files, err := sources[i].found()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			t := tableFile{File: f, source: &sources[i], advance: advance, most: most, refused: refused}
			in, err := t.read(ctx, func(rows *TableRows) error { return visit(i, rows) })
			if err != nil {
				return nil, err
			}
			refused = t.refused
			report.Inputs = append(report.Inputs, in)
			report.Faults = append(report.Faults, t.rows.w.counts.faults...)
		}
	}
	slices.SortFunc(report.Inputs, history.CompareInputs)
	slices.SortFunc(report.Faults, CompareFaults)
	return report, nil
}

// tableFile is one file of a table.
type tableFile struct {
	File
	source  *TableSource
	advance func(rows int64)
	most    int64 // bytes that refused rows may take
	refused int64 // bytes that they take, with those of the files before
	rows    TableRows
}

func (t *tableFile) read(ctx context.Context, visit func(*TableRows) error) (in history.Input, err error) {
	if err := errors.Join(t.notice(), t.sum()); err != nil {
		return in, err
	}
	reader, err := t.Open(t.source.CSV)
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	m, err := t.bind(reader)
	if err != nil {
		return in, err
	}
	c := &counts{}
	m.layout = t.source.layout
	t.rows.w = &mapper{m: m, counts: c}
	if t.source.zone != nil {
		t.rows.w.clock = newClock(t.source.zone)
	}
	var frame datasets.Frame
	for {
		part, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			if err := t.unchanged(); err != nil {
				return in, err
			}
			return history.Input{
				Path: t.Name, Bytes: t.Bytes, SHA256: t.SHA256, ETag: t.ETag,
				Rows: c.rows, Kept: c.rows - c.quarantined, Quarantined: c.quarantined, Rounded: c.rounded,
			}, nil
		}
		if err != nil {
			return in, err
		}
		err = part.Each(&frame, func() error {
			frame.Path = t.Name
			return t.visit(ctx, &frame, visit)
		})
		if err != nil {
			return in, err
		}
	}
}

// bind finds and selects the columns; t.rows then knows the columns by their order.
func (t *tableFile) bind(reader datasets.Reader) (*mapping, error) {
	m := &mapping{path: t.Name, source: &t.source.Source}
	names, values := partitionsOf(t.Name)
	b := binder{m: m, file: reader.Fields(), names: names, values: values}
	for _, c := range t.source.Columns {
		b.column(c.Name, c.For)
	}
	if err := b.err(); err != nil {
		return nil, err
	}
	for _, c := range t.source.Columns { // only now, since constants move when a column of the file is selected
		t.rows.columns = append(t.rows.columns, b.column(c.Name, c.For))
	}
	return m, reader.Select(m.selected)
}

func (t *tableFile) visit(ctx context.Context, frame *datasets.Frame, visit func(*TableRows) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := t.rows.w
	before := len(w.counts.faults)
	w.frame = frame
	w.addConstants()
	w.prepareNumbers()
	w.markMissing()
	for k, c := range t.source.Columns {
		if c.ID && t.source.NumericIDs {
			wholeIDs(&frame.Columns[t.rows.columns[k]])
		}
	}
	w.counts.rows += int64(frame.Rows + len(frame.Faults))
	w.counts.quarantined += int64(len(frame.Faults))
	w.addFaults()
	t.rows.begin(frame.Rows)
	if err := visit(&t.rows); err != nil {
		return err
	}
	for i := range w.numbers {
		w.counts.rounded += w.numbers[i].rounded
	}
	if t.refused += bytesOf(w.counts.faults[before:]); t.refused > t.most {
		return tooManyFaults(t.Name, w.counts, t.most)
	}
	if t.advance != nil {
		t.advance(int64(frame.Rows + len(frame.Faults)))
	}
	return nil
}

// TableRows is a stretch of consecutive rows of a table. Columns count as those of
// the TableSource do.
type TableRows struct {
	Len     int
	w       *mapper
	columns []int // of the frame
	refused datasets.Bitmap
}

func (r *TableRows) begin(n int) {
	r.Len = n
	r.refused = datasets.NewBitmap(n)
}

// Text returns the text of row i in column k without white space around it, empty
// where it is missing. Numbers are written like ids: whole numbers without a
// point. The text is valid until the next call.
func (r *TableRows) Text(i, k int) []byte {
	c := &r.w.frame.Columns[r.columns[k]]
	if r.w.isMissing(c, i) {
		return nil
	}
	return r.w.textOf(c, uint32(i))
}

// Number returns the number of row i in column k in millionths, and whether the
// cell has a number. A cell with other contents refuses the row and gives false.
func (r *TableRows) Number(i, k int) (millionths int64, ok bool) {
	at := r.columns[k]
	r.w.numbers[at].percent = true
	n := r.w.numbersOf(at, r.w.rowsOf(r.Len))
	switch n.of(uint32(i)) {
	case fits:
		return n.values[i], true
	case malformed:
		r.Refuse(i, k, datasets.BadNumber, "a number such as 12DECIMAL50, or nothing")
	case tooLarge:
		r.Refuse(i, k, datasets.OutOfRange, "a number below 10^12")
	}
	return 0, false
}

// Moment returns the time of row i in column k, and whether the cell has a time. A cell
// with other contents refuses the row and gives false.
func (r *TableRows) Moment(i, k int) (datasets.Moment, bool) {
	c := &r.w.frame.Columns[r.columns[k]]
	if r.w.isMissing(c, i) {
		return 0, false
	}
	t, ok := r.w.moment(c, uint32(i))
	if !ok || t < firstMoment || t > lastMoment {
		r.Refuse(i, k, datasets.BadTime, r.w.wantedTime())
		return 0, false
	}
	return t, true
}

// Refuse quarantines row i for the contents of column k. A row counts once, for
// its first fault.
func (r *TableRows) Refuse(i, k int, reason datasets.Reason, want string) {
	if r.Refused(i) {
		return
	}
	r.refused.Set(i)
	r.w.refuse(uint32(i), r.columns[k], reason, want)
}

// Refused reports whether row i has been refused.
func (r *TableRows) Refused(i int) bool { return r.refused.Get(i) }

// Path returns the file that the rows stand in.
func (r *TableRows) Path() string { return r.w.frame.Path }

// Position returns where row i stands, in column k.
func (r *TableRows) Position(i, k int) datasets.Position {
	return r.w.frame.Position(i, r.w.frame.Columns[r.columns[k]].Name)
}
