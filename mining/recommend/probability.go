package recommend

import (
	"context"
	"errors"
	"math"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
)

// probabilities turn the scores of both kinds into probabilities of being bought within the
// horizon, so that one list can hold both.
type probabilities struct {
	Repeat *curve `json:"repeat,omitempty"` // nil: items held are not offered
	New    *curve `json:"new"`
}

// curve is a logistic curve over the logarithms of the score, of the days since the
// customer's last purchase, of the number of days with a purchase, and of the number of
// items held. Only the score differs between the items of a customer, and its slope is ≥
// 0: the curve never turns a ranking round.
type curve struct {
	Intercept float64   `json:"intercept"`
	Slopes    []float64 `json:"slopes"` // by input
}

// at returns the probability of a candidate.
func (c *curve) at(x inputs) float64 {
	eta := c.Intercept
	for k, v := range x {
		eta += float64(c.Slopes[k] * v)
	}
	return 1 / (1 + math.Exp(-eta))
}

func (c *curve) check() error {
	if c == nil || len(c.Slopes) != len(inputs{}) || !(c.Slopes[0] >= 0) {
		return errors.New("got no curve that rises with the score, want one with four slopes")
	}
	for _, v := range append([]float64{c.Intercept}, c.Slopes...) {
		if v-v != 0 {
			return errors.New("got a coefficient that is no number, want finite ones")
		}
	}
	return nil
}

// points are candidates with inputs and with a mark for bought candidates.
type points struct {
	cols   [4][]float32
	labels []float64
	bought int
}

func (p *points) add(x inputs, bought bool) {
	for k, v := range x {
		p.cols[k] = append(p.cols[k], float32(v))
	}
	label := 0.0
	if bought {
		label = 1
		p.bought++
	}
	p.labels = append(p.labels, label)
}

// leastBought is how many candidates must have been bought, and not bought, for a curve of
// four slopes; with fewer, the score alone decides.
const leastBought = 50

// fit learns a curve. Where the score would count against an item, or there are few points,
// the curve is Platt's over the score alone, which never falls.
func (p *points) fit(ctx context.Context, workers int) (*curve, error) {
	if len(p.labels) == 0 {
		return &curve{Intercept: math.Log(leastScore), Slopes: make([]float64, len(p.cols))}, nil
	}
	if p.bought >= leastBought && len(p.labels)-p.bought >= leastBought {
		c, err := p.regression(ctx, workers)
		if err != nil || c != nil {
			return c, err
		}
	}
	scores := make([]float64, len(p.labels))
	for i, v := range p.cols[0] {
		scores[i] = float64(v)
	}
	platt := linear.DefaultPlatt()
	platt.Rising, platt.Workers = true, workers
	m, _, err := platt.Fit(ctx, scores, p.labels, nil)
	if err != nil {
		return nil, err
	}
	slope, intercept := m.Curve()
	return &curve{Intercept: intercept, Slopes: []float64{slope, 0, 0, 0}}, nil
}

// regression returns the curve of a logistic regression, nil where it cannot be used.
func (p *points) regression(ctx context.Context, workers int) (*curve, error) {
	config := linear.DefaultLogistic()
	config.Standardized, config.Workers = true, workers
	x := models.Matrix{Names: []string{"score", "since", "days", "items"}, Cols: p.cols[:]}
	m, report, err := config.Fit(ctx, x, p.labels, nil)
	if err != nil {
		return nil, err
	}
	c := &curve{Intercept: m.Intercept().Value}
	for _, k := range m.Coefficients() {
		c.Slopes = append(c.Slopes, k.Value)
	}
	if !report.Converged || c.check() != nil || c.Slopes[0] == 0 {
		return nil, nil
	}
	return c, nil
}
