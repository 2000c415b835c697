package linear

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// span is the number of rows summed by one task. Sums over spans are combined
// in order, so the number of workers never changes a result.
const span = 16384

// spans returns how many spans n rows have.
func spans(n int) int { return (n + span - 1) / span }

// scaling holds the weighted mean and standard deviation of each column.
type scaling struct {
	rows     int // with a weight > 0
	weight   float64
	mean, sd []float64
}

// measure computes the scaling of x in two passes, so that a large mean does
// not swallow a small spread.
func measure(ctx context.Context, x models.Matrix, w []float64, workers int) (scaling, error) {
	n, d := x.Dims()
	s := scaling{mean: make([]float64, d), sd: make([]float64, d)}
	for i := range n {
		if v := weightAt(w, i); v > 0 {
			s.rows++
			s.weight += v
		}
	}
	err := models.Parallel(ctx, workers, d, func(j int) error {
		mean, err := spanMean(ctx, x.Cols[j], w, s.weight, func(v float64) float64 { return v })
		if err != nil {
			return err
		}
		variance, err := spanMean(ctx, x.Cols[j], w, s.weight, func(v float64) float64 {
			return (v - mean) * (v - mean)
		})
		s.mean[j], s.sd[j] = mean, math.Sqrt(variance)
		if s.sd[j] <= 1e-12*math.Abs(mean) { // the rounding of equal values
			s.sd[j] = 0
		}
		return err
	})
	return s, err
}

// spanMean returns the weighted mean of f over a column.
func spanMean(ctx context.Context, col []float32, w []float64, total float64, f func(float64) float64) (float64, error) {
	sum := 0.0
	for from := 0; from < len(col); from += span {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		part := 0.0
		for i := from; i < min(len(col), from+span); i++ {
			if v := weightAt(w, i); v > 0 {
				part += float64(v * f(float64(col[i])))
			}
		}
		sum += part
	}
	return sum / total, nil
}
