package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/synth"
)

// shop is the line items of a small synthetic retailer, in every format.
type shop struct {
	header         string
	lines          []string // of the CSV file, by time
	csv, gz        []byte
	parquet, arrow []byte
}

// The days of the two runs of a shop: the first has seen the lines of the first file.
const (
	early = "2025-01-01"
	late  = "2025-07-01"
)

func newShop(folder string, customers, lines int) (*shop, error) {
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = customers, lines, synth.Minimal
	r, err := synth.New(c)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	ctx := context.Background()
	if err := r.WriteCSV(ctx, &text); err != nil {
		return nil, err
	}
	s := &shop{csv: text.Bytes()}
	all := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	s.header, s.lines = all[0], all[1:]
	path := filepath.Join(folder, "lines.parquet")
	if err := r.WriteParquet(ctx, path); err != nil {
		return nil, err
	}
	if s.parquet, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	if s.arrow, err = toArrow(ctx, path); err != nil {
		return nil, err
	}
	s.gz = packed(s.csv)
	at := slices.Index(strings.Split(s.header, ","), "time")
	if at < 0 {
		return nil, fmt.Errorf("got the columns %s, want a time", s.header)
	}
	time := func(line string) string { return strings.Split(line, ",")[at] }
	slices.SortStableFunc(s.lines, func(a, b string) int { return strings.Compare(time(a), time(b)) })
	return s, os.Remove(path)
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text) // into memory
	_ = z.Close()
	return b.Bytes()
}

// toArrow writes a Parquet file as Arrow.
func toArrow(ctx context.Context, path string) (arrow []byte, err error) {
	in, err := parquetio.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	all := make([]int, len(in.Fields()))
	for i := range all {
		all[i] = i
	}
	if err := in.Select(all); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out, err := arrowio.NewWriter(&b, in.Fields(), arrowio.DefaultOptions())
	if err != nil {
		return nil, err
	}
	var frame datasets.Frame
	for {
		part, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = part.Decode(&frame)
		}
		if err == nil {
			err = out.Write(&frame)
		}
		if err != nil {
			return nil, err
		}
	}
	err = out.Close()
	return b.Bytes(), err
}

// file returns lines as the contents of a file.
func (s *shop) file(lines []string) []byte {
	return []byte(s.header + "\n" + strings.Join(lines, "\n") + "\n")
}

// halves returns the lines before the first day, and the later lines.
func (s *shop) halves() (before, after []string) {
	at := slices.Index(strings.Split(s.header, ","), "time")
	n := slices.IndexFunc(s.lines, func(line string) bool { return strings.Split(line, ",")[at] >= early })
	return s.lines[:n], s.lines[n:]
}

// job returns the text of a job that reads the named files, with the given steps and further
// settings.
func job(files, steps string, further ...string) []byte {
	return []byte(fmt.Sprintf(`job: shop
seed: 1
inputs:
  transactions:
    - path: "%s"
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price}
steps: %s
%s
`, files, steps, strings.Join(further, "\n")))
}

// Steps of the jobs: only fast steps, and steps of every kind.
const (
	fastSteps = "{rfm: {}, lifecycle: {}, performance: {}}"
	someSteps = "{rfm: {}, features: {}, segments: {k: 3}, rules: {min_support: 0.02}, lifecycle: {}, performance: {}}"
)

// write writes files into a folder, by their names.
func write(folder string, files map[string][]byte) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
