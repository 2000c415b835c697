package churn

import (
	"context"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost"
)

// ranker is a fitted model before calibration.
type ranker interface {
	// scoreTo sets odds to the log-odds of churn of each row of a block and,
	// unless effects is nil, effects to the contributions of the features, row
	// after row. With base, the effects add up to the log-odds. scoreTo runs on
	// one goroutine.
	scoreTo(ctx context.Context, odds, effects []float64, x models.Matrix) error
	base() float64
	// check reports the first fault of a ranker, as from a file, over the features.
	check(names []string) error
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
		return r.scoreTo(ctx, dst[from:to], nil, x.Slice(from, to))
	})
	return dst, err
}

// boosted ranks by gradient boosted trees.
type boosted struct{ ensemble *boost.Ensemble }

func (b boosted) base() float64 { return b.ensemble.ExpectedScore() }

func (b boosted) scoreTo(ctx context.Context, odds, effects []float64, x models.Matrix) error {
	if err := b.ensemble.ScoreTo(ctx, odds, x, 1); err != nil || effects == nil {
		return err
	}
	return b.ensemble.ShapTo(ctx, effects, x, 1)
}
