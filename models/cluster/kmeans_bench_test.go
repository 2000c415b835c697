package cluster

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkKMeansFit(b *testing.B) {
	for _, f := range []struct{ rows, cols, k int }{{10_000, 3, 4}, {100_000, 6, 8}, {100_000, 16, 16}} {
		x := gauss(f.rows, f.cols, f.k, 1, 1)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("rows=%d/cols=%d/k=%d/workers=%d", f.rows, f.cols, f.k, workers), func(b *testing.B) {
				c := DefaultKMeans()
				c.K, c.Workers = f.k, workers
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := c.Fit(context.Background(), x, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(f.rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// BenchmarkLloyd measures the iterations alone, from the same start.
func BenchmarkLloyd(b *testing.B) {
	for _, apart := range []float64{0.5, 1, 3} {
		x := gauss(200_000, 16, 16, apart, 1)
		p, _ := framed(b, x, nil)
		var start []int
		for i := range 16 {
			start = append(start, i*1000)
		}
		b.Run(fmt.Sprintf("rows=200000/cols=16/k=16/apart=%g", apart), func(b *testing.B) {
			steps := 0
			for b.Loop() {
				o, err := newLloyd(p, p.coordinates(start), 1).iterate(context.Background(), 300, 0)
				if err != nil {
					b.Fatal(err)
				}
				steps += o.iterations
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps)/200_000, "ns/row-step")
		})
	}
}

func BenchmarkPredict(b *testing.B) {
	x := gauss(100_000, 16, 16, 1, 1)
	c := DefaultKMeans()
	c.K, c.Restarts = 16, 1
	m, _ := fit(b, c, x, nil)
	dst := make([]int32, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.PredictTo(dst, x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkChooseK(b *testing.B) {
	x := gauss(20_000, 4, 5, 2, 1)
	for b.Loop() {
		if _, err := DefaultChooseK().ChooseK(context.Background(), x); err != nil {
			b.Fatal(err)
		}
	}
}
