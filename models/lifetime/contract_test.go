package lifetime

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

// customersOf reads the contract's numbers as customers, with the means of
// their money: every row becomes a sound one, and a row of any columns some
// customer.
func customersOf(x models.Matrix) (Customers, []float64, error) {
	if err := errors.Join(x.Validate(), x.CheckFinite()); err != nil {
		return Customers{}, nil, err
	}
	n, d := x.Dims()
	flat := make([]float64, 4*n)
	c, mean := Customers{X: flat[:n], Tx: flat[n : 2*n], T: flat[2*n : 3*n]}, flat[3*n:]
	for i := range n {
		v := 0.0
		for j := range d {
			v += float64(math.Abs(float64(x.Cols[j][i])) * float64(j+1))
		}
		c.X[i] = math.Floor(math.Mod(v, 7) * math.Mod(v, 7) / 7)
		c.T[i] = 20 + math.Floor(math.Mod(3*v, 19))
		if c.X[i] > 0 {
			c.Tx[i] = c.T[i] * (0.1 + 0.9*math.Mod(2.7*v, 1))
			mean[i] = 5 + math.Mod(11*v, 40)
		}
	}
	return c, mean, nil
}

// contract shows a model to the contract as one of matrices: every forecast and
// two quantiles.
type contract struct {
	*Model
	Cols int
}

func (c contract) MarshalJSON() ([]byte, error) {
	b, err := c.Model.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return json.Marshal(tableJSON{c.Cols, b})
}

type tableJSON struct {
	Cols  int             `json:"cols"`
	Model json.RawMessage `json:"model"`
}

func (c contract) Predict(x models.Matrix) ([]float64, error) {
	customers, _, err := customersOf(x)
	if err != nil {
		return nil, err
	}
	n, d := x.Dims()
	if n > 0 && d != c.Cols {
		return nil, &models.ShapeError{What: "columns", Got: d, Want: c.Cols}
	}
	const outputs = 6
	flat, out := make([]float64, outputs*n), make([]float64, outputs*n)
	f := Forecasts{Alive: flat[:n], Any: flat[n : 2*n], Expected: flat[2*n : 3*n], Discounted: flat[3*n : 4*n]}
	ask := Ask{Horizon: 13, Discount: Discount{Months: 12, MonthLength: 4.35, YearlyRate: 0.1}}
	if err := c.ForecastTo(context.Background(), f, customers, ask, 2); err != nil {
		return nil, err
	}
	if err := c.OrderQuantilesTo(context.Background(), flat[4*n:], customers, 13, []float64{0.1, 0.9}, 2); err != nil {
		return nil, err
	}
	for i := range n {
		for k := range 4 {
			out[outputs*i+k] = flat[k*n+i]
		}
		copy(out[outputs*i+4:], flat[4*n+2*i:][:2])
	}
	return out, nil
}

func TestContract(t *testing.T) {
	for kind := range ParetoNBD + 1 {
		t.Run(kind.String(), func(t *testing.T) {
			modelcheck.Run(t, modelcheck.Subject{
				Name: kind.String(), Target: modelcheck.None, Weights: true,
				Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
					customers, _, err := customersOf(d.X)
					if err != nil {
						return nil, err
					}
					c := Default(kind)
					c.Workers, c.ProfileRows = o.Workers, 0
					m, _, err := c.Fit(ctx, customers, d.W)
					return contract{m, len(d.X.Cols)}, err
				},
				Load: func(b []byte) (modelcheck.Fitted, error) {
					var in tableJSON
					if err := json.Unmarshal(b, &in); err != nil {
						return nil, err
					}
					m := new(Model)
					return contract{m, in.Cols}, json.Unmarshal(in.Model, m)
				},
			})
		})
	}
}

// spendContract shows a Spend to the contract: E[M] and two quantiles of money.
type spendContract struct {
	*Spend
	Cols int
}

func (c spendContract) MarshalJSON() ([]byte, error) {
	b, err := c.Spend.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return json.Marshal(tableJSON{c.Cols, b})
}

func (c spendContract) Predict(x models.Matrix) ([]float64, error) {
	customers, mean, err := customersOf(x)
	if err != nil {
		return nil, err
	}
	n, d := x.Dims()
	if n > 0 && d != c.Cols {
		return nil, &models.ShapeError{What: "columns", Got: d, Want: c.Cols}
	}
	dst := make([]float64, n)
	return dst, c.MeanTo(dst, customers.X, mean)
}

func TestContractOfSpend(t *testing.T) {
	modelcheck.Run(t, modelcheck.Subject{
		Name: "gamma_gamma", Target: modelcheck.None, Weights: true,
		Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
			customers, mean, err := customersOf(d.X)
			if err != nil {
				return nil, err
			}
			c := DefaultSpend()
			c.Workers, c.ProfileRows = o.Workers, 0
			s, _, err := c.Fit(ctx, customers.X, mean, d.W)
			return spendContract{s, len(d.X.Cols)}, err
		},
		Load: func(b []byte) (modelcheck.Fitted, error) {
			var in tableJSON
			if err := json.Unmarshal(b, &in); err != nil {
				return nil, err
			}
			s := new(Spend)
			return spendContract{s, in.Cols}, json.Unmarshal(in.Model, s)
		},
	})
}
