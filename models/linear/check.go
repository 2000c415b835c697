package linear

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// checkTable refuses a matrix unfit for learning or scoring.
func checkTable(x models.Matrix) error {
	if err := x.Validate(); err != nil {
		return err
	}
	return x.CheckFinite()
}

// checkVector refuses a vector of the wrong length or with a value that ok
// does not accept.
func checkVector(v []float64, name string, n int, ok func(float64) bool, want string) error {
	if len(v) != n {
		return &models.ShapeError{What: name, Got: len(v), Want: n}
	}
	for i, a := range v {
		if !ok(a) {
			return &models.ValueError{Row: i + 1, Name: name, Got: a, Want: want}
		}
	}
	return nil
}

func isFinite(v float64) bool { return v-v == 0 }

func isZeroOne(v float64) bool { return v == 0 || v == 1 }

func isWeight(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

func checkWeights(w []float64, n int) error {
	if w == nil {
		return nil
	}
	return checkVector(w, "weight", n, isWeight, "a finite number ≥ 0")
}

// checkTarget refuses a target outside the range of the loss, and a target of
// all 0 or all 1, for which no finite fit exists.
func (c Config) checkTarget(y, w []float64, n int) error {
	ok, want := isZeroOne, "0 or 1"
	if c.Loss == Poisson {
		ok, want = isWeight, "a finite number ≥ 0"
	}
	if err := checkVector(y, "target", n, ok, want); err != nil {
		return err
	}
	if err := checkWeights(w, n); err != nil {
		return err
	}
	rows, positive := 0, 0
	for i, v := range y {
		if weightAt(w, i) == 0 {
			continue
		}
		rows++
		if v > 0 {
			positive++
		}
	}
	switch {
	case rows == 0:
		return fmt.Errorf("linear: got %d rows, none with a weight > 0; want at least one", n)
	case positive == 0:
		return fmt.Errorf("linear: target: got 0 in all %d rows, want some above 0; widen the window or skip the model", rows)
	case positive == rows && c.Loss == Logistic:
		return fmt.Errorf("linear: target: got 1 in all %d rows, want both 0 and 1; widen the window or skip the model", rows)
	}
	return nil
}

// weightAt returns the weight of row i.
func weightAt(w []float64, i int) float64 {
	if w == nil {
		return 1
	}
	return w[i]
}
