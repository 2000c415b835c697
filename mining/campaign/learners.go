package campaign

import (
	"context"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost"
	"github.com/quintile-dev/quintile/models/linear"
	"github.com/quintile-dev/quintile/models/uplift"
)

// The learners of uplift.
const (
	tLogistic     = "t_logistic"
	sBoosting     = "s_boosting"
	classLogistic = "class_logistic"
	xBoosting     = "x_boosting"
	noLearner     = "none"
)

// learner returns the learner of a name.
func learner(name string, workers int, seed uint64) uplift.Learner {
	switch name {
	case sBoosting:
		return uplift.SLearner(boosting(boost.Logistic, workers, seed))
	case classLogistic:
		return uplift.ClassTransformation(logistic(workers))
	case xBoosting:
		return uplift.XLearner(boosting(boost.Logistic, workers, seed), boosting(boost.Squared, workers, seed))
	}
	return uplift.TLearner(logistic(workers))
}

// logistic fits a logistic regression with a mild ridge penalty.
func logistic(workers int) uplift.Fit {
	return func(ctx context.Context, x models.Matrix, y []float64) (uplift.Predictor, error) {
		c := linear.DefaultLogistic()
		c.Workers = workers
		m, _, err := c.Fit(ctx, x, y, nil)
		return m, err
	}
}

// boosting fits small boosted trees with large leaves: uplift is a small signal.
func boosting(loss boost.Loss, workers int, seed uint64) uplift.Fit {
	return func(ctx context.Context, x models.Matrix, y []float64) (uplift.Predictor, error) {
		c := boost.Default()
		c.Loss, c.Trees, c.MaxLeaves, c.LearningRate, c.L2 = loss, 100, 8, 0.05, 1
		c.MinRows = max(10, min(200, len(y)/50))
		c.Workers, c.Seed = workers, seed
		m, _, err := c.Fit(ctx, x, y, nil)
		return trees{m, workers}, err
	}
}

// trees predicts the outcome by an ensemble.
type trees struct {
	ensemble *boost.Ensemble
	workers  int
}

func (t trees) PredictTo(dst []float64, x models.Matrix) error {
	return t.ensemble.PredictTo(context.Background(), dst, x, t.workers)
}
