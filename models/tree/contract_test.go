package tree

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

// contract shows a tree to the contract of all models.
type contract struct{ *Tree }

func (c contract) Predict(x models.Matrix) ([]float64, error) {
	rows, _ := x.Dims()
	out := make([]float64, rows*max(1, c.Classes()))
	if c.Classes() > 0 {
		return out, c.PredictProbTo(out, x)
	}
	return out, c.PredictTo(out, x)
}

func subject(name string, target modelcheck.Target, c Config) modelcheck.Subject {
	return modelcheck.Subject{
		Name: name, Target: target, Missing: true, Weights: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			c := c
			c.Seed, c.Workers = o.Seed, o.Workers
			if target == modelcheck.Numbers {
				t, _, err := c.FitValues(ctx, d.X, d.Y, d.W)
				return contract{t}, err
			}
			y := make([]int32, len(d.Y))
			for i, v := range d.Y {
				y[i] = int32(v)
			}
			t, _, err := c.FitClasses(ctx, d.X, y, 3, d.W)
			return contract{t}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			t := new(Tree)
			return contract{t}, json.Unmarshal(b, t)
		},
	}
}

func TestContract(t *testing.T) {
	exact, best := Default(), Default()
	exact.MaxBins, exact.Criterion, exact.Folds = 0, Entropy, 0
	best.MaxLeaves, best.MinLeafRows, best.Folds = 40, 1, 3
	t.Run("classes", func(t *testing.T) {
		modelcheck.Run(t, subject("tree of classes", modelcheck.Classes, Default()))
	})
	t.Run("values", func(t *testing.T) { modelcheck.Run(t, subject("tree of values", modelcheck.Numbers, Default())) })
	t.Run("exact", func(t *testing.T) { modelcheck.Run(t, subject("exact tree", modelcheck.Classes, exact)) })
	t.Run("best-first", func(t *testing.T) { modelcheck.Run(t, subject("best-first tree", modelcheck.Numbers, best)) })
}
