package synth

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"testing"
)

func BenchmarkWrite(b *testing.B) {
	for _, columns := range []Columns{Minimal, Full} {
		c := Default()
		c.Customers, c.Lines, c.Columns = 33_600, 1_000_000, columns
		r, err := New(c)
		if err != nil {
			b.Fatal(err)
		}
		run := func(format string, write func() error) {
			b.Run(fmt.Sprintf("format=%s/columns=%s", format, columns), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := write(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(c.Lines*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
		run("none", func() error { return r.each(context.Background(), func([]line) error { return nil }) })
		run("csv", func() error { return r.WriteCSV(context.Background(), io.Discard) })
		path := filepath.Join(b.TempDir(), "lines.parquet")
		run("parquet", func() error { return r.WriteParquet(context.Background(), path) })
	}
}

func BenchmarkNew(b *testing.B) {
	c := Default()
	c.Customers, c.Lines = 336_000, 10_000_000
	for b.Loop() {
		if _, err := New(c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Customers*b.N)/b.Elapsed().Seconds(), "customers/s")
}
