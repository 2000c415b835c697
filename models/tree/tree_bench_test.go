package tree

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// benchmarkTable returns n rows of the kinds of column that customers have, and
// one of four classes that depends on some of them.
func benchmarkTable(n, d int) (models.Matrix, []int32) {
	rng := rand.New(rand.NewPCG(5, 0))
	x := models.Matrix{Cols: make([][]float32, d)}
	for j := range x.Cols {
		x.Cols[j] = make([]float32, n)
	}
	y := make([]int32, n)
	for i := range n {
		for j := range d {
			v := rng.NormFloat64()
			switch j % 5 {
			case 2:
				v = math.Round(100*math.Exp(4+1.2*v)) / 100
			case 3:
				v = float64(rng.IntN(374) + 1)
			case 4:
				v = math.Floor(rng.ExpFloat64() * 3)
			}
			x.Cols[j][i] = float32(v)
		}
		s := float64(x.Cols[0][i]) + float64(x.Cols[3][i])/200 + 0.5*float64(x.Cols[4][i]) + rng.NormFloat64()
		y[i] = int32(max(0, min(3, s)))
	}
	return x, y
}

func BenchmarkFitClasses(b *testing.B) {
	x, y := benchmarkTable(1_000_000, 20)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("rows=1e6/cols=20/depth=6/workers=%d", workers), func(b *testing.B) {
			c := Default()
			c.MaxDepth, c.Folds, c.Workers = 6, 0, workers
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.FitClasses(context.Background(), x, y, 4, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPredictClassTo(b *testing.B) {
	x, y := benchmarkTable(200_000, 20)
	c := Default()
	c.MaxDepth, c.Folds = 6, 0
	t, _, err := c.FitClasses(context.Background(), x, y, 4, nil)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]int32, len(y))
	b.ReportAllocs()
	for b.Loop() {
		if err := t.PredictClassTo(dst, x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(y)), "ns/row")
}
