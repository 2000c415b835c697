package linear

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

type contract struct{ *Model }

func (c contract) Predict(x models.Matrix) ([]float64, error) {
	n, _ := x.Dims()
	dst := make([]float64, n)
	return dst, c.PredictTo(dst, x)
}

// explained predicts the contributions.
type explained struct{ *Model }

func (e explained) Predict(x models.Matrix) ([]float64, error) {
	n, d := x.Dims()
	dst := make([]float64, n*(d+1))
	return dst, e.ContributionsTo(dst, x)
}

func subject(name string, target modelcheck.Target, c Config) modelcheck.Subject {
	return modelcheck.Subject{
		Name: name, Target: target, Weights: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			c := c
			c.Workers = o.Workers
			m, _, err := c.Fit(ctx, d.X, d.Y, d.W)
			return contract{m}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			m := new(Model)
			return contract{m}, json.Unmarshal(b, m)
		},
	}
}

func TestContract(t *testing.T) {
	f := func(name string, target modelcheck.Target, c Config, change func(*Config)) {
		change(&c)
		t.Run(name, func(t *testing.T) { modelcheck.Run(t, subject(name, target, c)) })
	}
	f("logistic", modelcheck.Binary, DefaultLogistic(), func(c *Config) { c.L2 = 0 })
	f("logistic-ridge", modelcheck.Binary, DefaultLogistic(), func(c *Config) {})
	f("logistic-lasso", modelcheck.Binary, DefaultLogistic(), func(c *Config) { c.L1, c.L2 = 5, 0 })
	f("poisson", modelcheck.Counts, DefaultPoisson(), func(c *Config) { c.L2 = 0 })
	f("poisson-elastic", modelcheck.Counts, DefaultPoisson(), func(c *Config) { c.L1 = 5 })
}

func TestContractOfContributions(t *testing.T) {
	s := subject("contributions", modelcheck.Binary, DefaultLogistic())
	fit, load := s.Fit, s.Load
	s.Fit = func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
		m, err := fit(ctx, d, o)
		return explained{m.(contract).Model}, err
	}
	s.Load = func(b []byte) (modelcheck.Fitted, error) {
		m, err := load(b)
		return explained{m.(contract).Model}, err
	}
	modelcheck.Run(t, s)
}

// calibration shows a calibration of one score to the contract as a model of a
// table: the score is the sum of the columns.
type calibration interface {
	PredictTo(dst, score []float64) error
	json.Marshaler
}

type tableCalibration struct {
	calibration
	Cols int // of the table
}

func (c tableCalibration) MarshalJSON() ([]byte, error) {
	b, err := c.calibration.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return json.Marshal(tableJSON{c.Cols, b})
}

type tableJSON struct {
	Cols  int             `json:"cols"`
	Model json.RawMessage `json:"model"`
}

func (c tableCalibration) Predict(x models.Matrix) ([]float64, error) {
	score, err := sumColumns(x)
	if err != nil {
		return nil, err
	}
	if _, d := x.Dims(); d != c.Cols {
		return nil, &models.ShapeError{What: "columns", Got: d, Want: c.Cols}
	}
	return score, c.PredictTo(score, score)
}

func sumColumns(x models.Matrix) ([]float64, error) {
	if err := checkTable(x); err != nil {
		return nil, err
	}
	n, _ := x.Dims()
	score := make([]float64, n)
	for _, col := range x.Cols {
		for i, v := range col {
			score[i] += float64(v)
		}
	}
	return score, nil
}

type fitCalibration func(ctx context.Context, workers int, score, target, weight []float64) (calibration, error)

func calibrationSubject(name string, target modelcheck.Target, empty func() calibration, fit fitCalibration) modelcheck.Subject {
	return modelcheck.Subject{
		Name: name, Target: target, Weights: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			score, err := sumColumns(d.X)
			if err != nil {
				return nil, err
			}
			m, err := fit(ctx, o.Workers, score, d.Y, d.W)
			return tableCalibration{m, len(d.X.Cols)}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			var in tableJSON
			if err := json.Unmarshal(b, &in); err != nil {
				return nil, err
			}
			m := empty()
			return tableCalibration{m, in.Cols}, json.Unmarshal(in.Model, m)
		},
	}
}

func TestContractOfCalibrations(t *testing.T) {
	t.Run("platt", func(t *testing.T) {
		modelcheck.Run(t, calibrationSubject("platt", modelcheck.Binary, func() calibration { return new(Platt) },
			func(ctx context.Context, workers int, score, target, weight []float64) (calibration, error) {
				c := DefaultPlatt()
				c.Workers = workers
				m, _, err := c.Fit(ctx, score, target, weight)
				return m, err
			}))
	})
	t.Run("isotonic", func(t *testing.T) {
		modelcheck.Run(t, calibrationSubject("isotonic", modelcheck.Numbers, func() calibration { return new(Isotonic) },
			func(ctx context.Context, workers int, score, target, weight []float64) (calibration, error) {
				m, _, err := IsotonicConfig{Workers: workers}.Fit(ctx, score, target, weight)
				return m, err
			}))
	})
}
