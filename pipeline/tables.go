package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
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
		return nil, errorf(NotWritten, "writing %s: %w", name, err)
	}
	return &tableWriter{stage: s, name: name, out: out}, nil
}

func (w *tableWriter) write(columns []table.Values, rows int) error {
	if err := w.out.Write(columns, rows); err != nil {
		return errorf(NotWritten, "writing %s: %w", w.name, err)
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
		return errorf(NotWritten, "writing %s: %w", w.name, closing)
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

// present returns a bitmap of the rows that have a value.
func present[T any](values []T, has func(T) bool) datasets.Bitmap {
	valid := datasets.NewBitmap(len(values))
	for i, v := range values {
		if has(v) {
			valid.Set(i)
		}
	}
	return valid
}

// moneyColumn describes a column of money in the type that the job asks for.
func (r *run) moneyColumn(name, description string) table.Column {
	c := table.Column{Name: name, Type: table.Float64, Nullable: true, Description: description, Unit: r.unit("currency")}
	if r.job.Publish.Money == "decimal" {
		c.Type, c.Scale = table.Decimal, 6
	}
	return c
}

// unit replaces the word currency by the currency of the job.
func (r *run) unit(unit string) string {
	if r.job.Currency == "" {
		return unit
	}
	return strings.ReplaceAll(unit, "currency", r.job.Currency)
}

// numbers returns the values of a column of numbers, NaN as null.
func numbers(c table.Column, values []float64) table.Values {
	if c.Type == table.Float64 {
		return table.Values{Floats: values}
	}
	factor := 1.0
	if c.Type == table.Decimal {
		factor = 1e6
	}
	v := table.Values{Ints: make([]int64, len(values)), Valid: datasets.NewBitmap(len(values))}
	for i, x := range values {
		if !math.IsNaN(x) {
			v.Ints[i] = int64(math.Round(x * factor))
			v.Valid.Set(i)
		}
	}
	return v
}

// scoreColumns describes segments.parquet.
func (r *run) scoreColumns() []table.Column {
	score := func(name, what string) table.Column {
		return table.Column{Name: name, Type: table.Int32, Nullable: true, Description: what, Unit: "score"}
	}
	return []table.Column{
		{Name: "customer", Type: table.Text, Description: "id of the customer, the key of the table"},
		{Name: "recency_days", Type: table.Int32, Nullable: true, Unit: "days", Description: "days from the last purchase to the scoring date; null for a customer without one"},
		{Name: "frequency", Type: table.Int64, Nullable: true, Unit: "orders", Description: "number of distinct orders, returns left out"},
		r.moneyColumn("monetary", "money spent, "+r.monetaryWords()),
		score("r_score", "recency score, the best is the highest"),
		score("f_score", "frequency score, the best is the highest"),
		score("m_score", "monetary score, the best is the highest"),
		{Name: "rfm_segment", Type: table.Text, Nullable: true, Dictionary: true, Description: "named segment of the scores for recency and frequency"},
		{Name: "segment", Type: table.Int32, Nullable: true, Description: "number of the natural group, from 1, the largest group first"},
		{Name: "segment_name", Type: table.Text, Nullable: true, Dictionary: true, Description: "what marks the natural group"},
		{Name: "class", Type: table.Int32, Nullable: true, Description: "leaf of the decision tree, from 0; models/classify.json says it in words"},
		{Name: "churn_prob", Type: table.Float64, Nullable: true, Unit: "probability", Description: "calibrated probability of no purchase within the horizon"},
		{Name: "churn_reasons", Type: table.Text, Nullable: true, Description: "what raises the probability most, strongest first"},
	}
}

func (r *run) monetaryWords() string {
	if r.monetaryFeature() == "net_money" {
		return "less returns"
	}
	return "before returns"
}

// monetaryFeature returns the feature that is published as monetary.
func (r *run) monetaryFeature() string {
	if m := r.found.models.RFM; m != nil {
		return m.Monetary.Column()
	}
	if r.job.Steps.RFM != nil {
		return features.Monetary(r.job.Steps.RFM.Monetary).Column()
	}
	return features.Gross.Column()
}

// writeScores writes segments.parquet and the files made from the same columns. It
// calls read when it has read the table of features.
func (r *run) writeScores(ctx context.Context, s *stage, read func()) error {
	columns := r.scoreColumns()
	w, err := s.table("segments.parquet", columns, "customer")
	if err != nil {
		return err
	}
	crm, err := r.newCRM(s)
	if err != nil {
		return w.finish(err)
	}
	sc := newScorer(r.found.models, r.monetaryFeature(), r.job.Workers)
	err = sc.each(ctx, r.scan.table, func(g *scores) error {
		if err := w.write(scoreValues(columns, g, sc), g.ids.Len()); err != nil {
			return err
		}
		if err := crm.write(ctx, g, sc); err != nil {
			return err
		}
		r.env.Progress.Advance("publish", int64(g.ids.Len()))
		return nil
	})
	read()
	return bothOf(
		func() error { return w.finish(err) },
		func() error { return crm.finish(ctx, err != nil) },
	)
}

func scoreValues(columns []table.Column, g *scores, sc *scorer) []table.Values {
	named := func(codes []uint32, names []string) table.Values {
		v := table.Values{Codes: make([]uint32, len(codes)), Valid: datasets.NewBitmap(len(codes))}
		for _, name := range names {
			v.Dict.Append([]byte(name))
		}
		if len(names) == 0 {
			v.Dict.Append(nil)
		}
		for i, c := range codes {
			if c != datasets.NoCode {
				v.Codes[i] = c
				v.Valid.Set(i)
			}
		}
		return v
	}
	score := func(values []uint8) table.Values {
		v := table.Values{Int32s: make([]int32, len(values)), Valid: present(values, func(s uint8) bool { return s > 0 })}
		for i, s := range values {
			v.Int32s[i] = int32(s)
		}
		return v
	}
	has := func(v int32) bool { return v >= 0 }
	segment := table.Values{Int32s: make([]int32, len(g.segment)), Valid: present(g.segment, has)}
	segmentCode := filled(len(g.segment), datasets.NoCode)
	for i, v := range g.segment {
		segment.Int32s[i] = v + 1
		if v >= 0 {
			segmentCode[i] = uint32(v)
		}
	}
	return []table.Values{
		{Texts: g.ids},
		numbers(columns[1], g.recency), numbers(columns[2], g.order), numbers(columns[3], g.money),
		score(g.r), score(g.f), score(g.m), named(g.rfm, sc.rfmNames),
		segment, named(segmentCode, sc.segNames),
		{Int32s: g.class, Valid: present(g.class, has)},
		{Floats: g.churn},
		{Strings: g.reasons, Valid: present(g.reasons, func(s string) bool { return s != "" })},
	}
}

// writeFeatures writes features.parquet, and calls read as writeScores does.
func (r *run) writeFeatures(ctx context.Context, s *stage, read func()) error {
	published := r.publishedFeatures()
	columns := []table.Column{{Name: "customer", Type: table.Text, Description: "id of the customer, the key of the table"}}
	var names []string
	for _, f := range published {
		columns = append(columns, r.featureColumn(f))
		names = append(names, f.Name)
	}
	w, err := s.table("features.parquet", columns, "customer")
	if err != nil {
		return err
	}
	for g, failed := range r.scan.table.Groups(ctx, names, groupRows) {
		if failed != nil {
			return w.finish(failed)
		}
		values := []table.Values{{Texts: g.IDs}}
		for j, column := range g.Columns {
			if published[j].Kind == features.Code {
				values = append(values, r.texts(published[j], column))
				continue
			}
			values = append(values, numbers(columns[j+1], column))
		}
		if err := w.write(values, g.IDs.Len()); err != nil {
			return w.finish(err)
		}
		r.env.Progress.Advance("publish", int64(g.IDs.Len()))
	}
	read()
	return w.finish(nil)
}

// featureColumn describes a feature as a column of the output.
func (r *run) featureColumn(f features.Feature) table.Column {
	c := table.Column{Name: f.Name, Type: table.Float64, Nullable: true, Unit: r.unit(f.Unit), Description: f.Meaning}
	if f.Missing != "never" {
		c.Description += " Null: " + f.Missing + "."
	}
	switch {
	case f.Kind == features.Code:
		c.Type, c.Dictionary = table.Text, true
	case f.Kind == features.Count:
		c.Type = table.Int64
	case f.Kind == features.Money && r.job.Publish.Money == "decimal":
		c.Type, c.Scale = table.Decimal, 6
	}
	return c
}

// texts returns the texts that the codes of a feature such as region_main stand
// for.
func (r *run) texts(f features.Feature, codes []float64) table.Values {
	v := table.Values{Codes: make([]uint32, len(codes)), Valid: datasets.NewBitmap(len(codes)), Dict: r.dictionary(f)}
	if v.Dict.Len() == 0 {
		v.Dict.Append(nil)
	}
	for i, code := range codes {
		if !math.IsNaN(code) {
			v.Codes[i] = uint32(code)
			v.Valid.Set(i)
		}
	}
	return v
}
