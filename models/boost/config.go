package boost

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

const (
	maxBins   = 255 // a bin is a uint8 and one value of it means "missing"
	mostDepth = 512 // keeps the work of an explanation bounded
	mostNodes = 1 << 20
)

// Config holds the settings of a fit. Every field is used as it is, so start
// from [Default].
type Config struct {
	// Loss is the quantity that the trees minimise, and defines the meaning of
	// a score.
	Loss Loss
	// QuantileProb is the quantile to predict, in (0,1). Only [Quantile] reads it.
	QuantileProb float64

	// Trees is the number of rounds, ≥ 1. More trees fit closer; use Patience
	// to find how many.
	Trees int
	// LearningRate, in (0,1], shrinks every tree. Lower needs more trees.
	LearningRate float64
	// MaxLeaves per tree, ≥ 2.
	MaxLeaves int
	// MaxDepth of a leaf, in [1,512]; the root has depth 0.
	MaxDepth int
	// MinRows is the least number of rows in a leaf, ≥ 1.
	MinRows int
	// MinChildWeight is the least sum of hessians in a leaf, ≥ 0. With the
	// squared loss and no weights this is a number of rows.
	MinChildWeight float64
	// MinGain is what a split must gain more than, ≥ 0.
	MinGain float64
	// L1 and L2 pull leaf values towards 0, ≥ 0.
	L1, L2 float64
	// Bins per column, in [2,255], besides the one for missing values.
	Bins int

	// RowShare of the rows, in (0,1], is drawn anew for every tree.
	RowShare float64
	// ColumnShare of the columns, in (0,1], is drawn anew for every tree.
	ColumnShare float64
	// ClassWeights multiply the weights of the rows with target 0 and 1, both
	// > 0. Only [Logistic] reads them.
	ClassWeights [2]float64
	// Monotone is nil, or one of -1 (never rising), 0 (free) or +1 (never
	// falling) per column. Not for [Quantile].
	Monotone []int

	// Categorical is nil, or tells for each column whether its values are codes
	// of categories: whole numbers from 0 to 16777215 without an order. A split
	// then sends a set of categories left. Where a column has more than Bins
	// categories, the most frequent keep a bin each, and the rest count as
	// missing.
	Categorical []bool

	// ValidShare of the rows, in [0,1), is held out to choose the number of
	// trees. [Config.FitValidated] takes a set of the caller's instead.
	ValidShare float64
	// Patience is the number of rounds without a better validation loss after
	// which the fit stops and keeps the best round; 0 never stops.
	Patience int

	// Seed of the held-out rows, of row and column sampling, and of the rows
	// that bins are cut from where there are more than 200,000.
	Seed uint64
	// Workers is the number of goroutines, ≥ 1. It never changes a result.
	Workers int
}

// Default returns LightGBM's defaults: 100 trees of at most 31 leaves with at
// least 20 rows each, learning rate 0.1, no sampling, no regularisation, no
// early stopping; logistic loss.
func Default() Config {
	return Config{
		Loss:           Logistic,
		QuantileProb:   0.5,
		Trees:          100,
		LearningRate:   0.1,
		MaxLeaves:      31,
		MaxDepth:       64,
		MinRows:        20,
		MinChildWeight: 1e-3,
		Bins:           maxBins,
		RowShare:       1,
		ColumnShare:    1,
		ClassWeights:   [2]float64{1, 1},
		Seed:           1,
		Workers:        runtime.GOMAXPROCS(0),
	}
}

// Validate returns every fault of c, joined, each a *models.ConfigError; or nil.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	share := func(v float64) bool { return v > 0 && v <= 1 }
	atLeast0 := func(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

	check(c.Loss.known(), "loss", string(c.Loss), "logistic, squared, poisson or quantile")
	check(c.QuantileProb > 0 && c.QuantileProb < 1, "quantile_prob", c.QuantileProb, "a number in (0,1)")
	check(c.Trees >= 1, "trees", c.Trees, "an integer ≥ 1")
	check(share(c.LearningRate), "learning_rate", c.LearningRate, "a number in (0,1]")
	check(c.MaxLeaves >= 2 && c.MaxLeaves <= mostNodes/2, "max_leaves", c.MaxLeaves, fmt.Sprintf("an integer in [2,%d]", mostNodes/2))
	check(c.MaxDepth >= 1 && c.MaxDepth <= mostDepth, "max_depth", c.MaxDepth, fmt.Sprintf("an integer in [1,%d]", mostDepth))
	check(c.MinRows >= 1 && c.MinRows <= math.MaxInt32, "min_rows", c.MinRows, "an integer in [1,2147483647]")
	check(atLeast0(c.MinChildWeight), "min_child_weight", c.MinChildWeight, "a number ≥ 0")
	check(atLeast0(c.MinGain), "min_gain", c.MinGain, "a number ≥ 0")
	check(atLeast0(c.L1), "l1", c.L1, "a number ≥ 0")
	check(atLeast0(c.L2), "l2", c.L2, "a number ≥ 0")
	check(c.Bins >= 2 && c.Bins <= maxBins, "bins", c.Bins, "an integer in [2,255]")
	check(share(c.RowShare), "row_share", c.RowShare, "a number in (0,1]")
	check(share(c.ColumnShare), "column_share", c.ColumnShare, "a number in (0,1]")
	for _, w := range c.ClassWeights {
		check(w > 0 && !math.IsInf(w, 1), "class_weights", w, "a number > 0")
	}
	for j, m := range c.Monotone {
		check(m >= -1 && m <= 1, fmt.Sprintf("monotone[%d]", j), m, "-1, 0 or 1")
	}
	check(c.Loss != Quantile || !c.monotone(), "monotone", c.Monotone, "no constraint with the quantile loss")
	for j := range min(len(c.Monotone), len(c.Categorical)) {
		ok := c.Monotone[j] == 0 || !c.Categorical[j]
		check(ok, fmt.Sprintf("monotone[%d]", j), c.Monotone[j], "0 for categories, which have no order")
	}
	check(c.ValidShare >= 0 && c.ValidShare < 1, "valid_share", c.ValidShare, "a number in [0,1)")
	check(c.Patience >= 0, "patience", c.Patience, "an integer ≥ 0")
	check(c.Workers >= 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(faults...)
}

// monotone reports whether any column is constrained.
func (c Config) monotone() bool {
	for _, m := range c.Monotone {
		if m != 0 {
			return true
		}
	}
	return false
}
