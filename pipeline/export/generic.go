// Package export writes the scored customers in the forms that other systems
// read: files for CRM importers, in full and as the changes since the run
// before.
package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets/csvio"
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
	cells       bytes.Buffer
	row         *csvio.Writer
}

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
func NewGeneric(folder, before string) (g *Generic, err error) {
	g = &Generic{}
	g.row = csvio.NewWriter(&g.cells, csvio.DefaultWriterOptions())
	if g.full, err = createFile(filepath.Join(folder, FullName), header); err != nil {
		return nil, err
	}
	if g.delta, err = createFile(filepath.Join(folder, DeltaName), append([]string{"op"}, header...)); err != nil {
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

// Write adds a customer. Customers come in the order of their ids.
func (g *Generic) Write(ctx context.Context, r *Row) error {
	hash, err := g.hash(r)
	if err != nil {
		return err
	}
	r.cells(g.full.out)
	if err := g.full.end(hash); err != nil {
		return err
	}
	op := opInsert
	if g.before != nil {
		if err := g.removeUntil(ctx, r.Customer); err != nil {
			return err
		}
		if g.before.at(r.Customer) {
			op = opUpdate
			if g.before.hash == hash {
				op = ""
			}
			g.before.pop()
		}
	}
	if op == "" {
		return nil
	}
	g.delta.out.Text([]byte(op))
	r.cells(g.delta.out)
	return g.delta.end(hash)
}

// hash returns the hash of a row's cells.
func (g *Generic) hash(r *Row) (string, error) {
	g.cells.Reset()
	r.cells(g.row)
	if err := g.row.EndRow(); err != nil {
		return "", err
	}
	if err := g.row.Flush(); err != nil {
		return "", err
	}
	sum := xxhash.Sum64(g.cells.Bytes())
	var b [8]byte
	for i := range b {
		b[i] = byte(sum >> (56 - 8*i))
	}
	return hex.EncodeToString(b[:]), nil
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

func (f *file) end(hash string) error {
	f.out.Text([]byte(hash))
	f.rows++
	return f.out.EndRow()
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

// CheckFile reads a file back and compares its rows.
func CheckFile(path string, rows int64) (err error) {
	r, err := openPrevious(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	got := int64(0)
	for {
		more, err := r.peek(context.Background())
		if err != nil {
			return err
		}
		if !more {
			break
		}
		got++
		r.pop()
	}
	if got != rows {
		return fmt.Errorf("got %d rows, want %d", got, rows)
	}
	return nil
}
