package boost

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkFit(b *testing.B) {
	for _, rows := range []int{10_000, 200_000} {
		x, ones := customers(rows, 20, 1)
		for _, loss := range losses {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("loss=%s/rows=%d/cols=20/trees=10/workers=%d", loss, rows, workers), func(b *testing.B) {
					c := Default()
					c.Loss, c.Trees, c.Workers = loss, 10, workers
					y := amounts(loss, x, ones)
					b.ReportAllocs()
					for b.Loop() {
						if _, _, err := c.Fit(context.Background(), x, y, nil); err != nil {
							b.Fatal(err)
						}
					}
					perSecond(b, rows*c.Trees)
				})
			}
		}
	}
}

func BenchmarkScore(b *testing.B) {
	const rows = 100_000
	x, y := customers(rows, 20, 1)
	for _, leaves := range []int{31, 63, 255} {
		c := Default()
		c.MaxLeaves = leaves
		m, _ := mustFit(b, c, x, y, nil)
		dst := make([]float64, rows)
		b.Run(fmt.Sprintf("rows=%d/cols=20/trees=100/leaves=%d/workers=1", rows, leaves), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := m.ScoreTo(context.Background(), dst, x, 1); err != nil {
					b.Fatal(err)
				}
			}
			perSecond(b, rows)
		})
	}
}

func BenchmarkShap(b *testing.B) {
	const rows = 2000
	x, y := customers(50_000, 20, 1)
	m, _ := mustFit(b, Default(), x, y, nil)
	dst := make([]float64, rows*20)
	x = x.Slice(0, rows)
	b.Run(fmt.Sprintf("rows=%d/cols=20/trees=100/leaves=31/workers=1", rows), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := m.ShapTo(context.Background(), dst, x, 1); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, rows)
	})
}

func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
