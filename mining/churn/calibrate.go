package churn

import (
	"context"

	"github.com/quintile-dev/quintile/models/linear"
)

// isotonicOfClass is the number of customers of each class from which on
// isotonic regression calibrates: it assumes nothing but order and needs some
// thousand rows. With fewer, Platt's curve of two parameters does.
const isotonicOfClass = 1000

// calibrator turns log-odds into probabilities. Exactly one of the two is there.
type calibrator struct {
	Platt    *linear.Platt    `json:"platt,omitempty"`
	Isotonic *linear.Isotonic `json:"isotonic,omitempty"`
	// Least keeps probabilities within [Least, 1−Least]: of n customers none
	// may have left at some score, which does not show that none ever does.
	Least float64 `json:"least"`
}

// calibrate learns from scores of customers that the scorer has not seen.
func calibrate(ctx context.Context, score, target []float64, workers int) (*calibrator, bool, error) {
	c := &calibrator{Least: 1 / float64(len(score)+2)}
	left := 0
	for _, y := range target {
		left += int(y)
	}
	if min(left, len(target)-left) >= isotonicOfClass {
		m, report, err := linear.IsotonicConfig{Workers: workers}.Fit(ctx, score, target, nil)
		c.Isotonic = m
		return c, report.Converged, err
	}
	config := linear.DefaultPlatt()
	config.Workers = workers
	m, report, err := config.Fit(ctx, score, target, nil)
	c.Platt = m
	return c, report.Converged, err
}

// name returns "isotonic" or "platt".
func (c *calibrator) name() string {
	if c.Isotonic != nil {
		return "isotonic"
	}
	return "platt"
}

// apply sets prob to the probabilities of the log-odds, which it may be.
func (c *calibrator) apply(prob, score []float64) error {
	predict := c.Platt.PredictTo
	if c.Isotonic != nil {
		predict = c.Isotonic.PredictTo
	}
	if err := predict(prob, score); err != nil {
		return err
	}
	for i, p := range prob {
		prob[i] = max(c.Least, min(1-c.Least, p))
	}
	return nil
}
