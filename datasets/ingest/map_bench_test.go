package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// lineItems returns rows of about 48 bytes, three to an order, by time.
func lineItems(rows int) []byte {
	rng := rand.New(rand.NewPCG(7, 0))
	var b bytes.Buffer
	b.WriteString("order_id,customer_id,time,product,quantity,unit_price\n")
	order, customer, moment := 500_000, 0, time.Date(2023, 7, 1, 6, 0, 0, 0, time.UTC)
	for i := range rows {
		if i == 0 || rng.IntN(3) == 0 {
			order++
			customer = 100_000 + rng.IntN(336_000)
			moment = moment.Add(time.Duration(rng.IntN(40)) * time.Second)
		}
		fmt.Fprintf(&b, "%d,%d,%s,P%04d,%d,%d.%02d\n", order, customer, moment.Format(time.DateTime), rng.IntN(1200), 1+rng.IntN(24),
			rng.IntN(30), rng.IntN(100))
	}
	return b.Bytes()
}

// itemSource maps the columns of lineItems.
func itemSource(path string) Source {
	return Source{
		Path: path, CSV: csvio.DefaultOptions(), Decimal: '.',
		Columns: map[Role]string{
			Customer: "customer_id", Time: "time", Order: "order_id", "product": "product", Quantity: "quantity", UnitPrice: "unit_price",
		},
	}
}

// writeParquetItems writes a file of lineItems as Parquet: ids as texts, and
// times, quantities and prices as what they are.
func writeParquetItems(b *testing.B, csv, path string) {
	b.Helper()
	all, m := frames(b, csv)
	w, err := parquetio.Create(path, []table.Column{
		{Name: "order_id"}, {Name: "customer_id", Nullable: true}, {Name: "time", Type: table.Timestamp}, {Name: "product", Dictionary: true},
		{Name: "quantity", Type: table.Int64}, {Name: "unit_price", Type: table.Float64},
	}, parquetio.DefaultOptions())
	if err != nil {
		b.Fatal(err)
	}
	read := &mapper{clock: newClock(time.UTC)}
	for _, f := range all {
		t, err := read.transactions(m, f, &counts{setAside: make([]int64, builtInCounts)}, false)
		if err != nil {
			b.Fatal(err)
		}
		out := &datasets.Frame{Rows: f.Rows, Columns: []datasets.Column{
			*t.Order, *t.Customer, {Field: datasets.Field{Kind: datasets.Timestamp}}, *t.Dims[datasets.Product],
			{Field: datasets.Field{Kind: datasets.Int}}, {Field: datasets.Field{Kind: datasets.Float}},
		}}
		for i := range f.Rows {
			out.Columns[2].Ints = append(out.Columns[2].Ints, int64(t.Time[i]))
			out.Columns[4].Ints = append(out.Columns[4].Ints, int64(t.Quantity[i]/datasets.One))
			out.Columns[5].Floats = append(out.Columns[5].Floats, float64(t.Amount[i]/datasets.Money(t.Quantity[i]/datasets.One))/1e6)
		}
		if err := w.WriteFrame(out); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

// frames decodes every part of a file into a frame of its own.
func frames(b *testing.B, path string) (all []*datasets.Frame, m *mapping) {
	b.Helper()
	s := itemSource(path)
	c := Config{Sources: []Source{s}, Zone: time.UTC, Workers: 1}
	files, _, err := c.survey(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	reader, err := files[0].Open(s.CSV)
	if err != nil {
		b.Fatal(err)
	}
	defer reader.Close()
	m = files[0].mapping
	if err := reader.Select(m.selected); err != nil {
		b.Fatal(err)
	}
	return allFrames(b, reader), m
}

// allFrames returns what is left of a file, a frame for each part.
func allFrames(t testing.TB, r datasets.Reader) (all []*datasets.Frame) {
	t.Helper()
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		frame := new(datasets.Frame)
		if err := part.Decode(frame); err != nil {
			t.Fatal(err)
		}
		all = append(all, frame)
	}
}

func BenchmarkMap(b *testing.B) {
	const rows = 200_000
	path := filepath.Join(b.TempDir(), "items.csv")
	if err := os.WriteFile(path, lineItems(rows), 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("format=csv", func(b *testing.B) { benchmarkMap(b, path, rows) })
	parquet := filepath.Join(b.TempDir(), "items.parquet")
	writeParquetItems(b, path, parquet)
	b.Run("format=parquet", func(b *testing.B) { benchmarkMap(b, parquet, rows) })
}

func benchmarkMap(b *testing.B, path string, rows int) {
	all, m := frames(b, path)
	w := &mapper{clock: newClock(time.UTC)}
	for b.Loop() {
		c := &counts{setAside: make([]int64, 1)}
		for _, f := range all {
			w.transactions(m, f, c, false)
		}
		if c.kept != int64(rows) {
			b.Fatalf("kept %d rows, want %d", c.kept, rows)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}
