package churn

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
)

const (
	// farthest is where a scaled value is cut, in standard deviations: one
	// absurd order shall not decide a prediction, nor bend the line.
	farthest = 5
	// A feature missing in a smaller share of rows, or present in a smaller
	// share, gets no indicator: the indicator would depend on a handful of
	// customers.
	leastMissingShare = 0.01
)

// column says how the regression sees a feature.
type column struct {
	Scale     features.ColumnScale `json:"scale"`
	Indicator bool                 `json:"indicator"` // one more column is 1 where the feature is missing
}

// logistic ranks by a logistic regression on transformed features.
type logistic struct {
	columns []column
	model   *linear.Model // on the features in order, then the indicators in order
}

// designNames names the columns that the regression sees.
func designNames(columns []column) []string {
	var names []string
	for i := range columns {
		names = append(names, columns[i].Scale.Name)
	}
	for i := range columns {
		if columns[i].Indicator {
			names = append(names, columns[i].Scale.Name+" missing")
		}
	}
	return names
}

// design returns the columns that the regression sees.
func design(ctx context.Context, columns []column, x models.Matrix, workers int) (models.Matrix, error) {
	n, d := x.Dims()
	out := models.Matrix{Names: designNames(columns)}
	values := make([]float32, n*len(out.Names))
	for k := range out.Names {
		out.Cols = append(out.Cols, values[k*n:(k+1)*n])
	}
	indicator := make([]int, d) // column of the indicator, or 0
	next := d
	for j := range columns {
		if columns[j].Indicator {
			indicator[j] = next
			next++
		}
	}
	err := models.Parallel(ctx, workers, d, func(j int) error {
		columns[j].apply(out.Cols[j], x.Cols[j])
		if k := indicator[j]; k > 0 {
			for i, v := range x.Cols[j] {
				out.Cols[k][i] = float32(number(v != v))
			}
		}
		return nil
	})
	return out, err
}

// apply sets dst to the scaled values; a constant feature is 0 throughout.
func (c *column) apply(dst, src []float32) {
	if c.Scale.Constant {
		clear(dst)
		return
	}
	for i, v := range src {
		dst[i] = float32(max(-farthest, min(farthest, c.Scale.Value(float64(v)))))
	}
}

func (l *logistic) base() float64 {
	sum := l.model.Intercept().Value
	for _, c := range l.model.Coefficients() {
		sum += float64(c.Value * c.Mean)
	}
	return sum
}

func (l *logistic) scoreTo(ctx context.Context, odds, effects []float64, x models.Matrix) error {
	if err := x.CheckNotInfinite(); err != nil {
		return err
	}
	seen, err := design(ctx, l.columns, x, 1)
	if err != nil {
		return err
	}
	if err := l.model.LinearTo(odds, seen); err != nil || effects == nil {
		return err
	}
	l.effectsTo(effects, seen)
	return nil
}

// effectsTo splits the log-odds of rows of the design. The effect of an
// indicator counts towards its feature.
func (l *logistic) effectsTo(effects []float64, seen models.Matrix) {
	clear(effects)
	d := len(l.columns)
	coefficients := l.model.Coefficients()
	add := func(j, k int) {
		c := &coefficients[k]
		if c.Value == 0 {
			return
		}
		for i, v := range seen.Cols[k] {
			effects[i*d+j] += float64(c.Value * (float64(v) - c.Mean))
		}
	}
	next := d
	for j := range l.columns {
		add(j, j)
		if l.columns[j].Indicator {
			add(j, next)
			next++
		}
	}
}

// learnColumns learns how the regression is to see each feature.
//
// Of the feature and its logarithm, both standardised, the less skewed is
// taken: money and counts become logarithms, shares and differences stay. A
// missing value takes the median. An indicator marks the missing value, with
// one indicator for all features missing in the same rows.
func learnColumns(ctx context.Context, x models.Matrix, workers int) ([]column, error) {
	n, d := x.Dims()
	columns, patterns := make([]column, d), make([]uint64, d)
	err := models.Parallel(ctx, workers, d, func(j int) error {
		values := make([]float64, n)
		for i, v := range x.Cols[j] {
			values[i] = float64(v)
			if v != v {
				patterns[j] += mix(uint64(i+1) * golden)
			}
		}
		var err error
		columns[j].Scale, err = lessSkewed(x.Name(j), values)
		return err
	})
	if err != nil {
		return nil, err
	}
	seen := map[uint64]bool{}
	for j := range columns {
		least := leastMissingShare * float64(n)
		missing := float64(columns[j].Scale.Missing)
		if missing >= least && float64(n)-missing >= least && !seen[patterns[j]] {
			seen[patterns[j]], columns[j].Indicator = true, true
		}
	}
	return columns, nil
}

func lessSkewed(name string, values []float64) (features.ColumnScale, error) {
	plain, err := features.ScalerConfig{Transform: features.NoTransform, Scale: features.Standard}.FitColumn(name, values)
	if err != nil || plain.Constant {
		return plain, err
	}
	logs, err := features.ScalerConfig{Transform: features.Log, Scale: features.Standard}.FitColumn(name, values)
	if err != nil || logs.Constant || math.Abs(skew(&logs, values)) >= math.Abs(skew(&plain, values)) {
		return plain, err
	}
	return logs, nil
}

// skew returns the mean cube of the scaled values: their skewness.
func skew(s *features.ColumnScale, values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		z := s.Value(v)
		sum += float64(float64(z*z) * z)
	}
	return sum / float64(len(values))
}
