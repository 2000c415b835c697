// Package export writes the scored customers in the forms that other systems
// read: files for CRM importers, in full and as the changes since the run
// before.
package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/models"
)

// Row is one scored customer.
type Row struct {
	Customer    []byte
	RecencyDays float64 // NaN: none, as below
	Frequency   float64
	Monetary    float64
	R, F, M     uint8 // 0: none
	RFMSegment  string
	Segment     int32 // 0: none
	SegmentName string
	ChurnProb   float64
	Reasons     string
}

// header names the columns of the full file. The delta has op before them.
var header = []string{
	"customer", "recency_days", "frequency", "monetary", "r_score", "f_score", "m_score",
	"rfm_segment", "segment", "segment_name", "churn_prob", "churn_reasons", "row_hash",
}

// Header returns the names of the columns of the file of a name.
func Header(name string) []string {
	if name == DeltaName {
		return append([]string{"op"}, header...)
	}
	return slices.Clone(header)
}

// The names of the files.
const (
	FullName  = "segments.csv"
	DeltaName = "delta.csv"
)

// The operations of a delta.
const (
	opInsert = "insert"
	opUpdate = "update"
	opDelete = "delete"
)

// Generic writes the files of the profile "generic": UTF-8, comma, RFC 4180, one
// header, missing values empty, formulas guarded, a row for each customer, and
// a hash of each row by which changes are told.
type Generic struct {
	full, delta *file
	before      *previous // nil where there was no run before
	workers     int
	blocks      []block // of the customers added last
}

// blockRows is the number of customers whose cells one worker writes at a time.
const blockRows = 1 << 12

// file is one CSV file being written.
type file struct {
	path string
	file *os.File
	buf  *bufio.Writer
	out  *csvio.Writer
	rows int64
}

// NewGeneric creates the files in a folder. before is the full file of the run
// to compare with, "" where there is none: every customer is then inserted.
// As many workers as given put cells into text.
func NewGeneric(folder, before string, workers int) (g *Generic, err error) {
	g = &Generic{workers: workers}
	if g.full, err = createFile(filepath.Join(folder, FullName), Header(FullName)); err != nil {
		return nil, err
	}
	if g.delta, err = createFile(filepath.Join(folder, DeltaName), Header(DeltaName)); err != nil {
		return nil, errors.Join(err, g.full.file.Close())
	}
	if before != "" {
		if g.before, err = openPrevious(before); err != nil {
			return nil, errors.Join(err, g.full.file.Close(), g.delta.file.Close())
		}
	}
	return g, nil
}

func createFile(path string, header []string) (*file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	buf := bufio.NewWriterSize(f, 1<<16)
	out := csvio.NewWriter(buf, csvio.DefaultWriterOptions())
	if err := out.Header(header...); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &file{path: path, file: f, buf: buf, out: out}, nil
}

// Write adds n customers. They come in the order of their ids; row sets r to number
// i of them, and is called by several goroutines at once.
func (g *Generic) Write(ctx context.Context, n int, row func(i int, r *Row)) error {
	blocks := (n + blockRows - 1) / blockRows
	for len(g.blocks) < blocks {
		g.blocks = append(g.blocks, block{})
	}
	err := models.Parallel(ctx, g.workers, blocks, func(k int) error {
		return g.blocks[k].fill(k*blockRows, min((k+1)*blockRows, n), row)
	})
	if err != nil {
		return err
	}
	for k := range blocks {
		for i := range g.blocks[k].ends {
			if err := g.add(ctx, g.blocks[k].line(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds a customer to the full file, and to the delta if anything has changed.
func (g *Generic) add(ctx context.Context, l line) error {
	if err := g.full.add(l); err != nil {
		return err
	}
	op := opInsert
	if g.before != nil {
		if err := g.removeUntil(ctx, l.customer); err != nil {
			return err
		}
		if g.before.at(l.customer) {
			op = opUpdate
			if g.before.hash == string(l.hash) {
				op = ""
			}
			g.before.pop()
		}
	}
	if op == "" {
		return nil
	}
	g.delta.out.Text([]byte(op))
	return g.delta.add(l)
}

// add ends a row with the line.
func (f *file) add(l line) error {
	f.out.Cells(l.cells, len(header)-1)
	f.out.Text(l.hash)
	f.rows++
	return f.out.EndRow()
}

// line is a customer as text.
type line struct {
	customer []byte
	cells    []byte // all but the hash
	hash     []byte
}

// block holds the lines of some customers.
type block struct {
	customers [][]byte
	text      bytes.Buffer
	ends      []int  // of each line in text, its line end included
	hashes    []byte // in hexadecimal
}

// hashLength is the number of digits of a hash.
const hashLength = 16

// fill writes the customers from number from to to (excluded).
func (b *block) fill(from, to int, row func(i int, r *Row)) error {
	b.customers, b.ends, b.hashes = b.customers[:0], b.ends[:0], b.hashes[:0]
	b.text.Reset()
	out := csvio.NewWriter(&b.text, csvio.DefaultWriterOptions())
	var r Row
	for i := from; i < to; i++ {
		row(i, &r)
		r.cells(out)
		if err := errors.Join(out.EndRow(), out.Flush()); err != nil {
			return err
		}
		start := b.start(i - from)
		b.customers, b.ends = append(b.customers, r.Customer), append(b.ends, b.text.Len())
		var sum [8]byte
		binary.BigEndian.PutUint64(sum[:], xxhash.Sum64(b.text.Bytes()[start:]))
		b.hashes = hex.AppendEncode(b.hashes, sum[:])
	}
	return nil
}

// start returns where line i begins.
func (b *block) start(i int) int {
	if i == 0 {
		return 0
	}
	return b.ends[i-1]
}

func (b *block) line(i int) line {
	return line{b.customers[i], b.text.Bytes()[b.start(i) : b.ends[i]-1], b.hashes[i*hashLength : (i+1)*hashLength]}
}

// cells writes the row but for its hash.
func (r *Row) cells(w *csvio.Writer) {
	number := func(v float64, places int) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			w.Null()
		} else {
			w.Rounded(v, places)
		}
	}
	whole := func(v int64) {
		if v == 0 {
			w.Null()
		} else {
			w.Int(v)
		}
	}
	text := func(v string) {
		if v == "" {
			w.Null()
		} else {
			w.Text([]byte(v))
		}
	}
	w.Text(r.Customer)
	number(r.RecencyDays, 0)
	number(r.Frequency, 0)
	number(r.Monetary, 6)
	whole(int64(r.R))
	whole(int64(r.F))
	whole(int64(r.M))
	text(r.RFMSegment)
	whole(int64(r.Segment))
	text(r.SegmentName)
	number(r.ChurnProb, 6)
	text(r.Reasons)
}

// removeUntil writes the customers of the run before that are no longer there,
// up to an id.
func (g *Generic) removeUntil(ctx context.Context, id []byte) error {
	for {
		more, err := g.before.peek(ctx)
		if err != nil || !more || id != nil && bytes.Compare(g.before.id, id) >= 0 {
			return err
		}
		g.delta.out.Text([]byte(opDelete))
		g.delta.out.Text(g.before.id)
		for range len(header) - 1 {
			g.delta.out.Null()
		}
		g.delta.rows++
		if err := g.delta.out.EndRow(); err != nil {
			return err
		}
		g.before.pop()
	}
}

// Close writes the rest and closes the files.
func (g *Generic) Close(ctx context.Context) error {
	var err error
	if g.before != nil {
		err = errors.Join(g.removeUntil(ctx, nil), g.before.close())
	}
	return errors.Join(err, g.full.close(), g.delta.close())
}

func (f *file) close() error {
	return errors.Join(f.out.Flush(), f.buf.Flush(), f.file.Close())
}

// Rows returns the number of rows of the full file and of the delta.
func (g *Generic) Rows() (full, delta int64) { return g.full.rows, g.delta.rows }
