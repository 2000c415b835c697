package churn

import (
	"context"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost"
)

// ranker is a fitted model before calibration. Its methods take a block of rows
// and run on one goroutine.
type ranker interface {
	// scoreTo sets dst to the log-odds of churn of each row.
	scoreTo(ctx context.Context, dst []float64, x models.Matrix) error
	// effectsTo sets dst to what each feature adds to the log-odds of each row,
	// row after row. With base they add up to the log-odds.
	effectsTo(ctx context.Context, dst []float64, x models.Matrix) error
	base() float64
}

// blockRows is the number of rows scored together.
const blockRows = 1024

// eachBlock calls do for every block of rows of n.
func eachBlock(ctx context.Context, n, workers int, do func(from, to int) error) error {
	return models.Parallel(ctx, workers, (n+blockRows-1)/blockRows, func(t int) error {
		return do(t*blockRows, min(n, (t+1)*blockRows))
	})
}

// scores returns the log-odds of churn of every row.
func scores(ctx context.Context, r ranker, x models.Matrix, workers int) ([]float64, error) {
	n, _ := x.Dims()
	dst := make([]float64, n)
	err := eachBlock(ctx, n, workers, func(from, to int) error {
		return r.scoreTo(ctx, dst[from:to], x.Slice(from, to))
	})
	return dst, err
}

// boosted ranks by gradient boosted trees.
type boosted struct{ ensemble *boost.Ensemble }

func (b boosted) base() float64 { return b.ensemble.ExpectedScore() }

func (b boosted) scoreTo(ctx context.Context, dst []float64, x models.Matrix) error {
	return b.ensemble.ScoreTo(ctx, dst, x, 1)
}

func (b boosted) effectsTo(ctx context.Context, dst []float64, x models.Matrix) error {
	return b.ensemble.ShapTo(ctx, dst, x, 1)
}
