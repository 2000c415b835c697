package outlier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

// ForestConfig holds the settings of an isolation forest. Start from
// [DefaultForest].
type ForestConfig struct {
	Trees   int    // 1 to 10,000; more give steadier scores
	Sample  int    // rows per tree, 2 to 2²⁴, or all if there are fewer; more blur outliers that lie together
	Seed    uint64 // of the sampling and the splits
	Workers int    // ≥ 1; never changes a result
}

// DefaultForest returns the settings of the authors: 100 trees of 256 rows.
func DefaultForest() ForestConfig {
	return ForestConfig{Trees: 100, Sample: 256, Seed: 1, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c ForestConfig) Validate() error {
	var faults []error
	wrong := func(bad bool, field string, got any, want string) {
		if bad {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	wrong(c.Trees < 1 || c.Trees > 10_000, "trees", c.Trees, "an integer from 1 to 10000")
	wrong(c.Sample < 2 || c.Sample > 1<<24, "sample", c.Sample, "an integer from 2 to 16777216")
	wrong(c.Workers < 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(faults...)
}

// Forest is a fitted isolation forest. A Forest is immutable and safe for
// concurrent use; only [ForestConfig.Fit] and reading its JSON make one.
type Forest struct {
	names  []string
	sample int // rows per tree
	trees  []tree
}

// Fit grows trees that cut random columns at random places until every row of
// a small sample is alone. Rows that depart from the rest are alone after few
// cuts (Liu, Ting and Zhou [1]).
//
// Each tree has a sample of its own, drawn without replacement. A cut falls
// uniformly between the least and the greatest value of a column drawn among
// those that still vary; after ⌈log₂ Sample⌉ cuts a tree goes no deeper.
//
// Shape: x is n×d, n, d ≥ 1. x is not modified.
//
// Units: columns may have any units, since only order within the range
// matters; but a skewed column is mostly cut in its empty tail, so take
// logarithms of money.
//
// Missing: a NaN or ±Inf is an error. Constant columns are never cut and have
// no effect. Without a column that varies all rows score alike.
//
// Determinism: the result depends on c (but for Workers) and x. The order of
// the rows matters, because samples are drawn by row number.
//
// Errors: *models.ConfigError, *models.ValueError; an error without rows or
// columns; ctx.Err() if cancelled.
//
// Cost: O(Trees · Sample · log Sample) time beyond one look at x, 24 bytes per
// node, at most 2·Sample nodes per tree.
//
// [1] F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008, pp.
// 413–422, doi:10.1109/ICDM.2008.17.
func (c ForestConfig) Fit(ctx context.Context, x models.Matrix) (*Forest, Report, error) {
	if err := errors.Join(c.Validate(), x.Validate()); err != nil {
		return nil, Report{}, err
	}
	n, d := x.Dims()
	if n == 0 || d == 0 {
		return nil, Report{}, fmt.Errorf("outlier: got %d rows and %d columns, want at least one of each", n, d)
	}
	if err := ctx.Err(); err != nil {
		return nil, Report{}, err
	}
	if err := x.CheckFinite(); err != nil {
		return nil, Report{}, err
	}
	f := &Forest{sample: min(c.Sample, n), trees: make([]tree, c.Trees)}
	for j := range d {
		f.names = append(f.names, x.Name(j))
	}
	err := models.Parallel(ctx, c.Workers, c.Trees, func(t int) error {
		g := grower{x: x, rng: rand.New(rand.NewPCG(c.Seed, uint64(t))), limit: bits.Len(uint(f.sample - 1))}
		g.grow(g.extend(1), 0, g.draw(n, f.sample))
		f.trees[t] = g.tree
		return nil
	})
	if err != nil {
		return nil, Report{}, err
	}
	r := Report{Converged: true, Iterations: c.Trees, Rows: n, Warnings: constantColumns(x)}
	if n < c.Sample {
		r.Warnings = append(r.Warnings, models.Warning{
			Code:    "few_rows",
			Message: fmt.Sprintf("got %d rows, fewer than the sample of %d: every tree sees all rows", n, c.Sample),
			Count:   1,
		})
	}
	return f, r, nil
}

// constantColumns warns of columns that hold one value only.
func constantColumns(x models.Matrix) []models.Warning {
	count, first := 0, ""
	for j, col := range x.Cols {
		varies := false
		for _, v := range col {
			if v != col[0] {
				varies = true
				break
			}
		}
		if !varies {
			if count++; count == 1 {
				first = x.Name(j)
			}
		}
	}
	if count == 0 {
		return nil
	}
	return []models.Warning{{
		Code:    "constant_column",
		Message: fmt.Sprintf("%d of %d columns hold one value only and have no effect, the first being %q", count, len(x.Cols), first),
		Count:   count,
	}}
}

// ScoreTo sets dst[i] to how far row i departs from the rows that were learned,
// in (0,1]: well above ½ departs, about ½ or less is ordinary.
//
//	s = 2^(−h̄/c(ψ)),  c(ψ) = 2 H(ψ−1) − 2(ψ−1)/ψ
//
// h̄ is the mean number of cuts that isolate the row, c(ψ) the mean number in a
// random search tree of ψ = Sample rows. A leaf of m > 1 rows counts c(m) more.
// All rows score ½ where the forest learned a single row.
//
// Shape: x has the learned columns, in the same order; dst one entry per row. x
// is not modified. To share the rows among workers, slice both.
//
// Errors: *models.ShapeError; *models.ValueError for the first NaN or ±Inf. dst
// is then unspecified.
//
// Cost: O(n · Trees · log Sample) time; no allocation up to 8,192 columns, one
// row of memory beyond.
func (f *Forest) ScoreTo(dst []float64, x models.Matrix) error {
	if err := x.Validate(); err != nil {
		return err
	}
	n, d := x.Dims()
	if d != len(f.names) {
		return &models.ShapeError{What: "columns", Got: d, Want: len(f.names)}
	}
	if len(dst) != n {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n}
	}
	if err := x.CheckFinite(); err != nil {
		return err
	}
	var room [8192]float32 // rows that stay in the nearest cache for all trees
	block := room[:]
	if d > len(block) {
		block = make([]float32, d)
	}
	step := len(block) / d
	for from := 0; from < n; from += step {
		to := min(n, from+step)
		transpose(block, x, from, to)
		f.scoreRows(dst[from:to], block, d)
	}
	return nil
}

// transpose fills block with the rows from from to to (excluded) of x, row
// after row.
func transpose(block []float32, x models.Matrix, from, to int) {
	d := len(x.Cols)
	for j, col := range x.Cols {
		for i, v := range col[from:to] {
			block[i*d+j] = v
		}
	}
}

// scoreRows scores rows of d values each.
func (f *Forest) scoreRows(dst []float64, rows []float32, d int) {
	clear(dst)
	for t := range f.trees {
		f.trees[t].addPaths(dst, rows, d)
	}
	usual := averagePath(f.sample)
	for i, sum := range dst {
		dst[i] = score(sum/float64(len(f.trees)), usual)
	}
}

func score(path, usual float64) float64 {
	if usual == 0 {
		return 0.5
	}
	return math.Exp2(-path / usual)
}

// averagePath returns the mean depth of an unsuccessful search in a random
// binary search tree of n rows.
func averagePath(n int) float64 {
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	m := float64(n - 1)
	return float64(2*(math.Log(m)+eulerGamma)) - float64(2*m)/float64(n)
}

const eulerGamma = 0.57721566490153286060651209008240243104215933593992
