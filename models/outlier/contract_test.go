package outlier

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

type forestContract struct{ *Forest }

func (c forestContract) Predict(x models.Matrix) ([]float64, error) {
	n, _ := x.Dims()
	dst := make([]float64, n)
	return dst, c.ScoreTo(dst, x)
}

type robustContract struct{ *RobustZ }

func (c robustContract) Predict(x models.Matrix) ([]float64, error) {
	n, d := x.Dims()
	dst := make([]float64, n*d)
	return dst, c.ScoreTo(dst, x)
}

func TestContractOfForest(t *testing.T) {
	modelcheck.Run(t, modelcheck.Subject{
		Name: "isolation forest",
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			c := DefaultForest()
			c.Seed, c.Workers = o.Seed, o.Workers
			m, _, err := c.Fit(ctx, d.X)
			return forestContract{m}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			m := new(Forest)
			return forestContract{m}, json.Unmarshal(b, m)
		},
	})
}

func TestContractOfRobustZ(t *testing.T) {
	modelcheck.Run(t, modelcheck.Subject{
		Name: "robust z", Missing: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			m, _, err := RobustConfig{Workers: o.Workers}.Fit(ctx, d.X)
			return robustContract{m}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			m := new(RobustZ)
			return robustContract{m}, json.Unmarshal(b, m)
		},
	})
}

type mcdContract struct{ *MCD }

func (c mcdContract) Predict(x models.Matrix) ([]float64, error) {
	n, _ := x.Dims()
	dst := make([]float64, n)
	return dst, c.ScoreTo(dst, x)
}

func TestContractOfMCD(t *testing.T) {
	modelcheck.Run(t, modelcheck.Subject{
		Name: "minimum covariance determinant",
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			c := DefaultMCD()
			c.Seed, c.Workers = o.Seed, o.Workers
			m, _, err := c.Fit(ctx, d.X)
			return mcdContract{m}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			m := new(MCD)
			return mcdContract{m}, json.Unmarshal(b, m)
		},
	})
}
