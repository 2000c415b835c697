// Package metric measures how good predictions, rankings, groupings and
// uplift models are.
//
// Everything here is a function of plain slices and has no configuration to
// fit. Three rules hold throughout:
//
//   - Rows that a measure cannot tell apart are treated alike: equal scores
//     share one threshold, and where a cut falls among equal scores, each row
//     counts in proportion. So the order of the rows never decides a figure,
//     with one documented exception ([RowStepped]).
//   - A figure that the data does not define, such as an AUC without positives,
//     is NaN and not an error; a fault of the data itself, such as a NaN score
//     or a label other than 0 and 1, is a [models.ValueError] with the row.
//   - A weight slice is nil for "every row counts 1". Otherwise it has one
//     finite weight ≥ 0 per row, and a row of weight 0 is as good as absent.
//
// Inputs are never modified, and every function is deterministic.
package metric

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// binary refuses labels other than 0 and 1, and scores that are not finite.
func binary(score []float64, scoreName string, label, weight []float64) error {
	if err := finite(score, scoreName, len(score)); err != nil {
		return err
	}
	if err := zeroOne(label, "label", len(score)); err != nil {
		return err
	}
	return weights(weight, len(score))
}

// probabilities is binary where the scores must lie in [0,1].
func probabilities(prob, label, weight []float64) error {
	for i, p := range prob {
		if !(p >= 0 && p <= 1) {
			return &models.ValueError{Row: i + 1, Name: "probability", Got: p, Want: "a probability in [0,1]"}
		}
	}
	if err := zeroOne(label, "label", len(prob)); err != nil {
		return err
	}
	return weights(weight, len(prob))
}

func finite(v []float64, name string, n int) error {
	if len(v) != n {
		return &models.ShapeError{What: name, Got: len(v), Want: n}
	}
	for i, x := range v {
		if x-x != 0 {
			return &models.ValueError{Row: i + 1, Name: name, Got: x, Want: "a finite number"}
		}
	}
	return nil
}

func zeroOne(v []float64, name string, n int) error {
	if len(v) != n {
		return &models.ShapeError{What: name, Got: len(v), Want: n}
	}
	for i, x := range v {
		if x != 0 && x != 1 {
			return &models.ValueError{Row: i + 1, Name: name, Got: x, Want: "0 or 1"}
		}
	}
	return nil
}

func weights(w []float64, n int) error {
	if w == nil {
		return nil
	}
	if len(w) != n {
		return &models.ShapeError{What: "weights", Got: len(w), Want: n}
	}
	for i, x := range w {
		if !(x >= 0) || math.IsInf(x, 1) {
			return &models.ValueError{Row: i + 1, Name: "weight", Got: x, Want: "a finite number ≥ 0"}
		}
	}
	return nil
}

// at returns the weight of row i.
func at(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// mean returns the weighted mean of f over n rows, or NaN where nothing has
// weight.
func mean(n int, weight []float64, f func(i int) float64) float64 {
	var total, sum float64
	for i := range n {
		w := at(weight, i)
		if w == 0 {
			continue // so that 0 × ∞ cannot arise
		}
		total += w
		sum += float64(w * f(i))
	}
	return sum / total
}
