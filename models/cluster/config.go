package cluster

import (
	"errors"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

// Seeding is the way the first centres of a run are drawn.
type Seeding string

const (
	// PlusPlus draws centres in turn, a row with probability proportional to
	// its squared distance from the centres so far, the best of several draws
	// each time (greedy k-means++). O(n·d·k·log k).
	PlusPlus Seeding = "k-means++"
	// Parallel draws many rows in each of a few rounds and reduces them to k by
	// weighted greedy k-means++ (k-means‖). Fewer passes where K is large.
	Parallel Seeding = "k-means||"
)

// KMeansConfig holds the settings of k-means. Start from DefaultKMeans.
type KMeansConfig struct {
	K        int     // clusters, ≥ 1; default 8
	Restarts int     // independent runs that compete, ≥ 1; default 32
	MaxIter  int     // iterations of the final run, ≥ 1; default 300
	Tol      float64 // stop when Σ|shift of a centre|² ≤ Tol · mean variance of a column; ≥ 0; default 1e-6; 0 runs until no row changes cluster
	Seed     uint64  // of every random draw; default 1
	Workers  int     // goroutines, ≥ 1; default runtime.GOMAXPROCS(0); never changes a result

	Init Seeding // how the first centres are drawn; default PlusPlus

	// Start gives the first centres: K rows with a value for each column of x.
	// Restarts, Init and the sample are then unused, and cluster j of the model is
	// grown from Start[j]. Default nil: draw them.
	Start [][]float64

	// SampleRows is how many rows the restarts compete on, ≥ 1; larger data are
	// sampled, evenly and seeded, and only the finalists see every row. Default
	// 16,384, raised to 256·K where that is more.
	SampleRows int

	// Finalists is how many of the restarts, best first, are run to the end on
	// every row, ≥ 1; default 2. Unused where the sample holds every row.
	Finalists int

	// Swaps is how many times a run on the sample tries to move a centre to a row
	// drawn like a k-means++ centre, as a multiple of K; ≥ 0; default 1. A swap
	// that lowers the inertia is kept. Swaps mend a fault beyond Lloyd's
	// iterations: two centres in one group while two other groups share a centre.
	Swaps float64
}

// DefaultKMeans returns the default configuration.
func DefaultKMeans() KMeansConfig {
	return KMeansConfig{
		K:          8,
		Restarts:   32,
		MaxIter:    300,
		Tol:        1e-6,
		Seed:       1,
		Workers:    runtime.GOMAXPROCS(0),
		Init:       PlusPlus,
		SampleRows: 16384,
		Finalists:  2,
		Swaps:      1,
	}
}

// Validate returns every fault of c, each a *models.ConfigError, or nil.
func (c KMeansConfig) Validate() error {
	var faults []error
	check := func(good bool, field string, got any, want string) {
		if !good {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	check(c.K >= 1 && c.K <= math.MaxInt32, "k", c.K, "an integer ≥ 1")
	check(c.Restarts >= 1, "restarts", c.Restarts, "an integer ≥ 1")
	check(c.MaxIter >= 1, "max_iter", c.MaxIter, "an integer ≥ 1")
	check(c.Tol >= 0 && !math.IsInf(c.Tol, 1), "tol", c.Tol, "a number ≥ 0")
	check(c.Workers >= 1, "workers", c.Workers, "an integer ≥ 1")
	check(c.Init == PlusPlus || c.Init == Parallel, "init", string(c.Init), `"k-means++" or "k-means||"`)
	check(c.SampleRows >= 1, "sample_rows", c.SampleRows, "an integer ≥ 1")
	check(c.Finalists >= 1, "finalists", c.Finalists, "an integer ≥ 1")
	check(c.Swaps >= 0 && c.Swaps <= 1e6, "swaps", c.Swaps, "a number from 0 to 1e6")
	if c.Start != nil {
		check(len(c.Start) == c.K, "start", len(c.Start), "as many rows as k")
		for i, row := range c.Start {
			good := true
			for _, v := range row {
				good = good && v-v == 0 && math.Abs(v) <= math.MaxFloat32
			}
			check(good, "start", i+1, "rows of finite numbers within the range of float32; this is the row at fault")
			check(len(row) == len(c.Start[0]), "start", len(row), "equally many values in each row")
		}
	}
	return errors.Join(faults...)
}
