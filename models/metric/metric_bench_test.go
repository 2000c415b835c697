package metric

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func benchData(n int) (score, label []float64, trial Trial) {
	rng := rand.New(rand.NewPCG(1, 0))
	treated := make([]bool, n)
	score, label = make([]float64, n), make([]float64, n)
	for i := range n {
		score[i], label[i], treated[i] = rng.Float64(), float64(rng.IntN(2)), rng.IntN(2) == 0
	}
	return score, label, Trial{score, label, treated}
}

func BenchmarkMetric(b *testing.B) {
	const n = 1_000_000
	score, label, trial := benchData(n)
	run := func(name string, f func() error) {
		b.Run(fmt.Sprintf("metric=%s/rows=%d", name, n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	run("ROCAUC", func() error { _, err := ROCAUC(score, label, nil); return err })
	run("LogLoss", func() error { _, err := LogLoss(score, label, nil); return err })
	run("Calibration", func() error { _, err := FitCalibration(score, label, nil); return err })
	run("Gains", func() error { _, err := Gains(score, label, 10); return err })
	run("QiniAUC", func() error { _, err := QiniAUC(trial, DistinctThresholds); return err })
}

func BenchmarkSilhouette(b *testing.B) {
	const n, d, k = 4000, 8, 5
	rng := rand.New(rand.NewPCG(1, 0))
	x := models.Matrix{Cols: make([][]float32, d)}
	for j := range x.Cols {
		x.Cols[j] = make([]float32, n)
		for i := range n {
			x.Cols[j][i] = rng.Float32()
		}
	}
	label := make([]int, n)
	for i := range label {
		label[i] = i % k
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("rows=%d/cols=%d/workers=%d", n, d, workers), func(b *testing.B) {
			for b.Loop() {
				if _, err := Silhouette(context.Background(), x, label, workers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
