package churn

import (
	"context"

	"github.com/quintile-dev/quintile/models/linear"
)

// isotonicOfClass is the number of customers of each class from which on
// isotonic regression calibrates; below, Platt's curve of two parameters.
// Isotonic regression is often advised from a thousand on, but was worse out of
// time: on CDNOW, with 4,000 of the rarer class, its log-loss on the next cohort
// was 0.311 against 0.298, and its AUC was lower because of ties.
const isotonicOfClass = 10_000

// calibrator turns log-odds into probabilities by a curve that never falls.
// Exactly one of the three curves is set.
type calibrator struct {
	Platt    *linear.Platt    `json:"platt,omitempty"` // of a slope > 0
	Isotonic *linear.Isotonic `json:"isotonic,omitempty"`
	// Flat is the probability of every customer, where higher scores did not mean
	// more customers who left.
	Flat *float64 `json:"flat,omitempty"`
	// Shift is added to the log-odds first; see level.
	Shift float64 `json:"shift"`
	// Least and Most bound the probabilities: even if all n customers at the end
	// of the curve left, not all similar customers will leave. By Laplace's rule
	// k of n are (k+1)/(n+2).
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// calibrate learns the curve from scores of customers outside the scorer's fit, and
// reports whether the fit of the curve converged.
//
// A falling curve gives the lowest scores the highest probabilities, and turns the
// ranking round. Both kinds of curve are therefore fitted under the constraint that
// the curve does not fall.
func calibrate(ctx context.Context, score, target []float64, workers int) (*calibrator, bool, error) {
	left := 0
	for _, y := range target {
		left += int(y)
	}
	c := &calibrator{Least: 1 / float64(len(target)+2)}
	c.Most = 1 - c.Least
	if min(left, len(target)-left) < isotonicOfClass {
		config := linear.DefaultPlatt()
		config.Workers, config.Rising = workers, true
		m, report, err := config.Fit(ctx, score, target, nil)
		if err != nil {
			return nil, false, err
		}
		c.Platt = m
		if slope, _ := m.Curve(); !(slope > 0) {
			c.flatten(float64(left) / float64(len(target)))
		}
		return c, report.Converged, nil
	}
	m, report, err := linear.IsotonicConfig{Workers: workers}.Fit(ctx, score, target, nil)
	if err != nil {
		return nil, false, err
	}
	c.Isotonic = m
	if _, values := m.Knots(); values[0] == values[len(values)-1] {
		c.flatten(float64(left) / float64(len(target)))
		return c, report.Converged, nil
	}
	return c, report.Converged, c.bound(score, target)
}

// flatten gives everyone the same probability.
func (c *calibrator) flatten(prob float64) {
	c.Platt, c.Isotonic, c.Flat = nil, nil, &prob
}

// flat reports whether everyone gets the same probability.
func (c *calibrator) flat() bool { return c.Flat != nil }

// bound sets Least and Most from the customers at both ends of the curve.
func (c *calibrator) bound(score, target []float64) error {
	prob := make([]float64, len(score))
	if err := c.Isotonic.PredictTo(prob, score); err != nil {
		return err
	}
	_, values := c.Isotonic.Knots()
	rule := func(end float64) float64 {
		n, k := 0.0, 0.0
		for i, p := range prob {
			if p == end {
				n++
				k += target[i]
			}
		}
		return (k + 1) / (n + 2)
	}
	c.Least, c.Most = rule(values[0]), rule(values[len(values)-1])
	if c.Least > c.Most { // the curve is all but flat
		c.Least, c.Most = 0, 1
	}
	return nil
}

// How level searches: log-odds within ±mostShift, halved until the interval is
// some 1e-11 wide.
const (
	mostShift     = 16
	levelHalvings = 40
)

// levelled returns the curve with the Shift at which the mean probability of the
// scores is mean, as near as a shift comes. A flat curve becomes this probability.
//
// The curve is learned from a model without the newest cohort, and applied to a
// model with the newest cohort. A change between the two cohorts, such as a rise of
// the base rate, is in the curve and in the model, and would count twice.
func (c *calibrator) levelled(score []float64, mean float64) (*calibrator, error) {
	out := *c
	if out.flat() {
		out.Flat = &mean
		return &out, nil
	}
	want := float64(mean * float64(len(score)))
	low, high := -float64(mostShift), float64(mostShift)
	prob := make([]float64, len(score))
	for range levelHalvings {
		out.Shift = (low + high) / 2
		if err := out.apply(prob, score); err != nil {
			return nil, err
		}
		got := 0.0
		for _, p := range prob {
			got += p
		}
		if got > want {
			high = out.Shift
		} else {
			low = out.Shift
		}
	}
	if high == mostShift || low == -mostShift { // the curve all but lies flat: nothing to level with
		out.Shift = 0
	}
	return &out, nil
}

// The names of the curves.
const (
	platt    = "platt"
	isotonic = "isotonic"
	flat     = "flat"
)

// name returns the name of the curve.
func (c *calibrator) name() string {
	switch {
	case c.flat():
		return flat
	case c.Isotonic != nil:
		return isotonic
	}
	return platt
}

// apply sets prob to the probabilities of the log-odds; both may be the same
// slice.
func (c *calibrator) apply(prob, score []float64) error {
	var err error
	for i, s := range score {
		prob[i] = s + c.Shift
	}
	switch {
	case c.flat():
		for i := range prob {
			prob[i] = *c.Flat
		}
	case c.Isotonic != nil:
		err = c.Isotonic.PredictTo(prob, prob)
	default:
		err = c.Platt.PredictTo(prob, prob)
	}
	if err != nil {
		return err
	}
	for i, p := range prob {
		prob[i] = max(c.Least, min(c.Most, p))
	}
	return nil
}
