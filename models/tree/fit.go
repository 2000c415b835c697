package tree

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// maxClasses is the most classes a target may have.
const maxClasses = 1 << 16

// Report says how a fit went.
type Report struct {
	Rows   int `json:"rows"`   // present, that is of positive weight; ≥ 1
	Depth  int `json:"depth"`  // of the tree; ≥ 0
	Leaves int `json:"leaves"` // of the tree; ≥ 1
	Grown  int `json:"grown"`  // leaves before pruning; ≥ Leaves

	// Score on the rows of the fit, and therefore a flattering score: the share
	// of weight put into the right class, in [0,1], or R², ≤ 1. For a
	// surrogate, Accuracy is the fidelity of the explanation.
	Score float64 `json:"score"`

	// Alpha is the price of a leaf at which the tree was pruned, ≥ 0.
	Alpha float64 `json:"alpha"`
	// CV has a row for each size that the tree could be pruned to, largest
	// first; nil if there was no cross-validation.
	CV []CVRow `json:"cv,omitempty"`
	// Chosen is the row of CV that the tree was pruned to.
	Chosen int `json:"chosen"`

	// Warnings have the codes single_class, constant_target, constant_column,
	// no_split, categories_pooled and too_few_rows.
	Warnings []models.Warning `json:"warnings,omitempty"`
}

// FitClasses grows a tree that tells classes apart.
//
// Each node takes the question with the least weighted impurity in the two
// children, until a limit of c is met or a node is pure; then the tree is pruned
// (see Config.Folds). No choice is ever undone, so the tree is good but seldom
// the best of its size.
//
// Shape: x is n×d. y holds n class numbers in [0,classes); classes that do not
// occur are allowed. w holds n weights ≥ 0, or is nil for "all 1"; a row of
// weight 0 counts as absent. Nothing is modified, and nothing is kept but names.
//
// Missing: a NaN in x is a missing value; see [Tree.LeafTo].
//
// Determinism: the result depends on x, y, w and c without Workers. Among equal
// splits, the lowest column is taken, then the lowest threshold. The order of
// rows matters for the folds of the cross-validation and, where there are
// weights, for the last bits of sums.
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError for an
// infinity in x or a bad class or weight of a present row, ctx.Err() if
// cancelled. One row, one class or constant columns are no error: the tree is a
// single leaf and the report has a warning.
//
// Cost: with bins, O(n·d) to cut the columns and O(n·d) for each level of the
// tree, where the smaller child of each node is counted and the larger child
// computed by subtraction; n·(d+12) bytes. Exact columns cost O(n log n) a level
// instead and no memory of their own. Cross-validation multiplies the growing,
// not the cutting, by Folds + 1.
func (c Config) FitClasses(ctx context.Context, x models.Matrix, y []int32, classes int, w []float64) (*Tree, Report, error) {
	if classes < 1 || classes > maxClasses {
		return nil, Report{}, &models.ConfigError{Field: "classes", Got: classes, Want: fmt.Sprintf("an integer in [1,%d]", maxClasses)}
	}
	return c.fit(ctx, x, target{classes: classes, class: y}, w)
}

// FitValues grows a tree that predicts values: each node takes the question
// with the least sum of squared deviations from the means of the two children.
//
// y holds n finite values, in any unit; the tree predicts in the same unit.
// Everything else is as for [Config.FitClasses], except that sums of y are
// rounded, so the order of rows may matter for the last bits.
func (c Config) FitValues(ctx context.Context, x models.Matrix, y, w []float64) (*Tree, Report, error) {
	return c.fit(ctx, x, target{value: y}, w)
}

func (c Config) fit(ctx context.Context, x models.Matrix, y target, w []float64) (*Tree, Report, error) {
	if err := c.Validate(); err != nil {
		return nil, Report{}, err
	}
	s, err := newSample(ctx, c, x, y, w)
	if err != nil {
		return nil, Report{}, err
	}
	root, err := grow(ctx, &c, s, c.Workers)
	if err != nil {
		return nil, Report{}, err
	}
	full := newTree(root, s, &c, x.Names)
	r := Report{Rows: len(s.rows), Grown: full.Leaves(), Alpha: c.Alpha}
	r.warn(x, s, full)
	if c.Folds > 0 {
		r.Alpha = 0
		switch {
		case len(s.rows) < 2*c.Folds:
			r.add("too_few_rows", 1, "%d rows are too few for %d folds: the tree was not pruned", len(s.rows), c.Folds)
		case full.Leaves() > 1:
			var quadratic [][]float64
			if r.CV, quadratic, err = crossValidate(ctx, &c, s, full); err != nil {
				return nil, Report{}, err
			}
			r.Chosen = choose(r.CV, quadratic, c.OneSE)
			r.Alpha = r.CV[r.Chosen].Alpha
		}
	}
	t := full
	if r.Alpha > 0 || r.CV != nil {
		t = full.Pruned(r.Alpha)
	}
	r.Depth, r.Leaves, r.Score = t.Depth(), t.Leaves(), t.score()
	return t, r, nil
}

func (r *Report) add(code string, count int, format string, args ...any) {
	r.Warnings = append(r.Warnings, models.Warning{Code: code, Message: fmt.Sprintf(format, args...), Count: count})
}

// warn adds the warnings about a tree that could not be grown, or is less than
// it seems.
func (r *Report) warn(x models.Matrix, s *sample, t *Tree) {
	root := &t.nodes[0]
	switch {
	case root.impurity == 0 && s.classes > 0:
		r.add("single_class", 1, "all %d rows have class %d: the tree is a single leaf", len(s.rows), root.label)
	case root.impurity == 0:
		r.add("constant_target", 1, "all %d rows have the target %g: the tree is a single leaf", len(s.rows), root.mean)
	case t.Leaves() == 1:
		r.add("no_split", 1, "no question about the %d columns divides the %d rows within the limits: the tree is a single leaf", len(s.columns), len(s.rows))
	}
	constant := 0
	for j := range s.columns {
		c := &s.columns[j]
		if c.constant {
			constant++
		}
		if c.pooled > 0 {
			r.add("categories_pooled", c.pooled, "column %q has %d categories: the %d of least weight are treated as one", x.Name(j), len(c.listed)+c.pooled, c.pooled)
		}
	}
	if constant > 0 {
		r.add("constant_column", constant, "%d of %d columns hold a single value and can tell nothing apart", constant, len(s.columns))
	}
}
