package tree

import (
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// LeafTo sets dst[i] to the number of the leaf that row i falls into. Leaves
// are numbered from 0, from left to right, as in [Tree.Rules].
//
// Shape: dst has one entry per row of x; x has the columns of the fit, in the same
// order, and is not modified.
//
// Missing: NaN goes to the learned side where values were missing in the node,
// elsewhere to the child with more weight; so does a category unseen by the node.
//
// Errors: *models.ShapeError, or *models.ValueError for an infinity or a
// number that is no category code. dst is then untouched.
//
// Cost: O(rows · depth) time after one look at every value, no allocation. Columns
// that are not among [Tree.Asked] do not matter to the result.
func (t *Tree) LeafTo(dst []int32, x models.Matrix) error {
	if err := t.check(x, len(dst), 1); err != nil {
		return err
	}
	var r router
	for from := 0; from < len(dst); from += routeRows {
		for i, leaf := range r.route(t, x.Cols, from, len(dst)) {
			dst[from+i] = int32(leaf)
		}
	}
	return nil
}

// PredictClassTo sets dst[i] to the class of row i: the heaviest class of its
// leaf, the lowest among equals. A regression tree is an error; everything else
// is as for [Tree.LeafTo].
func (t *Tree) PredictClassTo(dst []int32, x models.Matrix) error {
	if t.classes == 0 {
		return errNoClasses
	}
	if err := t.check(x, len(dst), 1); err != nil {
		return err
	}
	var r router
	for from := 0; from < len(dst); from += routeRows {
		for i, leaf := range r.route(t, x.Cols, from, len(dst)) {
			dst[from+i] = t.label[leaf]
		}
	}
	return nil
}

// PredictProbTo sets dst[i·K+k] to the share of class k among the weight of row
// i's leaf, K being Classes(): in [0,1], summing to 1. It is an error for a
// regression tree; everything else is as for [Tree.LeafTo].
func (t *Tree) PredictProbTo(dst []float64, x models.Matrix) error {
	if t.classes == 0 {
		return errNoClasses
	}
	if err := t.check(x, len(dst), t.classes); err != nil {
		return err
	}
	var r router
	k := t.classes
	rows := len(dst) / k
	for from := 0; from < rows; from += routeRows {
		for i, leaf := range r.route(t, x.Cols, from, rows) {
			copy(dst[(from+i)*k:][:k], t.prob[int(leaf)*k:])
		}
	}
	return nil
}

// PredictTo sets dst[i] to the mean target of row i's leaf. It is an error for
// a classification tree; everything else is as for [Tree.LeafTo].
func (t *Tree) PredictTo(dst []float64, x models.Matrix) error {
	if t.classes > 0 {
		return errNoValues
	}
	if err := t.check(x, len(dst), 1); err != nil {
		return err
	}
	var r router
	for from := 0; from < len(dst); from += routeRows {
		for i, leaf := range r.route(t, x.Cols, from, len(dst)) {
			dst[from+i] = t.mean[leaf]
		}
	}
	return nil
}

var (
	errNoClasses = fmt.Errorf("tree: a regression tree has no classes; use PredictTo")
	errNoValues  = fmt.Errorf("tree: a classification tree predicts no values; use PredictClassTo or PredictProbTo")
)

// check refuses inputs unfit for t: x must have its columns, and dst width
// numbers a row.
func (t *Tree) check(x models.Matrix, dst, width int) error {
	if len(x.Cols) != len(t.columns) {
		return &models.ShapeError{What: "columns", Got: len(x.Cols), Want: len(t.columns)}
	}
	if err := x.Validate(); err != nil {
		return err
	}
	n, _ := x.Dims()
	if dst != n*width {
		return &models.ShapeError{What: "predictions", Got: dst, Want: n * width}
	}
	for j, col := range x.Cols {
		c := column{kind: t.columns[j].kind, values: col}
		if c.admits() {
			continue
		}
		for row := range col {
			if err := c.checkValue(x, j, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// admits reports whether every value fits the kind of the column.
func (c *column) admits() bool {
	if c.kind == Categorical {
		for _, v := range c.values {
			if v == v && !isCategory(v) {
				return false
			}
		}
		return true
	}
	return !models.HasInfinity(c.values)
}
