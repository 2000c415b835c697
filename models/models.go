// Package models holds what every model family shares: the matrix they learn
// from, the errors they return, the warnings they report and the one way they
// split work so that results never depend on the number of workers.
//
// The families live below: cluster, tree, boost, linear, itemset, outlier,
// lifetime and metric. They know matrices and never customers, they do not
// import one another, and each passes the contract in modelcheck.
package models

import (
	"fmt"
	"math"
)

// Matrix is a table of n rows and d columns, held column by column.
//
// A value is a float32; NaN is "missing" for the families that say they admit
// missing values and an error for the others. A Matrix does not own its
// columns: whoever made them may not change them while a model reads them, and
// no model ever writes to them.
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

// CheckFinite returns a *ValueError for the first NaN or infinity of the
// matrix, in column order, or nil.
func (m Matrix) CheckFinite() error {
	return m.check(func(v float32) bool { return v-v != 0 }, "a finite number")
}

// CheckNotInfinite returns a *ValueError for the first infinity of the matrix,
// in column order, or nil. NaN passes: it is a missing value.
func (m Matrix) CheckNotInfinite() error {
	return m.check(func(v float32) bool { return math.IsInf(float64(v), 0) }, "a finite number, or NaN for a missing one")
}

func (m Matrix) check(bad func(float32) bool, want string) error {
	for j, col := range m.Cols {
		for i, v := range col {
			if bad(v) {
				return &ValueError{Row: i + 1, Column: j + 1, Name: m.Name(j), Got: float64(v), Want: want}
			}
		}
	}
	return nil
}

// Warning says that a result holds with a reservation. Codes are stable and
// listed in docs/warnings.md.
type Warning struct {
	Code    string `json:"code"`    // such as "not_converged"
	Message string `json:"message"` // one sentence with the numbers
	Count   int    `json:"count"`   // how often; 1 for a single event
}
