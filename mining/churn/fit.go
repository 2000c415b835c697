package churn

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// learnShare is the share of the older cohort that is learned from where there
// are only two; the rest decides when boosting stops, and calibrates.
const learnShare = 0.8

// leastAUC is what a champion must reach to go without a warning.
const leastAUC = 0.6

// Fit learns who leaves, and rehearses first how well that works.
//
// The rehearsal takes place at the newest cutoff, with only the data of that time. With three cohorts or more, each
// candidate is fitted to all but the two newest cohorts; the second newest tells boosting when to stop, and gives the
// calibration its shape; then the candidate is fitted again, to all but the newest cohort, and its mean probability is
// set to the share of leavers in the second newest. With two cohorts, a seeded 80 % of the customers of the older
// cohort take the first part, the rest the second part, and all customers the third. Transforms are learned anew in
// every fit, from the rows of the fit only. The resulting probabilities for the newest cohort are the basis of every
// figure.
//
// Where both models compete, the mean of their log-odds is a third candidate. The champion is the candidate with the
// greatest AUC; among equals, the lower log-loss wins, and then the first candidate. The calibration takes its shape
// from the champion's scores of the newest cohort; the champion is fitted once more, to all cohorts, and its mean
// probability is set to the share of leavers in the newest. Where the base rates move in one direction, the mean is set
// to the forecast of the next rate, if in the rehearsal a forecast from the older cohorts lowered the log-loss.
//
// Calibration never turns a ranking round. If higher scores of a candidate did not
// mean more customers who left, the candidate gives every customer the base rate and
// is measured accordingly, at an AUC of ½. If no candidate does better, the state is
// NoSignal.
//
// Shape: at least two cohorts, oldest first, with the same named features. A cutoff is at least c.HorizonDays after the
// cutoff before, so that no label covers days known to a later cohort's features; the newest label ends c.HorizonDays
// after the newest cutoff, and rows to score must not be older. A cohort of fewer than 500 rows, 50 churned or 50
// remaining customers, or with less history before its cutoff than 30 days or half the horizon, is left out with the
// warning cohort_dropped. Nothing is modified.
//
// Missing: NaN is a missing feature; trees choose the better side, and the regression takes the median and an
// indicator.
//
// Determinism: the result depends on c and the cohorts only, never on
// c.Workers. The order of the rows decides who is in a sample.
//
// Errors: *models.ConfigError, joined, for bad settings and overlapping windows;
// *models.ShapeError; *models.ValueError for an infinity; ctx.Err(). Too little
// data is not an error: see Findings.State.
//
// Cost: a copy of the features of all cohorts, and at most 3·(number of models)
// fits.
func (c Config) Fit(ctx context.Context, cohorts []Cohort) (*Findings, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := c.checkCohorts(cohorts); err != nil {
		return nil, err
	}
	f := &Findings{State: OK, BaseRates: baseRates(cohorts)}
	kept, warnings, why := c.usable(cohorts)
	if why != "" {
		f.State, f.Message = Insufficient, why
		f.Warnings = []models.Warning{{Code: "insufficient_data", Message: why, Count: 1}}
		return f, nil
	}
	f.Warnings = warnings
	p, err := c.plan(ctx, kept)
	if err != nil {
		return nil, err
	}
	rehearsals, err := c.rehearse(ctx, p)
	if err != nil {
		return nil, err
	}
	best := rehearsals[0]
	for _, r := range rehearsals {
		f.Candidates = append(f.Candidates, r.Candidate)
		if r.AUC > best.AUC || r.AUC == best.AUC && r.LogLoss < best.LogLoss {
			best = r
		}
	}
	if err := f.choose(best, p); err != nil {
		return nil, err
	}
	if err := c.finish(ctx, f, best, p); err != nil {
		return nil, fmt.Errorf("churn: fitting %s: %w", best.Name, err)
	}
	return f, nil
}

// plan assigns rows to the purposes of a fit.
type plan struct {
	learn, stop set // of the rehearsal: to learn from, and to stop boosting and calibrate on
	older       set // all but the newest
	latest      set // of these the latest cohort, or all where there is but one
	newest      set // to validate on
	all         set

	rates    []BaseRate // of the cohorts, oldest first
	forecast *Forecast  // of the rate after the newest, or nil
}

func (c Config) plan(ctx context.Context, cohorts []Cohort) (*plan, error) {
	all, from, err := join(ctx, cohorts, c.Workers)
	if err != nil {
		return nil, err
	}
	m := len(cohorts)
	p := &plan{all: all, older: all.slice(0, from[m-1]), newest: all.slice(from[m-1], from[m]), rates: baseRates(cohorts)}
	p.forecast = c.forecast(p.rates)
	if m > 2 {
		p.learn, p.stop = all.slice(0, from[m-2]), all.slice(from[m-2], from[m-1])
		p.latest = p.stop
		return p, nil
	}
	p.latest = p.older
	learn, stop := split(from[1], learnShare, c.Seed, streamSplit)
	if p.learn, err = p.older.gather(ctx, learn, c.Workers); err != nil {
		return nil, err
	}
	p.stop, err = p.older.gather(ctx, stop, c.Workers)
	return p, err
}

// choose makes r the champion.
func (f *Findings) choose(r *rehearsal, p *plan) error {
	f.Champion, f.AUC, f.PRAUC, f.LogLoss, f.Brier = r.Name, r.AUC, r.PRAUC, r.LogLoss, r.Brier
	if f.Forecast = p.forecast; f.Forecast != nil {
		f.Forecast.Followed = r.follows
	}
	switch {
	case r.published.flat():
		f.State = NoSignal
		f.Warnings = append(f.Warnings, models.Warning{
			Code: "no_signal", Count: 1,
			Message: "no model scores those higher who left after the newest cutoff: " +
				"everyone gets the base rate, and no reasons",
		})
	case r.AUC < leastAUC:
		f.Warnings = append(f.Warnings, models.Warning{
			Code: "weak_model", Count: 1,
			Message: fmt.Sprintf("the champion (%s) ranks customers little better than chance: AUC %.3f on the newest cutoff", r.Name, r.AUC),
		})
	}
	return f.measure(r.rank, r.prob, p.newest.target)
}

// finish fits the champion to all cohorts.
func (c Config) finish(ctx context.Context, f *Findings, r *rehearsal, p *plan) error {
	last, err := r.fit(ctx, p.all)
	if err != nil {
		return err
	}
	score, err := scores(ctx, last.ranker, p.newest.x, c.Workers)
	if err != nil {
		return err
	}
	level := average(p.newest.target)
	if r.follows {
		level = moved(level, float64(perDay(p.rates)*float64(c.HorizonDays)))
	}
	calibration, err := r.published.levelled(score, level)
	if err != nil {
		return err
	}
	f.Model = &Model{
		kind: r.Name, horizonDays: c.HorizonDays, reasons: c.Reasons,
		features: p.all.x.Names, typical: typicalOf(p.newest.x), ranker: last.ranker, calibration: calibration,
	}
	f.Warnings = append(f.Warnings, last.warnings...)
	if f.State == NoSignal {
		return nil
	}
	if !r.Converged || !r.publishedConverged || !last.converged {
		f.State = NotConverged
		f.Warnings = append(f.Warnings, models.Warning{
			Code: "not_converged", Count: 1,
			Message: fmt.Sprintf("the champion (%s) was still improving when its fit ended", r.Name),
		})
	}
	f.Importance, err = f.Model.importance(ctx, p.newest, c.Seed, c.Workers)
	return err
}

// average returns the mean of values.
func average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
