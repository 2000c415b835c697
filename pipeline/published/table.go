// Package published reads published runs again: the manifest, and tables column by column as
// numbers and texts. Every file is first compared with its checksum.
package published

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
)

// Table is a table of a published run.
type Table struct {
	Rows    int
	Columns []Column
}

// Column is a column of numbers or of texts. Missing values are NaN and "".
type Column struct {
	Name    string
	Numbers []float64 // nil for texts; days and switches are numbers
	Texts   []string
}

// Column returns a column by its name, nil if absent.
func (t *Table) Column(name string) *Column {
	at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if at < 0 {
		return nil
	}
	return &t.Columns[at]
}

// Read reads columns of a Parquet file from its bytes: the named columns, or all but lists
// for nil.
//
// Errors: where the bytes are no Parquet file, or a named column is missing.
func Read(ctx context.Context, file []byte, names []string) (*Table, error) {
	path, err := keep(file)
	if err != nil {
		return nil, err
	}
	t, err := read(ctx, path, names)
	return t, errors.Join(err, os.Remove(path))
}

// keep writes the bytes to a temporary file, readable only by the owner.
func keep(file []byte) (path string, err error) {
	f, err := os.CreateTemp("", "quintile-*.parquet")
	if err != nil {
		return "", err
	}
	_, err = f.Write(file)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func read(ctx context.Context, path string, names []string) (t *Table, err error) {
	r, err := parquetio.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fields := r.Fields()
	var chosen []int
	for i, f := range fields {
		if names == nil || slices.Contains(names, f.Name) {
			chosen = append(chosen, i)
		}
	}
	if names != nil && len(chosen) < len(names) {
		return nil, fmt.Errorf("got a table without some of the columns %v", names)
	}
	if err := r.Select(chosen); err != nil {
		return nil, err
	}
	t = &Table{Columns: make([]Column, len(chosen))}
	for k, i := range chosen {
		t.Columns[k].Name = fields[i].Name
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err == nil {
			err = part.Each(&frame, func() error {
				for k := range t.Columns {
					t.Columns[k].add(&frame.Columns[k], frame.Rows)
				}
				t.Rows += frame.Rows
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
}

// add appends the values of a stretch.
func (c *Column) add(from *datasets.Column, rows int) {
	if from.Ints == nil && from.Floats == nil {
		for i := range rows {
			c.Texts = append(c.Texts, text(from, i))
		}
		return
	}
	if c.Numbers == nil {
		c.Numbers = make([]float64, 0, rows)
	}
	unit := 1.0
	if from.Kind == datasets.Decimal {
		unit = math.Pow10(from.Scale)
	}
	for i := range rows {
		v := math.NaN()
		switch {
		case !from.Valid.Get(i):
		case from.Ints != nil:
			v = float64(from.Ints[i]) / unit
		default:
			v = from.Floats[i]
		}
		c.Numbers = append(c.Numbers, v)
	}
}

func text(c *datasets.Column, i int) string {
	switch {
	case !c.Valid.Get(i):
		return ""
	case c.Codes != nil:
		return string(c.Dict.At(int(c.Codes[i])))
	}
	return string(c.Texts.At(i))
}
