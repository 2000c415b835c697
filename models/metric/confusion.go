package metric

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Confusion counts how often each class was predicted for each class.
type Confusion struct {
	Counts [][]float64 // [actual][predicted], weights ≥ 0; square
}

// Confuse counts the pairs of actual and predicted class.
//
// Shape: one actual and one predicted class per row, in [0,classes); weight
// may be nil.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError.
//
// Cost: O(n + classes²) time.
func Confuse(actual, predicted []int, classes int, weight []float64) (Confusion, error) {
	if classes < 1 {
		return Confusion{}, &models.ConfigError{Field: "classes", Got: classes, Want: "an integer ≥ 1"}
	}
	if len(predicted) != len(actual) {
		return Confusion{}, &models.ShapeError{What: "predicted classes", Got: len(predicted), Want: len(actual)}
	}
	if err := weights(weight, len(actual)); err != nil {
		return Confusion{}, err
	}
	counts := make([][]float64, classes)
	for c := range counts {
		counts[c] = make([]float64, classes)
	}
	want := fmt.Sprintf("a class from 0 to %d", classes-1)
	for i, a := range actual {
		p := predicted[i]
		if a < 0 || a >= classes {
			return Confusion{}, &models.ValueError{Row: i + 1, Name: "actual class", Got: float64(a), Want: want}
		}
		if p < 0 || p >= classes {
			return Confusion{}, &models.ValueError{Row: i + 1, Name: "predicted class", Got: float64(p), Want: want}
		}
		counts[a][p] += at(weight, i)
	}
	return Confusion{counts}, nil
}

// class returns, for class c, the weight correctly predicted, the weight that
// is c, and the weight predicted as c.
func (m Confusion) class(c int) (hits, actual, predicted float64) {
	for k := range m.Counts {
		actual += m.Counts[c][k]
		predicted += m.Counts[k][c]
	}
	return m.Counts[c][c], actual, predicted
}

// Accuracy is the share of rows predicted correctly, in [0,1]; NaN without
// rows.
func (m Confusion) Accuracy() float64 {
	var hits, all float64
	for c := range m.Counts {
		h, a, _ := m.class(c)
		hits += h
		all += a
	}
	return hits / all
}

// Precision is the share of the rows predicted as class c that are of class c,
// in [0,1]; NaN where c was never predicted.
func (m Confusion) Precision(c int) float64 {
	hits, _, predicted := m.class(c)
	return hits / predicted
}

// Recall is the share of the rows of class c predicted as class c, in [0,1];
// NaN where no row is of class c.
func (m Confusion) Recall(c int) float64 {
	hits, actual, _ := m.class(c)
	return hits / actual
}

// F1 is the harmonic mean of precision and recall of class c, in [0,1]; NaN
// where c neither occurs nor was predicted.
func (m Confusion) F1(c int) float64 {
	hits, actual, predicted := m.class(c)
	return 2 * hits / (actual + predicted)
}

// Averages are scores over the classes.
type Averages struct{ Precision, Recall, F1 float64 }

// Macro is the plain mean over the classes that occur or were predicted, all
// with equal weight. A class whose score is undefined counts 0, as in
// scikit-learn. NaN without rows.
func (m Confusion) Macro() Averages {
	return m.average(func(actual float64) float64 { return 1 })
}

// Weighted is the mean over the classes, weighted by frequency. A class whose
// score is undefined counts 0. NaN without rows.
func (m Confusion) Weighted() Averages {
	return m.average(func(actual float64) float64 { return actual })
}

// BalancedAccuracy is the mean recall over the classes that occur, in [0,1];
// NaN without rows.
func (m Confusion) BalancedAccuracy() float64 {
	var sum, count float64
	for c := range m.Counts {
		if hits, actual, _ := m.class(c); actual > 0 {
			sum += hits / actual
			count++
		}
	}
	return sum / count
}

func (m Confusion) average(weigh func(actual float64) float64) Averages {
	var sum Averages
	var total float64
	for c := range m.Counts {
		_, actual, predicted := m.class(c)
		if actual+predicted == 0 {
			continue
		}
		w := weigh(actual)
		total += w
		sum.Precision += float64(w * orZero(m.Precision(c)))
		sum.Recall += float64(w * orZero(m.Recall(c)))
		sum.F1 += float64(w * orZero(m.F1(c)))
	}
	return Averages{sum.Precision / total, sum.Recall / total, sum.F1 / total}
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}
