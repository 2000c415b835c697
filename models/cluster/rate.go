package cluster

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

// Rate reports how well a model that was fitted earlier fits rows that it may not have seen:
// its inertia, and the rows of each cluster, in the order of the model. Iterations is 0 and
// Converged is set, for nothing moves.
//
// Shape, missing values, determinism and errors: as KMeansConfig.Fit. Cost: O(n·d·K).
func (m *KMeans) Rate(ctx context.Context, workers int, x models.Matrix) (Report, error) {
	if _, err := m.check(x); err != nil {
		return Report{}, err
	}
	rows, err := selectRows(x, nil)
	if err != nil {
		return Report{}, err
	}
	c := DefaultKMeans()
	c.K, c.Workers, c.Start = m.k, workers, m.Centres()
	t, err := newTrainer(ctx, c, x, rows)
	if err != nil {
		return Report{}, err
	}
	t.report.Converged = true
	_, report, err := t.assess(ctx, m.centres)
	return report, err
}
