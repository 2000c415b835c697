package churn

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/models/metric"
)

// rehearsal is a candidate with its scores of the newest cohort.
type rehearsal struct {
	Candidate
	fit func(ctx context.Context, s set) (fitted, error) // with what the rehearsal found

	// Log-odds. The rows of stop are scored by the fit to plan.learn, the rows of
	// latest and newest by the fit to plan.older.
	stop, latest, newest []float64

	prob []float64 // calibrated, of the newest cohort
	rank []float64 // scores in the order of the published model, of the newest cohort

	published          *calibrator // learned from newest; still without a level
	publishedConverged bool
	follows            bool // the level follows the forecast of the base rate
}

// rehearse fits each candidate with the knowledge of the newest cutoff, and
// measures the candidate on the horizon after this cutoff.
func (c Config) rehearse(ctx context.Context, p *plan) ([]*rehearsal, error) {
	var out []*rehearsal
	learners := map[string]learner{}
	for _, name := range c.Models {
		learners[name] = c.learner(name)
		r, err := c.learn(ctx, name, learners[name], p)
		if err != nil {
			return nil, fmt.Errorf("churn: fitting %s: %w", name, err)
		}
		out = append(out, r)
	}
	if slices.Contains(c.Models, Logistic) && slices.Contains(c.Models, Boost) {
		a, b := out[0], out[1]
		out = append(out, &rehearsal{
			Candidate: Candidate{Name: Average, Rounds: max(a.Rounds, b.Rounds), Converged: a.Converged && b.Converged},
			fit:       fitBoth(learners[Logistic], learners[Boost]),
			stop:      meanOf(a.stop, b.stop), latest: meanOf(a.latest, b.latest), newest: meanOf(a.newest, b.newest),
		})
	}
	for _, r := range out {
		if err := c.judge(ctx, r, p); err != nil {
			return nil, fmt.Errorf("churn: judging %s: %w", r.Name, err)
		}
	}
	return out, nil
}

// learn fits one model and scores the cohorts.
func (c Config) learn(ctx context.Context, name string, l learner, p *plan) (*rehearsal, error) {
	r := &rehearsal{Candidate: Candidate{Name: name}, fit: l.fit}
	first, err := l.tune(ctx, p.learn, p.stop)
	if err != nil {
		return nil, err
	}
	r.Rounds = l.rounds()
	if r.stop, err = scores(ctx, first.ranker, p.stop.x, c.Workers); err != nil {
		return nil, err
	}
	second, err := l.fit(ctx, p.older)
	if err != nil {
		return nil, err
	}
	r.Converged = first.converged && second.converged
	if r.latest, err = scores(ctx, second.ranker, p.latest.x, c.Workers); err != nil {
		return nil, err
	}
	r.newest, err = scores(ctx, second.ranker, p.newest.x, c.Workers)
	return r, err
}

// judge calibrates a candidate with the knowledge of the newest cutoff and once
// more for publication, and measures the candidate.
func (c Config) judge(ctx context.Context, r *rehearsal, p *plan) error {
	shape, converged, err := calibrate(ctx, r.stop, p.stop.target, c.Workers)
	if err != nil {
		return err
	}
	r.Converged = r.Converged && converged
	if r.published, r.publishedConverged, err = calibrate(ctx, r.newest, p.newest.target, c.Workers); err != nil {
		return err
	}
	if r.published.flat() {
		shape = r.published
	}
	r.Calibration = r.published.name()
	level := average(p.latest.target)
	if r.prob, err = r.probabilities(shape, level); err != nil {
		return err
	}
	if err := c.follow(r, shape, level, p); err != nil {
		return err
	}
	r.rank = r.prob
	if shape.flat() && !r.published.flat() {
		r.rank = r.newest
	}
	return r.measure(r.rank, r.prob, p.newest.target)
}

// probabilities returns the calibrated probabilities of the newest cohort at a level.
func (r *rehearsal) probabilities(shape *calibrator, level float64) ([]float64, error) {
	curve, err := shape.levelled(r.latest, level)
	if err != nil {
		return nil, err
	}
	prob := make([]float64, len(r.newest))
	return prob, curve.apply(prob, r.newest)
}

// follow lets the level follow the drift of the base rate, if the next rate has a
// forecast, and if a forecast of the newest rate from the older rates lowers the
// log-loss of the newest cohort.
func (c Config) follow(r *rehearsal, shape *calibrator, level float64, p *plan) error {
	older := p.rates[:len(p.rates)-1]
	if p.forecast == nil || !trending(older) {
		return nil
	}
	days := float64(p.rates[len(older)].Cutoff - older[len(older)-1].Cutoff)
	prob, err := r.probabilities(shape, moved(level, float64(perDay(older)*days)))
	if err != nil {
		return err
	}
	without, err := metric.LogLoss(r.prob, p.newest.target, nil)
	if err != nil {
		return err
	}
	with, err := metric.LogLoss(prob, p.newest.target, nil)
	if err != nil {
		return err
	}
	if with < without {
		r.follows, r.prob = true, prob
	}
	return nil
}
