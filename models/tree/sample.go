package tree

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// sample is the data of a fit: the rows with a weight, their targets, and the
// columns cut into bins.
type sample struct {
	columns []column
	rows    []uint32  // those of weight > 0, ascending
	weight  []float64 // one per row of the matrix, or nil for "all 1"
	classes int       // 0 for regression
	class   []int32   // classification: one per row of the matrix
	value   []float64 // regression: one per row, less centre
	centre  float64   // the mean target, taken off so that sums of squares keep their digits
}

// width is the length of a node's mass: the weight of each class, or the
// weight and the weighted sum of the target.
func (s *sample) width() int {
	if s.classes > 0 {
		return s.classes
	}
	return 2
}

// unit reports whether rows are only counted, which integers do exactly.
func (s *sample) unit() bool { return s.classes > 0 && s.weight == nil }

// newSample checks the input and cuts the columns into bins.
func newSample(ctx context.Context, c Config, x models.Matrix, y target, w []float64) (*sample, error) {
	n, d := x.Dims()
	if err := checkShapes(c, x, y, w); err != nil {
		return nil, err
	}
	s := &sample{classes: y.classes, columns: make([]column, d)}
	if err := s.takeWeights(ctx, n, w); err != nil {
		return nil, err
	}
	if err := s.takeTarget(ctx, y); err != nil {
		return nil, err
	}
	err := models.Parallel(ctx, c.Workers, d, func(j int) error {
		col := &s.columns[j]
		col.values = x.Cols[j]
		if c.Kinds != nil {
			col.kind = c.Kinds[j]
		}
		return col.prepare(ctx, x, j, c.MaxBins, s)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func checkShapes(c Config, x models.Matrix, y target, w []float64) error {
	if err := x.Validate(); err != nil {
		return err
	}
	n, d := x.Dims()
	switch {
	case d == 0:
		return &models.ShapeError{What: "columns", Got: 0, Want: 1}
	case n == 0:
		return &models.ShapeError{What: "rows", Got: 0, Want: 1}
	case n > math.MaxInt32:
		return &models.ShapeError{What: "rows", Got: n, Want: math.MaxInt32}
	case c.Kinds != nil && len(c.Kinds) != d:
		return &models.ShapeError{What: "kinds", Got: len(c.Kinds), Want: d}
	case y.len() != n:
		return &models.ShapeError{What: "target", Got: y.len(), Want: n}
	case w != nil && len(w) != n:
		return &models.ShapeError{What: "weights", Got: len(w), Want: n}
	}
	return nil
}

// takeWeights keeps the rows of positive weight. Weights that are all 1 are no
// weights.
func (s *sample) takeWeights(ctx context.Context, n int, w []float64) error {
	s.rows = make([]uint32, 0, n)
	ones, sum := true, 0.0
	for i := range n {
		if err := breathless(ctx, i); err != nil {
			return err
		}
		if w != nil {
			if v := w[i]; !finite(v) || v < 0 {
				return &models.ValueError{Row: i + 1, Name: "weights", Got: v, Want: "a finite number ≥ 0"}
			}
			if w[i] == 0 {
				continue
			}
			ones = ones && w[i] == 1
			sum += w[i]
		}
		s.rows = append(s.rows, uint32(i))
	}
	if !finite(sum) {
		return &models.ConfigError{Field: "weights", Got: "a sum beyond the range of a float64", Want: "smaller weights; divide them by a constant"}
	}
	if len(s.rows) == 0 {
		return &models.ShapeError{What: "rows of positive weight", Got: 0, Want: 1}
	}
	if !ones {
		s.weight = w
	}
	return nil
}

// target is what a tree learns to predict: classes or values.
type target struct {
	classes int // 0: values
	class   []int32
	value   []float64
}

func (y target) len() int {
	if y.classes > 0 {
		return len(y.class)
	}
	return len(y.value)
}

// largestValue is the greatest distance of a target from the mean: sums of
// squares stay finite.
const largestValue = 1e140

func (s *sample) takeTarget(ctx context.Context, y target) error {
	if y.classes > 0 {
		for i, r := range s.rows {
			if err := breathless(ctx, i); err != nil {
				return err
			}
			if c := y.class[r]; c < 0 || int(c) >= y.classes {
				return &models.ValueError{Row: int(r) + 1, Name: "target", Got: float64(c), Want: "a class number from 0 to the number of classes less 1"}
			}
		}
		s.class = y.class
		return nil
	}
	var sum, weight float64
	for i, r := range s.rows {
		if err := breathless(ctx, i); err != nil {
			return err
		}
		v := y.value[r]
		if !finite(v) {
			return &models.ValueError{Row: int(r) + 1, Name: "target", Got: v, Want: "a finite number"}
		}
		w := s.weightOf(r)
		sum += float64(w * v)
		weight += w
	}
	s.centre = sum / weight
	s.value = make([]float64, len(y.value))
	for _, r := range s.rows {
		v := y.value[r] - s.centre
		if !(math.Abs(v) <= largestValue) {
			return &models.ValueError{Row: int(r) + 1, Name: "target", Got: y.value[r], Want: "a number near enough to the mean to be squared; divide the target by a constant"}
		}
		s.value[r] = v
	}
	return nil
}

func (s *sample) weightOf(r uint32) float64 {
	if s.weight == nil {
		return 1
	}
	return s.weight[r]
}

// withRows returns s with other rows; everything else is shared.
func (s *sample) withRows(rows []uint32) *sample {
	t := *s
	t.rows = rows
	return &t
}
