// Package models holds the parts shared by every model family: the matrix to
// learn from, the errors, the warnings, and the only way to split work, so that
// results never depend on the number of workers.
//
// The families are packages below this one, such as cluster, tree and linear. A
// family knows matrices and never customers, does not import another family,
// and passes the contract in modelcheck.
package models

import (
	"fmt"
	"math"
	"slices"
)

// Matrix is a table of n rows and d columns, held column by column.
//
// A value is a float32; NaN means "missing" for the families that admit missing
// values, and is an error for the rest. A Matrix does not own its columns: the
// caller may not change a column while a model reads the matrix, and no model
// ever writes to a column.
type Matrix struct {
	Names []string    // one name per column, or nil
	Cols  [][]float32 // d columns of n values each
}

// Dims returns the number of rows and columns. A matrix without columns has no
// rows.
func (m Matrix) Dims() (rows, cols int) {
	if len(m.Cols) == 0 {
		return 0, 0
	}
	return len(m.Cols[0]), len(m.Cols)
}

// Name returns the name of column j, or "column j+1" where none was given.
func (m Matrix) Name(j int) string {
	if j < len(m.Names) {
		return m.Names[j]
	}
	return fmt.Sprintf("column %d", j+1)
}

// Slice returns rows from to to (excluded) as a view that shares the columns.
func (m Matrix) Slice(from, to int) Matrix {
	cols := make([][]float32, len(m.Cols))
	for j, col := range m.Cols {
		cols[j] = col[from:to]
	}
	return Matrix{Names: m.Names, Cols: cols}
}

// Validate checks the shape: equally long columns, and a name for each column
// or none at all.
func (m Matrix) Validate() error {
	n, d := m.Dims()
	for j, col := range m.Cols {
		if len(col) != n {
			return fmt.Errorf("models: column %d (%q): got %d rows, want %d as in column 1", j+1, m.Name(j), len(col), n)
		}
	}
	if m.Names != nil && len(m.Names) != d {
		return fmt.Errorf("models: got %d column names, want %d", len(m.Names), d)
	}
	return nil
}

// infinity is the bits of +Inf. Without the sign, only the bits of a NaN are
// higher.
const infinity = 0x7f800000

// CheckFinite returns a *ValueError for the first NaN or infinity of the
// matrix, in column order, or nil.
func (m Matrix) CheckFinite() error {
	return m.check("a finite number", func(col []float32) int {
		worst := uint32(0)
		for _, v := range col {
			worst = max(worst, math.Float32bits(v)&^(1<<31))
		}
		if worst < infinity {
			return -1
		}
		return slices.IndexFunc(col, func(v float32) bool { return v-v != 0 })
	})
}

// CheckNotInfinite returns a *ValueError for the first infinity of the matrix,
// in column order, or nil. NaN passes as a missing value.
func (m Matrix) CheckNotInfinite() error {
	return m.check("a finite number, or NaN for a missing one", func(col []float32) int {
		if !HasInfinity(col) {
			return -1
		}
		return slices.IndexFunc(col, func(v float32) bool { return math.IsInf(float64(v), 0) })
	})
}

// check returns an error for the first value found by find in a column; find
// returns −1 for none.
func (m Matrix) check(want string, find func(col []float32) int) error {
	for j, col := range m.Cols {
		if i := find(col); i >= 0 {
			return &ValueError{Row: i + 1, Column: j + 1, Name: m.Name(j), Got: float64(col[i]), Want: want}
		}
	}
	return nil
}

// HasInfinity reports whether any of the values is infinite. The loop reads all
// values without a branch, in a fraction of the time of a search.
func HasInfinity(values []float32) bool {
	found := uint32(0)
	for _, v := range values {
		if b := math.Float32bits(v) &^ (1 << 31); b == infinity {
			found = b
		}
	}
	return found != 0
}

// Warning is a reservation about a result. Codes are stable and listed in
// docs/warnings.md.
type Warning struct {
	Code    string `json:"code"`    // such as "not_converged"
	Message string `json:"message"` // one sentence with the numbers
	Count   int    `json:"count"`   // how often; 1 for a single event
}
