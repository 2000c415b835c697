package cluster

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

// contract adapts KMeans to the contract tests: an output is the number of the
// cluster.
type contract struct{ *KMeans }

func (c contract) Predict(x models.Matrix) ([]float64, error) {
	labels, err := c.KMeans.Predict(x)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(labels))
	for i, l := range labels {
		out[i] = float64(l)
	}
	return out, nil
}

func TestContract(t *testing.T) {
	modelcheck.Run(t, modelcheck.Subject{
		Name:    "k-means",
		Target:  modelcheck.None,
		Weights: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			c := DefaultKMeans()
			c.K, c.Seed, c.Workers = 4, o.Seed, o.Workers
			m, _, err := c.Fit(ctx, d.X, d.W)
			return contract{m}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			m := new(KMeans)
			return contract{m}, json.Unmarshal(b, m)
		},
	})
}
