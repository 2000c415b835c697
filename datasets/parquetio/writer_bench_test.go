package parquetio

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets/table"
)

// featureTable returns rows rows of a key and the given number of floats.
func featureTable(rows, floats int) ([]table.Column, []table.Values) {
	rng := rand.New(rand.NewPCG(5, 0))
	columns := []table.Column{{Name: "customer", Type: table.Text}}
	values := make([]table.Values, floats+1)
	for i := range rows {
		values[0].Texts.Append(fmt.Appendf(nil, "C%07d", i))
	}
	for j := range floats {
		columns = append(columns, table.Column{Name: fmt.Sprintf("f%02d", j), Type: table.Float64, Nullable: true})
		for range rows {
			values[j+1].Floats = append(values[j+1].Floats, float64(rng.IntN(5000))/4)
		}
	}
	return columns, values
}

func BenchmarkWrite(b *testing.B) {
	const rows, floats = 200_000, 16
	columns, values := featureTable(rows, floats)
	for name, c := range map[string]Compression{"none": Uncompressed, "snappy": Snappy, "zstd": Zstd} {
		b.Run("compression="+name, func(b *testing.B) {
			b.ReportAllocs()
			options := DefaultOptions()
			options.Compression = c
			for b.Loop() {
				w, err := NewWriter(io.Discard, columns, options)
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Write(values, rows); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows/(floats+1), "ns/value")
		})
	}
}
