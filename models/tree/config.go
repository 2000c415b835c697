package tree

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

// NoLimit switches a limit of [Config] off.
const NoLimit = math.MaxInt

// maxValueBins is the most bins a column can have beside the missing values:
// bin numbers are bytes, and the last byte means "missing".
const maxValueBins = 255

// Kind says how the numbers of a column are to be read.
type Kind uint8

const (
	// Numeric values are ordered and cut at a threshold.
	Numeric Kind = iota
	// Categorical values are codes 0, 1, 2, … below 2²⁴ without an order; the
	// column is cut into two sets of codes.
	Categorical
)

// Criterion measures how mixed the classes of a node are. Regression always
// uses the variance of the target.
type Criterion uint8

const (
	// Gini is 1 − Σ pₖ², the chance that two rows drawn from the node differ.
	Gini Criterion = iota
	// Entropy is −Σ pₖ log₂ pₖ, in bits.
	Entropy
)

// Config holds every setting of a fit. Start from [Default] or
// [DefaultSurrogate] and change what you need: zero is a value, not "unset".
type Config struct {
	// Kinds says how each column is read; nil means all Numeric.
	Kinds []Kind
	// Criterion of a classification tree; default Gini.
	Criterion Criterion

	// MaxDepth is the most questions between the root and a leaf, ≥ 0.
	MaxDepth int
	// MaxLeaves is the most leaves, ≥ 1. If it is not NoLimit, the tree grows
	// best split first, and stops at this many leaves.
	MaxLeaves int
	// MinLeafRows is the fewest rows in a leaf, ≥ 1.
	MinLeafRows int
	// MinLeafWeight is the least sum of weights in a leaf, ≥ 0.
	MinLeafWeight float64
	// MinGain is the least decrease of impurity, as a share of the whole
	// sample's weight, that a split must bring, ≥ 0. With 0, a split without a
	// gain is still taken, because a later split below may gain.
	MinGain float64

	// MaxBins is the most bins of a numeric column, in [2,255]. A column with
	// at most MaxBins distinct values is cut exactly. Any other column is cut
	// between bins of about equal weight, and the best cut is then moved to the
	// best place in the neighbouring bins. 0 means exact cuts between any two
	// values, at the price of a sort per node and column: some six times as
	// slow.
	MaxBins int

	// Folds of the cross-validation that chooses the pruning, ≥ 2; 0 prunes
	// by Alpha alone.
	Folds int
	// OneSE takes the smallest tree whose cross-validated error is within one
	// standard error of the least, instead of the tree of least error. Where the
	// chosen tree is a single leaf, or worse out of fold than the unpruned tree, a
	// larger tree is taken if its quadratic loss is lower by more than two
	// standard errors.
	OneSE bool
	// Alpha is the price of a leaf in units of impurity, ≥ 0, when Folds is 0.
	// 0 prunes nothing.
	Alpha float64
	// Seed draws the folds.
	Seed uint64

	// Workers is the most goroutines at work, ≥ 1. It never changes a result.
	Workers int
}

// Default returns the settings for a tree that predicts: 255 bins, at most ten
// questions deep, leaves of at least 20 rows, pruned by ten-fold
// cross-validation with the one-standard-error rule.
func Default() Config {
	return Config{
		MaxDepth:    10,
		MaxLeaves:   NoLimit,
		MinLeafRows: 20,
		MaxBins:     maxValueBins,
		Folds:       10,
		OneSE:       true,
		Seed:        1,
		Workers:     runtime.GOMAXPROCS(0),
	}
}

// DefaultSurrogate returns the settings for a small tree to explain the label
// of another model, such as a segment: at most four questions deep and sixteen
// leaves, grown best split first, not pruned. The fidelity of the explanation
// is Report.Accuracy.
func DefaultSurrogate() Config {
	c := Default()
	c.MaxDepth = 4
	c.MaxLeaves = 16
	c.Folds = 0
	c.OneSE = false
	return c
}

// Validate returns every fault of c as one error of *models.ConfigError, or nil.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	for j, k := range c.Kinds {
		check(k <= Categorical, fmt.Sprintf("kinds[%d]", j), k, "Numeric or Categorical")
	}
	check(c.Criterion <= Entropy, "criterion", c.Criterion, "Gini or Entropy")
	check(c.MaxDepth >= 0, "max_depth", c.MaxDepth, "an integer ≥ 0")
	check(c.MaxLeaves >= 1, "max_leaves", c.MaxLeaves, "an integer ≥ 1")
	check(c.MinLeafRows >= 1, "min_leaf_rows", c.MinLeafRows, "an integer ≥ 1")
	check(finite(c.MinLeafWeight) && c.MinLeafWeight >= 0, "min_leaf_weight", c.MinLeafWeight, "a number ≥ 0")
	check(finite(c.MinGain) && c.MinGain >= 0, "min_gain", c.MinGain, "a number ≥ 0")
	check(c.MaxBins == 0 || c.MaxBins >= 2 && c.MaxBins <= maxValueBins, "max_bins", c.MaxBins, "an integer in [2,255], or 0 for exact cuts")
	check(c.Folds == 0 || c.Folds >= 2, "folds", c.Folds, "an integer ≥ 2, or 0 for no cross-validation")
	check(finite(c.Alpha) && c.Alpha >= 0, "alpha", c.Alpha, "a number ≥ 0")
	check(c.Workers >= 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(faults...)
}

func finite(v float64) bool { return v-v == 0 }
