package boost

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

// fitted adapts an ensemble to the contract.
type fitted struct{ *Ensemble }

func (f fitted) Predict(x models.Matrix) ([]float64, error) {
	n, _ := x.Dims()
	dst := make([]float64, n)
	return dst, f.PredictTo(context.Background(), dst, x, 2)
}

func subject(name string, target modelcheck.Target, change func(c *Config)) modelcheck.Subject {
	return modelcheck.Subject{
		Name: name, Target: target, Missing: true, Weights: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			c := Default()
			c.Trees, c.Seed, c.Workers = 10, o.Seed, o.Workers
			change(&c)
			m, _, err := c.Fit(ctx, d.X, d.Y, d.W)
			return fitted{m}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			m := new(Ensemble)
			return fitted{m}, json.Unmarshal(b, m)
		},
	}
}

func TestLogisticKeepsTheContract(t *testing.T) {
	modelcheck.Run(t, subject("boost logistic", modelcheck.Binary, func(*Config) {}))
}

func TestSampledAndStoppedLogisticKeepsTheContract(t *testing.T) {
	modelcheck.Run(t, subject("boost logistic sampled", modelcheck.Binary, func(c *Config) {
		c.RowShare, c.ColumnShare, c.ValidShare, c.Patience = 0.7, 0.6, 0.2, 3
	}))
}

func TestSquaredKeepsTheContract(t *testing.T) {
	modelcheck.Run(t, subject("boost squared", modelcheck.Numbers, func(c *Config) { c.Loss = Squared }))
}

func TestPoissonKeepsTheContract(t *testing.T) {
	modelcheck.Run(t, subject("boost poisson", modelcheck.Counts, func(c *Config) { c.Loss = Poisson }))
}

func TestQuantileKeepsTheContract(t *testing.T) {
	modelcheck.Run(t, subject("boost quantile", modelcheck.Numbers, func(c *Config) { c.Loss, c.QuantileProb = Quantile, 0.8 }))
}
