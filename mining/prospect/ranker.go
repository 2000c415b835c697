package prospect

import (
	"context"

	"github.com/quintile-dev/quintile/models/boost"
	"github.com/quintile-dev/quintile/models/linear"
)

// ranker is a fitted model: how much people look like the best customers.
type ranker interface {
	// scoreTo sets dst to a score in [0,1] of each person.
	scoreTo(ctx context.Context, dst []float64, v values) error
	// effectsTo sets dst to what each attribute adds to the score of each person, on the
	// scale of log-odds, person after person.
	effectsTo(ctx context.Context, dst []float64, v values) error
}

// candidate is a kind of model.
type candidate struct {
	name string
	fit  func(ctx context.Context, e encoding, v values, best []float64, workers int, seed uint64) (ranker, error)
}

// candidates are the models that compete. Of equals the first is taken.
var candidates = []candidate{{"logistic", fitLogistic}, {"boosting", fitBoosting}}

// logistic is a logistic regression with a mild ridge penalty.
type logistic struct {
	encoding encoding
	model    *linear.Model
}

func fitLogistic(ctx context.Context, e encoding, v values, best []float64, workers int, _ uint64) (ranker, error) {
	x, _ := e.line(v)
	c := linear.DefaultLogistic()
	c.Workers = workers
	m, _, err := c.Fit(ctx, x, best, nil)
	return &logistic{e, m}, err
}

func (l *logistic) scoreTo(_ context.Context, dst []float64, v values) error {
	x, _ := l.encoding.line(v)
	return l.model.PredictTo(dst, x)
}

func (l *logistic) effectsTo(_ context.Context, dst []float64, v values) error {
	x, from := l.encoding.line(v)
	n, d := x.Dims()
	parts := make([]float64, n*(d+1))
	if err := l.model.ContributionsTo(parts, x); err != nil {
		return err
	}
	clear(dst)
	for i := range n {
		for j, k := range from {
			dst[i*len(v)+k] += parts[i*(d+1)+j]
		}
	}
	return nil
}

// boosted is an ensemble of trees, with categories split into sets.
type boosted struct {
	encoding encoding
	ensemble *boost.Ensemble
	workers  int
}

func fitBoosting(ctx context.Context, e encoding, v values, best []float64, workers int, seed uint64) (ranker, error) {
	x, categorical := e.trees(v)
	c := boost.Default()
	c.Trees, c.MaxLeaves, c.LearningRate, c.L2 = 200, 15, 0.05, 1
	c.MinRows = max(5, min(50, len(best)/50))
	c.Categorical, c.Workers, c.Seed = categorical, workers, seed
	m, _, err := c.Fit(ctx, x, best, nil)
	return &boosted{e, m, workers}, err
}

func (b *boosted) scoreTo(ctx context.Context, dst []float64, v values) error {
	x, _ := b.encoding.trees(v)
	return b.ensemble.ProbTo(ctx, dst, x, b.workers)
}

func (b *boosted) effectsTo(ctx context.Context, dst []float64, v values) error {
	x, _ := b.encoding.trees(v)
	return b.ensemble.ShapTo(ctx, dst, x, b.workers)
}

// folds is the number of parts of the customers, each scored by models of the other
// parts.
const folds = 5

// outOfFold returns the score of each customer by a model that has not seen the customer.
func (c *candidate) outOfFold(ctx context.Context, e encoding, v values, best []float64, fold []int, workers int, seed uint64) ([]float64, error) {
	scores := make([]float64, len(best))
	for f := range folds {
		var in, out []int
		for i := range best {
			if fold[i] == f {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		if len(out) == 0 {
			continue
		}
		m, err := c.fit(ctx, e, v.choose(in), chosen(best, in), workers, seed)
		if err != nil {
			return nil, err
		}
		part := make([]float64, len(out))
		if err := m.scoreTo(ctx, part, v.choose(out)); err != nil {
			return nil, err
		}
		for k, i := range out {
			scores[i] = part[k]
		}
	}
	return scores, ctx.Err()
}

// choose returns the values of some people.
func (v values) choose(rows []int) values {
	out := make(values, len(v))
	for k := range v {
		out[k] = chosen(v[k], rows)
	}
	return out
}

func chosen(column []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for k, i := range rows {
		out[k] = column[i]
	}
	return out
}
