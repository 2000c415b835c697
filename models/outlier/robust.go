package outlier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

const (
	// madToSD makes the median absolute deviation of a normal distribution its
	// standard deviation: 1/Φ⁻¹(¾).
	madToSD = 1.4826022185056018
	// meanToSD does the same for the mean absolute deviation: √(π/2).
	meanToSD = 1.2533141373155003
)

// RobustConfig holds the settings of robust z-scores. Start from
// [DefaultRobust].
type RobustConfig struct {
	Workers int // ≥ 1; never changes a result
}

// DefaultRobust returns all processors.
func DefaultRobust() RobustConfig { return RobustConfig{Workers: runtime.GOMAXPROCS(0)} }

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c RobustConfig) Validate() error {
	if c.Workers < 1 {
		return &models.ConfigError{Field: "workers", Got: c.Workers, Want: "an integer ≥ 1"}
	}
	return nil
}

// Column is the yardstick of one column.
type Column struct {
	Name   string  `json:"name"`
	Median float64 `json:"median"`
	Scale  float64 `json:"scale"` // a standard deviation, were the column normal; 0 if there is none
}

// RobustZ measures values in robust standard deviations from the median. A
// RobustZ is immutable and safe for concurrent use; only [RobustConfig.Fit] and
// reading its JSON make one.
type RobustZ struct{ columns []Column }

// Fit measures the median and the spread of each column, in a way that up to
// half of the rows cannot spoil [1]:
//
//	Scale = 1.4826 · medianᵢ |xᵢ − median|
//
// Where more than half of the values are equal, that is 0: the scale is then
// 1.2533 times the mean absolute deviation, with the warning "mad_zero".
//
// Shape: x is n×d, n, d ≥ 1. x is not modified.
//
// Missing: NaN is a missing value and left out; ±Inf is an error. A column of
// one value, or of none, has the scale 0, with the warning "constant_column" or
// "empty_column".
//
// Determinism: the result depends on the values only, but for the mean absolute
// deviation also, in the last bits, on the order of the rows.
//
// Errors: *models.ConfigError, *models.ValueError; an error without rows or
// columns; ctx.Err() if cancelled.
//
// Cost: O(n·d) time in some ten passes; 512 KiB per worker.
//
// [1] B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", ASQC, 1993.
func (c RobustConfig) Fit(ctx context.Context, x models.Matrix) (*RobustZ, Report, error) {
	if err := errors.Join(c.Validate(), x.Validate()); err != nil {
		return nil, Report{}, err
	}
	n, d := x.Dims()
	if n == 0 || d == 0 {
		return nil, Report{}, fmt.Errorf("outlier: got %d rows and %d columns, want at least one of each", n, d)
	}
	if err := x.CheckNotInfinite(); err != nil {
		return nil, Report{}, err
	}
	m := &RobustZ{columns: make([]Column, d)}
	codes := make([]string, d)
	err := models.Parallel(ctx, c.Workers, d, func(j int) error {
		col, code, err := measure(ctx, x.Cols[j])
		col.Name = x.Name(j)
		m.columns[j], codes[j] = col, code
		return err
	})
	if err != nil {
		return nil, Report{}, err
	}
	return m, Report{Converged: true, Iterations: d, Rows: n, Warnings: m.warnings(codes)}, nil
}

// measure returns the yardstick of a column and the code of its warning, or "".
func measure(ctx context.Context, values []float32) (Column, string, error) {
	median, err := (&sample{values: values}).median(ctx)
	if err != nil {
		return Column{}, "", err
	}
	if math.IsNaN(median) {
		return Column{}, "empty_column", nil
	}
	mad, err := (&sample{values: values, distance: true, centre: median}).median(ctx)
	if err != nil {
		return Column{}, "", err
	}
	if mad > 0 {
		return Column{Median: median, Scale: madToSD * mad}, "", nil
	}
	sum, count := 0.0, 0
	for _, v := range values {
		if v == v {
			sum += math.Abs(float64(v) - median)
			count++
		}
	}
	if sum == 0 {
		return Column{Median: median}, "constant_column", nil
	}
	return Column{Median: median, Scale: meanToSD * (sum / float64(count))}, "mad_zero", nil
}

// warnings tells of the columns with a code, a warning per code.
func (m *RobustZ) warnings(codes []string) []models.Warning {
	var all []models.Warning
	for _, w := range []struct{ code, what string }{
		{"constant_column", "hold one value only: their z is 0"},
		{"empty_column", "hold no value: their z is 0"},
		{"mad_zero", "hold one value in more than half of the rows: their scale is from the mean absolute deviation"},
	} {
		count, first := 0, ""
		for j, code := range codes {
			if code == w.code {
				if count++; count == 1 {
					first = m.columns[j].Name
				}
			}
		}
		if count > 0 {
			all = append(all, models.Warning{
				Code:    w.code,
				Message: fmt.Sprintf("%d of %d columns %s, the first being %q", count, len(codes), w.what, first),
				Count:   count,
			})
		}
	}
	return all
}

// Columns returns the yardsticks in the order of the columns.
func (m *RobustZ) Columns() []Column { return append([]Column(nil), m.columns...) }

// ScoreTo sets the robust z-score of every value:
//
//	z = (x − Median) / Scale
//
// By custom a value departs where |z| > 3.5.
//
// Shape: x has the learned columns, in the same order; dst n×d entries, row
// after row. x is not modified.
//
// Missing: a NaN scores 0, as an unknown value is not unusual; so does every
// value of a column with Scale 0, even a new value, since no yardstick exists.
// The data and Columns show both cases.
//
// Errors: *models.ShapeError; *models.ValueError for the first ±Inf. dst is
// then unspecified.
//
// Cost: O(n·d) time, no allocation.
func (m *RobustZ) ScoreTo(dst []float64, x models.Matrix) error {
	if err := x.Validate(); err != nil {
		return err
	}
	n, d := x.Dims()
	if d != len(m.columns) {
		return &models.ShapeError{What: "columns", Got: d, Want: len(m.columns)}
	}
	if len(dst) != n*d {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n * d}
	}
	if err := x.CheckNotInfinite(); err != nil {
		return err
	}
	for j, c := range m.columns {
		for i, v := range x.Cols[j] {
			z := 0.0
			if c.Scale > 0 && v == v {
				z = (float64(v) - c.Median) / c.Scale
			}
			dst[i*d+j] = z
		}
	}
	return nil
}

type robustJSON struct {
	Model   string   `json:"model"`
	Version int      `json:"version"`
	Columns []Column `json:"columns"`
}

// MarshalJSON writes the yardsticks; they load to the same bits.
func (m *RobustZ) MarshalJSON() ([]byte, error) {
	return json.Marshal(robustJSON{"robust_z", jsonVersion, m.columns})
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *RobustZ) UnmarshalJSON(b []byte) error {
	var in robustJSON
	if err := decode(b, &in); err != nil {
		return fmt.Errorf("outlier: reading robust z-scores: %w", err)
	}
	if in.Model != "robust_z" || in.Version != jsonVersion || len(in.Columns) == 0 {
		return fmt.Errorf("outlier: reading robust z-scores: got model %q, version %d, %d columns, want \"robust_z\", version %d, some columns",
			in.Model, in.Version, len(in.Columns), jsonVersion)
	}
	for _, c := range in.Columns {
		if c.Scale < 0 {
			return fmt.Errorf("outlier: reading robust z-scores: column %q: got scale %v, want a number ≥ 0", c.Name, c.Scale)
		}
	}
	*m = RobustZ{in.Columns}
	return nil
}
