package recommend

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// leastJudged is how many customers must have bought both before and within the horizon.
const leastJudged = 50

// unmapped is the task of a job without products.
type unmapped struct{}

func (unmapped) Memory(int) int64 { return 0 }

func (unmapped) Fit(context.Context, *mining.Input) (*mining.Result, error) {
	return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: "no_products", Count: 1,
		Message: "recommendations need a column for product; map it under columns"}}}, nil
}

type task struct {
	set       Settings
	dimension datasets.Dimension
	*collector
}

// Memory covers the items of all customers on two days, of EASE's matrix and of the
// weights.
func (t *task) Memory(int) int64 {
	d := int64(t.set.DenseProducts)
	return 2*t.held.Bytes() + 12*d*d + 48*kept*d
}

// Fit learns on the days before the horizon, judges on the horizon, learns once more on the
// whole history, and makes the lists.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	names := texts(in.Run, t.dimension)
	excluded, warnings := t.set.excluded(names)
	early, now, err := t.snapshots(ctx, len(names))
	if err != nil {
		return nil, err
	}
	drawn, err := early.draw(ctx, t.held, t.asOf)
	if err != nil {
		return nil, err
	}
	l, err := newLearning(t.set, early, drawn, excluded, in.Workers)
	if err != nil {
		return nil, err
	}
	if n := l.judged(); n < leastJudged {
		message := fmt.Sprintf("%d customers bought both before and within the last %d days; recommendations need %d", n, t.set.HorizonDays, leastJudged)
		return &mining.Result{State: mining.Insufficient,
			Figures:  []mining.Figure{{Name: "message", Value: message}},
			Warnings: append(warnings, models.Warning{Code: "insufficient_data", Count: n, Message: message})}, nil
	}
	f, err := l.learn(ctx)
	if err != nil {
		return nil, err
	}
	f.warnings = append(warnings, f.warnings...)
	m, report, err := t.model(ctx, in, f, now, names, excluded)
	if err != nil {
		return nil, err
	}
	f.report = report
	s := &scorer{collector: t.collector, model: m, items: translation(names, names)}
	if f.propensities, err = s.learnPropensity(ctx, in, t.set.HorizonDays); err != nil {
		return nil, err
	}
	if err := s.makeLists(ctx, in.Workers); err != nil {
		return nil, err
	}
	if err := s.makePropensities(ctx, in.Workers); err != nil {
		return nil, err
	}
	return f.result(in, s), nil
}

// snapshots returns what all customers held before the horizon, and on the scoring date.
func (t *task) snapshots(ctx context.Context, items int) (early, now *snapshot, err error) {
	early, now = newSnapshot(t.asOf-datasets.Day(t.set.HorizonDays), items), newSnapshot(t.asOf, items)
	err = each(ctx, t.held, func(items []holdings.Item) {
		early.add(items)
		now.add(items)
	})
	return early, now, err
}

// excluded marks the items matched by rules, and warns of rules without a match.
func (s *Settings) excluded(names []string) ([]bool, []models.Warning) {
	out := make([]bool, len(names))
	idle := 0
	for _, r := range s.Exclude {
		found := false
		for i, name := range names {
			if r.matches(name) {
				out[i], found = true, true
			}
		}
		if !found {
			idle++
		}
	}
	if idle == 0 {
		return out, nil
	}
	return out, []models.Warning{{Code: "excluded_nothing", Count: idle, Message: fmt.Sprintf("%d rules of exclude match no product", idle)}}
}

// findings are what was learned on the horizon.
type findings struct {
	set           Settings
	ranking       *ranking
	best          trial
	trials        []trial
	probabilities *probabilities
	verdict       *verdict
	judged        int
	share         float64
	report        neighbour.Report
	propensities  []judgedCategory
	warnings      []models.Warning
}

// learn chooses the methods and learns the probabilities.
func (l *learning) learn(ctx context.Context) (*findings, error) {
	f := &findings{set: l.set, judged: l.judged(), share: l.sample.share}
	best, weights, trials, err := l.chooseNew(ctx)
	if err != nil {
		return nil, err
	}
	f.best, f.trials = best, trials
	f.ranking = &ranking{market: l.market, weights: weights}
	if f.ranking.rhythm, err = l.chooseRepeats(); err != nil {
		return nil, err
	}
	f.probabilities, f.verdict, err = l.calibrate(ctx, f.ranking)
	return f, err
}

// model learns the chosen methods from the whole history.
func (t *task) model(ctx context.Context, in *mining.Input, f *findings, now *snapshot, names []string, excluded []bool) (*Model, neighbour.Report, error) {
	facts, err := newMarket(now.recent, now.ever, now.old(t.set.MaxAgeDays, excluded))
	if err != nil {
		return nil, neighbour.Report{}, err
	}
	m := &Model{top: t.set.Top, horizonDays: t.set.HorizonDays, dimension: t.set.Dimension, items: names,
		ranking: ranking{market: facts, rhythm: f.ranking.rhythm}, probabilities: *f.probabilities}
	if t.dimension == datasets.Product && in.ProductNames != nil {
		m.descriptions = make([]string, len(names))
		for i := range names {
			m.descriptions[i] = in.ProductNames(uint32(i))
		}
	}
	var report neighbour.Report
	if f.best.Method != byPopularity {
		c := (&learning{workers: in.Workers}).config(f.best)
		if m.weights, report, err = c.Fit(ctx, now.rows); err != nil {
			return nil, report, err
		}
	}
	m.links = newLinks(m.weights, now.rows)
	return m, report, nil
}
