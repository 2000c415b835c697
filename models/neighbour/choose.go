package neighbour

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Trial is one penalty and its score.
type Trial struct {
	L2    float64
	Score float64 // as judged; higher is better
}

// ChooseL2 fits x with each of the penalties and returns the penalty with the
// highest score by judge, with all trials in the order given; among equal scores
// the largest penalty, that is, the simplest model. The pairs of x are counted
// once.
//
// judge scores each model in turn and must use rows from after x, such as the
// NDCG of the last weeks of a history. With a c.Dense below that of the final
// fit, the choice costs less and differs little, because a penalty is a number of
// rows.
//
// Errors: as for [Config.Fit] and of judge; *models.ConfigError without a
// penalty, for a penalty that is not > 0, or for a NaN score.
//
// Cost: that of a [Config.Fit] for each penalty, and half as much memory again.
func (c Config) ChooseL2(ctx context.Context, x Rows, penalties []float64,
	judge func(*Model) (float64, error)) (best float64, trials []Trial, err error) {
	if len(penalties) == 0 {
		return 0, nil, &models.ConfigError{Field: "penalties", Got: "none", Want: "at least one"}
	}
	for _, c.L2 = range penalties {
		if err := c.Validate(); err != nil {
			return 0, nil, err
		}
	}
	p, err := c.prepare(ctx, x)
	if err != nil {
		return 0, nil, err
	}
	for _, c.L2 = range penalties {
		var gram *triangle
		if p.gram != nil {
			gram = &triangle{size: p.gram.size, tiles: slices.Clone(p.gram.tiles)}
		}
		m, _, err := p.fit(ctx, c, gram)
		if err != nil {
			return 0, nil, err
		}
		score, err := judge(m)
		if err != nil {
			return 0, nil, err
		}
		if math.IsNaN(score) {
			return 0, nil, &models.ConfigError{Field: "judge", Got: score, Want: "a score that is a number"}
		}
		trials = append(trials, Trial{c.L2, score})
	}
	first := trials[0]
	for _, t := range trials[1:] {
		if t.Score > first.Score || t.Score == first.Score && t.L2 > first.L2 {
			first = t
		}
	}
	return first.L2, trials, nil
}
