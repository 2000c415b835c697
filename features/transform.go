package features

import (
	"fmt"
	"math"
	"sort"
)

// Transform is applied to a column before it is scaled.
type Transform string

// The transforms.
const (
	NoTransform Transform = "none"
	Log         Transform = "log"  // natural logarithm; a column with a minimum ≤ 0 is shifted by 1 − minimum first
	Sqrt        Transform = "sqrt" // square root; a column with a negative minimum is shifted by −minimum first
)

// Scaling makes columns commensurate.
type Scaling string

// The scalings.
const (
	NoScaling Scaling = "none"
	Standard  Scaling = "standard" // (t − mean) / population standard deviation
	Robust    Scaling = "robust"   // (t − median) / interquartile range
	MinMax    Scaling = "minmax"   // (t − minimum) / (maximum − minimum)
)

// ScalerConfig says how columns are made fit for models.
type ScalerConfig struct {
	Transform Transform
	Scale     Scaling
}

// DefaultScaler returns logarithms, scaled robustly.
func DefaultScaler() ScalerConfig { return ScalerConfig{Transform: Log, Scale: Robust} }

// Validate returns every fault of the configuration.
func (c ScalerConfig) Validate() error {
	var f faults
	switch c.Transform {
	case NoTransform, Log, Sqrt:
	default:
		f.add("transform", string(c.Transform), `"none", "log" or "sqrt"`)
	}
	switch c.Scale {
	case NoScaling, Standard, Robust, MinMax:
	default:
		f.add("scale", string(c.Scale), `"none", "standard", "robust" or "minmax"`)
	}
	return f.join()
}

// ColumnScale is the fitted transform of one column:
//
//	(T(x + Shift) − Center) / Spread
//
// It is a value with a JSON form, to be applied to new data.
type ColumnScale struct {
	Name      string    `json:"name"`
	Transform Transform `json:"transform"`
	Shift     float64   `json:"shift"`
	Center    float64   `json:"center"` // in units of the transform
	Spread    float64   `json:"spread"` // likewise; > 0
	Fill      float64   `json:"fill"`   // in the place of missing values: the median of the others
	Min       float64   `json:"min"`    // smallest value seen

	Count    int  `json:"count"`    // values seen, missing ones included
	Missing  int  `json:"missing"`  // of these, missing ones
	Constant bool `json:"constant"` // all values are the same: the column is 0 throughout, or should be dropped
	Fallback bool `json:"fallback"` // the interquartile range is 0: Spread is the standard deviation instead
}

// FitColumn learns the transform of a column.
//
// Missing: NaN is replaced by the median of the present values before the
// transform, and counts with this value in mean, deviation and quantiles. A
// column of NaN alone is constant with the fill 0.
//
// Determinism: the order of the values does not matter; sums run over the
// sorted values in blocks of 4,096. Quantiles interpolate linearly between
// neighbours, at position q·(n − 1).
//
// Errors: the faults of c, and an infinite value. values is not modified.
//
// Cost: a radix sort, 16 bytes a value.
func (c ScalerConfig) FitColumn(name string, values []float64) (ColumnScale, error) {
	s := ColumnScale{Name: name, Transform: c.Transform, Spread: 1, Count: len(values)}
	if err := c.Validate(); err != nil {
		return s, err
	}
	sorted, err := sortedValues(name, values)
	if err != nil {
		return s, err
	}
	s.Missing = len(values) - len(sorted)
	if len(sorted) == 0 {
		s.Constant = true
		s.setShift()
		s.Center = s.transform(s.Fill)
		return s, nil
	}
	s.Fill, s.Min = quantile(sorted, 0.5), sorted[0]
	s.Constant = sorted[0] == sorted[len(sorted)-1]
	sorted = insertCopies(sorted, s.Fill, s.Missing)
	s.setShift()
	for i, v := range sorted {
		sorted[i] = s.transform(v)
	}
	if s.Constant {
		s.Center = sorted[0]
		return s, nil
	}
	s.scale(c.Scale, sorted)
	return s, nil
}

// setShift chooses the shift that lets the transform take the minimum.
func (s *ColumnScale) setShift() {
	switch {
	case s.Transform == Log && s.Min <= 0:
		s.Shift = 1 - s.Min
	case s.Transform == Sqrt && s.Min < 0:
		s.Shift = -s.Min
	}
}

// scale sets Center and Spread from the sorted, transformed values.
func (s *ColumnScale) scale(scale Scaling, t []float64) {
	switch scale {
	case Standard:
		s.Center, s.Spread = meanAndDeviation(t)
	case Robust:
		s.Center, s.Spread = quantile(t, 0.5), quantile(t, 0.75)-quantile(t, 0.25)
		if s.Spread <= 0 {
			s.Fallback = true
			_, s.Spread = meanAndDeviation(t)
		}
	case MinMax:
		s.Center, s.Spread = t[0], t[len(t)-1]-t[0]
	}
	if !(s.Spread > 0) { // the transform or the arithmetic has made the values one
		s.Spread, s.Constant = 1, true
	}
}

// transform applies shift and transform to a value within the range of both.
func (s *ColumnScale) transform(x float64) float64 {
	switch s.Transform {
	case Log:
		return math.Log(x + s.Shift)
	case Sqrt:
		return math.Sqrt(x + s.Shift)
	default:
		return x
	}
}

// clamped reports whether the transform cannot take x, which then counts as Min.
func (s *ColumnScale) clamped(x float64) bool {
	return s.Transform == Log && x+s.Shift <= 0 || s.Transform == Sqrt && x+s.Shift < 0
}

// Value returns the scaled value of x. NaN takes Fill; a value too far below
// all values of the fit for the transform counts as Min.
func (s *ColumnScale) Value(x float64) float64 {
	if math.IsNaN(x) {
		x = s.Fill
	}
	if s.clamped(x) {
		x = s.Min
	}
	return (s.transform(x) - s.Center) / s.Spread
}

// Applied counts the effects of a scale on the values.
type Applied struct {
	Filled  int `json:"filled"`  // missing values
	Clamped int `json:"clamped"` // values below those seen that the transform cannot take
}

// ApplyTo sets dst to the scaled values of src, rounded to float32.
func (s *ColumnScale) ApplyTo(dst []float32, src []float64) Applied {
	var a Applied
	for i, x := range src {
		switch {
		case math.IsNaN(x):
			a.Filled++
		case s.clamped(x):
			a.Clamped++
		}
		dst[i] = float32(s.Value(x))
	}
	return a
}

// sortedValues returns the values that are not NaN, sorted.
func sortedValues(name string, values []float64) ([]float64, error) {
	keys := make([]uint64, 0, len(values))
	for i, v := range values {
		if math.IsInf(v, 0) {
			return nil, fmt.Errorf("features: row %d, %q: got %v, want a finite number, or NaN for a missing one", i+1, name, v)
		}
		if !math.IsNaN(v) {
			keys = append(keys, sortKey(v, false))
		}
	}
	keys = sortKeys(keys, make([]uint64, len(keys)))
	out := make([]float64, len(keys), len(values))
	for i, k := range keys {
		out[i] = keyValue(k, false)
	}
	return out, nil
}

// insertCopies adds n copies of v to sorted, which stays sorted.
func insertCopies(sorted []float64, v float64, n int) []float64 {
	if n == 0 {
		return sorted
	}
	at := sort.SearchFloat64s(sorted, v)
	m := len(sorted)
	sorted = sorted[:m+n]
	copy(sorted[at+n:], sorted[at:m])
	for i := range n {
		sorted[at+i] = v
	}
	return sorted
}

// quantile interpolates between the two values around position q·(n − 1).
func quantile(sorted []float64, q float64) float64 {
	at := float64(q * float64(len(sorted)-1))
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	w := at - float64(i)
	if w == 0 {
		return sorted[i]
	}
	return float64((1-w)*sorted[i]) + float64(w*sorted[i+1])
}

// sumBlock is the length of the blocks that sums run over.
const sumBlock = 4096

// blockSum adds f(v) for all values, block by block.
func blockSum(values []float64, f func(v float64) float64) float64 {
	total := 0.0
	for len(values) > 0 {
		n := min(sumBlock, len(values))
		sum := 0.0
		for _, v := range values[:n] {
			sum += f(v)
		}
		total += sum
		values = values[n:]
	}
	return total
}

// meanAndDeviation returns the mean and the population standard deviation.
func meanAndDeviation(values []float64) (mean, sd float64) {
	n := float64(len(values))
	mean = blockSum(values, func(v float64) float64 { return v }) / n
	squares := blockSum(values, func(v float64) float64 { d := v - mean; return float64(d * d) })
	return mean, math.Sqrt(squares / n)
}
