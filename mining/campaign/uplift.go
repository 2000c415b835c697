package campaign

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/models/uplift"
)

// The states of the uplift of a campaign, beside mining.OK, mining.Insufficient and NoControl.
const (
	// NoHeterogeneity: the interval of the Qini coefficient holds 0. No customers gain
	// visibly more from a contact than the rest.
	NoHeterogeneity mining.State = "no_heterogeneity"
	// Unbalanced: the class transformation needs arms of about one size.
	Unbalanced mining.State = "unbalanced_arms"
)

const (
	folds      = 5
	resamples  = 500
	fewestIn   = 200 // customers of an arm to learn from
	fewestHits = 20  // responses of an arm, and customers without one
	tenths     = 10
)

// learnt holds the findings about customers who respond because of the contact.
type learnt struct {
	state      mining.State
	rows       int
	model      *uplift.Model // nil: no uplift to be seen
	design     design
	qini, auuc float64
	interval   metric.UpliftInterval
	groups     []metric.UpliftRow
	curve      []metric.UpliftPoint
}

// unlearned returns the result for a campaign without enough data for learning.
func unlearned(state mining.State, rows int) *learnt {
	nan := math.NaN()
	return &learnt{state: state, rows: rows, qini: nan, auuc: nan, interval: metric.UpliftInterval{
		QiniLow: nan, QiniHigh: nan, AUUCLow: nan, AUUCHigh: nan, BaseLow: nan, BaseHigh: nan,
	}}
}

// trial is a campaign as a trial: a row for each contact in learning.
type trial struct {
	values  [][]float64 // by source
	fold    []int
	treated []bool
	outcome []float64
	size    [2]int // of the controls and of the treated
	hits    [2]int // responses in them
}

// trialOf gathers the contacts of a campaign.
func (t *task) trialOf(k int, c *campaign, asOf datasets.Day) *trial {
	d := len(t.sources)
	out := &trial{values: make([][]float64, d)}
	for i := range t.drawn.Len() {
		x := t.drawn.At(i)
		if int(x.Campaign) != k || t.slots[i] < 0 || x.Arm == datasets.Disputed || x.Time.Day() > asOf {
			continue
		}
		arm := 1
		if x.Arm == datasets.Control {
			arm = 0
		}
		y := 0.0
		if t.responded(c, i, x) {
			y = 1
			out.hits[arm]++
		}
		out.size[arm]++
		for j, v := range t.values[int(t.slots[i])*d:][:d] {
			out.values[j] = append(out.values[j], float64(v))
		}
		out.treated, out.outcome = append(out.treated, arm == 1), append(out.outcome, y)
		out.fold = append(out.fold, int(folds*draw(c.name, "fold", t.drawn.ID(i))))
	}
	return out
}

// enough reports whether both arms have customers, responses and refusals to learn from.
func (t *trial) enough() bool {
	for arm := range t.size {
		if t.size[arm] < fewestIn || t.hits[arm] < fewestHits || t.size[arm]-t.hits[arm] < fewestHits {
			return false
		}
	}
	return true
}

// learn learns the uplift of a campaign, judges the uplift on customers outside the
// learning, and keeps a model only where uplift differs between customers.
func (t *task) learn(ctx context.Context, in *mining.Input, k int, c *campaign) (*learnt, error) {
	switch {
	case c.state() != mining.OK:
		return unlearned(c.state(), 0), nil
	case t.slots == nil:
		return unlearned(mining.Insufficient, 0), nil
	}
	tr := t.trialOf(k, c, in.AsOf)
	rows := len(tr.outcome)
	share := float64(tr.size[1]) / float64(rows)
	switch {
	case !tr.enough():
		return unlearned(mining.Insufficient, rows), nil
	case t.set.Uplift.Learner == classLogistic && !uplift.Balanced(share):
		return unlearned(Unbalanced, rows), nil
	}
	out := &learnt{state: mining.OK, rows: rows, design: learnDesign(t.sources, tr.values)}
	if len(out.design) == 0 {
		return unlearned(mining.Insufficient, rows), nil
	}
	data := uplift.Data{X: out.design.matrix(tr.values), Outcome: tr.outcome, Treated: tr.treated}
	learn := learner(t.set.Uplift.Learner, in.Workers, in.Seed)
	predicted, err := uplift.CrossFit(ctx, learn, data, tr.fold, folds)
	if err != nil {
		return nil, fmt.Errorf("learning uplift: %w", err)
	}
	if err := out.judge(ctx, in, metric.Trial{Uplift: predicted, Outcome: tr.outcome, Treated: tr.treated}); err != nil {
		return nil, fmt.Errorf("judging uplift: %w", err)
	}
	if !(out.interval.QiniLow > 0) {
		out.state = NoHeterogeneity
		return out, nil
	}
	if out.model, err = learn(ctx, data); err != nil {
		return nil, fmt.Errorf("learning uplift: %w", err)
	}
	return out, nil
}

// judge sets the figures of a ranking, by the convention of scikit-uplift.
func (l *learnt) judge(ctx context.Context, in *mining.Input, t metric.Trial) (err error) {
	if l.qini, err = metric.QiniAUC(t, metric.DistinctThresholds); err != nil {
		return err
	}
	if l.auuc, err = metric.AUUC(t, metric.DistinctThresholds); err != nil {
		return err
	}
	b := metric.DefaultBootstrap()
	b.Resamples, b.Seed, b.Workers = resamples, in.Seed, in.Workers
	if l.interval, err = metric.UpliftBootstrap(ctx, t, b); err != nil {
		return err
	}
	if l.groups, err = metric.UpliftGroups(t, tenths); err != nil {
		return err
	}
	l.curve, err = metric.QiniCurve(t, metric.DistinctThresholds)
	return err
}

// predict returns the uplift of customers with the given values of sources; NaN without
// a model.
func (l *learnt) predict(values [][]float64, rows int) ([]float64, error) {
	out := make([]float64, rows)
	if l == nil || l.model == nil {
		for i := range out {
			out[i] = math.NaN()
		}
		return out, nil
	}
	return out, l.model.PredictTo(out, l.design.matrix(values))
}
