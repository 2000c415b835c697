package lifetime

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// MostPurchases is the largest number of repeat purchases that a customer may
// have: a limit against damaged input.
const MostPurchases = 1_000_000

// Customers is a table of purchase histories, one entry of each column for
// every customer. All times share one unit, the unit of the model's answers.
type Customers struct {
	X  []float64 // repeat purchases, a whole number in [0, MostPurchases]
	Tx []float64 // time from the first purchase to the last, in [0, T]; 0 where X is 0
	T  []float64 // time from the first purchase to the end of observation, ≥ 0
}

// Slice returns the customers from from to to (excluded) as a view.
func (c Customers) Slice(from, to int) Customers {
	return Customers{X: c.X[from:to], Tx: c.Tx[from:to], T: c.T[from:to]}
}

// Validate returns a *models.ShapeError for columns of different length, or a
// *models.ValueError for the first value out of its range.
func (c Customers) Validate() error { return c.validate(nil) }

// validate is Validate, which passes over customers of weight 0.
func (c Customers) validate(weight []float64) error {
	n := len(c.X)
	switch {
	case len(c.Tx) != n:
		return &models.ShapeError{What: "tx", Got: len(c.Tx), Want: n}
	case len(c.T) != n:
		return &models.ShapeError{What: "t", Got: len(c.T), Want: n}
	}
	for i, x := range c.X {
		tx, t := c.Tx[i], c.T[i]
		sound := isCount(x) && tx >= 0 && tx <= t && t <= math.MaxFloat64 && (x > 0 || tx == 0)
		if !sound && (weight == nil || weight[i] > 0) {
			return c.fault(i)
		}
	}
	return nil
}

// fault says which value of customer i is out of its range.
func (c Customers) fault(i int) error {
	x, tx, t := c.X[i], c.Tx[i], c.T[i]
	switch {
	case !isCount(x):
		return &models.ValueError{Row: i + 1, Name: "x", Got: x, Want: "a whole number from 0 to 1,000,000"}
	case !(t >= 0 && t <= math.MaxFloat64):
		return &models.ValueError{Row: i + 1, Name: "t", Got: t, Want: "a finite number ≥ 0"}
	case x == 0 && tx != 0:
		return &models.ValueError{Row: i + 1, Name: "tx", Got: tx, Want: "0 where x is 0"}
	}
	return &models.ValueError{Row: i + 1, Name: "tx", Got: tx, Want: "a number from 0 to t"}
}

func isCount(x float64) bool { return x >= 0 && x <= MostPurchases && x == math.Trunc(x) }

// checkWeights refuses weights of the wrong length or out of range.
func checkWeights(w []float64, n int) error {
	if w == nil {
		return nil
	}
	if len(w) != n {
		return &models.ShapeError{What: "weight", Got: len(w), Want: n}
	}
	for i, v := range w {
		if !(v >= 0 && v <= math.MaxFloat64) {
			return &models.ValueError{Row: i + 1, Name: "weight", Got: v, Want: "a finite number ≥ 0"}
		}
	}
	return nil
}
