package outlier

import (
	"fmt"
	"testing"
)

func BenchmarkForest(b *testing.B) {
	const rows, cols = 100_000, 16
	x := normal(rows, cols)
	c := DefaultForest()
	m, _, err := c.Fit(ctx, x)
	if err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("do=fit/rows=%d/cols=%d/workers=%d", rows, cols, workers), func(b *testing.B) {
			c.Workers = workers
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.Fit(ctx, x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	dst := make([]float64, rows)
	b.Run(fmt.Sprintf("do=score/rows=%d/cols=%d", rows, cols), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := m.ScoreTo(dst, x); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkRobustZ(b *testing.B) {
	const rows, cols = 1_000_000, 4
	x := normal(rows, cols)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("rows=%d/cols=%d/workers=%d", rows, cols, workers), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := (RobustConfig{Workers: workers}).Fit(ctx, x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMCD(b *testing.B) {
	const rows, cols = 1_000_000, 3
	x := normal(rows, cols)
	c := DefaultMCD()
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("rows=%d/cols=%d/workers=%d", rows, cols, workers), func(b *testing.B) {
			c.Workers = workers
			for b.Loop() {
				if _, _, err := c.Fit(ctx, x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
