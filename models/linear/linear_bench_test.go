package linear

import (
	"fmt"
	"testing"
)

func BenchmarkFit(b *testing.B) {
	for _, size := range []struct{ rows, cols int }{{100_000, 10}, {100_000, 60}} {
		x, y := draw(size.rows, size.cols)
		for _, name := range []string{"ridge", "lasso"} {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("penalty=%s/rows=%d/cols=%d/workers=%d", name, size.rows, size.cols, workers), func(b *testing.B) {
					c := DefaultLogistic()
					c.Workers = workers
					if name == "lasso" {
						c.L1, c.L2 = 50, 0
					}
					b.ReportAllocs()
					steps := 0
					for b.Loop() {
						_, r, err := c.Fit(ctx, x, y, nil)
						if err != nil || !r.Converged {
							b.Fatal(r, err)
						}
						steps = r.Iterations
					}
					b.ReportMetric(float64(steps), "steps")
				})
			}
		}
	}
}

func BenchmarkPredictTo(b *testing.B) {
	const rows = 100_000
	x, y := draw(rows, 60)
	m, _, err := DefaultLogistic().Fit(ctx, x, y, nil)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]float64, rows)
	b.Run(fmt.Sprintf("rows=%d/cols=60", rows), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := m.PredictTo(dst, x); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkCalibrate(b *testing.B) {
	const rows = 1_000_000
	x, label := draw(rows, 1)
	score := make([]float64, rows)
	for i, v := range x.Cols[0] {
		score[i] = float64(v)
	}
	b.Run(fmt.Sprintf("method=platt/rows=%d", rows), func(b *testing.B) {
		for b.Loop() {
			if _, _, err := DefaultPlatt().Fit(ctx, score, label, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(fmt.Sprintf("method=isotonic/rows=%d", rows), func(b *testing.B) {
		for b.Loop() {
			if _, _, err := DefaultIsotonic().Fit(ctx, score, label, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
