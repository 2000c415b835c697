package parquetio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
)

// decodeAll decodes every column of a file, one stretch after the other, and
// returns the rows.
func decodeAll(tb testing.TB, r *Reader, frame *datasets.Frame) int64 {
	tb.Helper()
	var all []int
	for i := range r.Fields() {
		all = append(all, i)
	}
	if err := r.Select(all); err != nil {
		tb.Fatal(err)
	}
	rows := int64(0)
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err == nil {
			err = part.Each(frame, func() error {
				rows += int64(frame.Rows)
				return nil
			})
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// orderLines returns a file of the given number of order lines in six columns,
// in the order of time.
func orderLines(tb testing.TB, rows int, c Compression) []byte {
	tb.Helper()
	rng := rand.New(rand.NewPCG(9, 0))
	v := make([]table.Values, 6)
	for i := range 5000 {
		v[3].Dict.Append(fmt.Appendf(nil, "SKU%06d", i))
	}
	customer, order, at := int64(0), int64(0), int64(1_500_000_000_000_000)
	for range rows {
		if rng.IntN(3) == 0 {
			customer, order, at = rng.Int64N(100_000), order+1, at+rng.Int64N(60)*1_000_000
		}
		sku := rng.IntN(1 + rng.IntN(5000))
		v[0].Ints = append(v[0].Ints, customer)
		v[1].Ints = append(v[1].Ints, order)
		v[2].Ints = append(v[2].Ints, at)
		v[3].Codes = append(v[3].Codes, uint32(sku))
		v[4].Int32s = append(v[4].Int32s, rng.Int32N(12)+1)
		v[5].Floats = append(v[5].Floats, float64(sku*7919%2000)/100)
	}
	var out bytes.Buffer
	options := DefaultOptions()
	options.Compression = c
	w, err := NewWriter(&out, []table.Column{
		{Name: "customer", Type: table.Int64}, {Name: "order", Type: table.Int64, Delta: true}, {Name: "at", Type: table.Timestamp},
		{Name: "sku", Type: table.Text, Dictionary: true, Nullable: true}, {Name: "quantity", Type: table.Int32}, {Name: "price", Type: table.Float64, Nullable: true},
	}, options)
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.Write(v, rows); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkDecode decodes six columns on one core. QUINTILE_PARQUET names a file
// to decode instead of those made here.
func BenchmarkDecode(b *testing.B) {
	run := func(name string, data []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			var frame datasets.Frame
			rows := int64(0)
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(data), int64(len(data)), name)
				if err != nil {
					b.Fatal(err)
				}
				rows += decodeAll(b, r, &frame)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
	if path := os.Getenv("QUINTILE_PARQUET"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		run("file="+path, data)
		return
	}
	run("compression=zstd", orderLines(b, 1_000_000, Zstd))
	run("compression=snappy", orderLines(b, 1_000_000, Snappy))
	run("compression=none", orderLines(b, 1_000_000, Uncompressed))
}
