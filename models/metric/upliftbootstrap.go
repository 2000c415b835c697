package metric

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Bootstrap is how an interval is drawn from resampled rows. Start from
// [DefaultBootstrap].
type Bootstrap struct {
	Resamples int     // ≥ 1
	Level     float64 // in (0,1): the share of resamples between the bounds
	Seed      uint64
	Workers   int // ≥ 1; never changes a result
}

// DefaultBootstrap returns 500 resamples, level 0.95, seed 1 and one worker.
func DefaultBootstrap() Bootstrap { return Bootstrap{Resamples: 500, Level: 0.95, Seed: 1, Workers: 1} }

// UpliftInterval holds the bounds of the uplift scores of a ranking, as
// percentiles of the resamples. NaN where fewer than half of them define a score.
type UpliftInterval struct {
	QiniLow, QiniHigh float64
	AUUCLow, AUUCHigh float64
	// BaseLow and BaseHigh bound the uplift of everyone: the mean outcome of the
	// treated less that of the controls.
	BaseLow, BaseHigh float64
}

// UpliftBootstrap returns percentile intervals of [QiniAUC] and [AUUC] under
// [DistinctThresholds], from resamples of the rows with replacement. An interval
// of the Qini coefficient that holds 0 means that the ranking shows no
// difference between customers, whatever the estimate says.
//
// Shape: outcomes must be 0 or 1. Nothing is modified.
//
// Determinism: the result depends on the rows, Resamples, Level and Seed; the
// order of the rows does not matter, because rows of equal prediction are
// ordered by arm and outcome before resampling.
//
// Errors: as for [QiniAUC]; *models.ConfigError; ctx.Err().
//
// Cost: O(n) time a resample, 32 bytes per row and 4 more for each worker.
func UpliftBootstrap(ctx context.Context, t Trial, b Bootstrap) (UpliftInterval, error) {
	if err := b.validate(); err != nil {
		return UpliftInterval{}, err
	}
	if err := t.validate(); err != nil {
		return UpliftInterval{}, err
	}
	if err := zeroOne(t.Outcome, "outcome", len(t.Uplift)); err != nil {
		return UpliftInterval{}, err
	}
	cells := t.cells()
	qini, auuc, base := make([]float64, b.Resamples), make([]float64, b.Resamples), make([]float64, b.Resamples)
	err := models.Parallel(ctx, b.Workers, b.Resamples, func(r int) error {
		rng := rand.New(rand.NewPCG(b.Seed, uint64(r)))
		times := make([]uint32, len(cells))
		for range cells {
			times[rng.IntN(len(cells))]++
		}
		qini[r], auuc[r], base[r] = upliftScores(cells, times)
		return nil
	})
	if err != nil {
		return UpliftInterval{}, err
	}
	var out UpliftInterval
	out.QiniLow, out.QiniHigh = percentiles(qini, b.Level)
	out.AUUCLow, out.AUUCHigh = percentiles(auuc, b.Level)
	out.BaseLow, out.BaseHigh = percentiles(base, b.Level)
	return out, nil
}

func (b Bootstrap) validate() error {
	if b.Resamples < 1 {
		return &models.ConfigError{Field: "resamples", Got: b.Resamples, Want: "an integer ≥ 1"}
	}
	if !(b.Level > 0 && b.Level < 1) {
		return &models.ConfigError{Field: "level", Got: b.Level, Want: "a share in (0,1)"}
	}
	if b.Workers < 1 {
		return &models.ConfigError{Field: "workers", Got: b.Workers, Want: "an integer ≥ 1"}
	}
	return nil
}

// cell is a ranked row: its arm, its response, and whether the next row has
// another prediction.
type cell struct{ treated, responded, last bool }

// cells returns the rows from the highest prediction to the lowest, those of
// equal prediction by arm and outcome.
func (t Trial) cells() []cell {
	order := descending(t.Uplift)
	cells := make([]cell, len(order))
	number := func(c cell) int {
		n := 0
		if c.treated {
			n = 2
		}
		if c.responded {
			n++
		}
		return n
	}
	for from, to := range ties(t.Uplift, order) {
		for k, i := range order[from:to] {
			cells[from+k] = cell{treated: t.Treated[i], responded: t.Outcome[i] == 1}
		}
		slices.SortFunc(cells[from:to], func(a, b cell) int { return cmp.Compare(number(a), number(b)) })
		cells[to-1].last = true
	}
	return cells
}

// curveArea gathers the area of a curve by trapezoids, point by point.
type curveArea struct{ rows, gain, area float64 }

func (a *curveArea) to(rows, gain float64) {
	a.area += float64((rows - a.rows) * (gain + a.gain) / 2)
	a.rows, a.gain = rows, gain
}

// upliftScores returns the Qini coefficient, the AUUC and the uplift of everyone
// where each row counts several times.
func upliftScores(cells []cell, times []uint32) (qini, auuc, base float64) {
	var s armSums
	var q, u curveArea
	for i, c := range cells {
		s.count(c, float64(times[i]))
		if c.last && s.treated+s.control > q.rows {
			rows := s.treated + s.control
			q.to(rows, qiniMeasure.distinct(s))
			u.to(rows, upliftMeasure.distinct(s))
		}
	}
	if s.treated == 0 || s.control == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return overPerfect(q, qiniMeasure, s.perfectQini()), overPerfect(u, upliftMeasure, s.perfectUplift()), s.lift()
}

func (s *armSums) count(c cell, n float64) {
	responses := 0.0
	if c.responded {
		responses = n
	}
	if c.treated {
		s.treated += n
		s.treatedOutcome += responses
	} else {
		s.control += n
		s.controlOutcome += responses
	}
}

// overPerfect returns the area above the diagonal over that of the perfect
// ranking, given as the groups of equal rank, the best first. NaN where the
// latter is 0.
func overPerfect(a curveArea, m measure, perfect []armSums) float64 {
	var s armSums
	var best curveArea
	for _, group := range perfect {
		s.treated += group.treated
		s.control += group.control
		s.treatedOutcome += group.treatedOutcome
		s.controlOutcome += group.controlOutcome
		best.to(s.treated+s.control, m.distinct(s))
	}
	diagonal := best.rows * best.gain / 2
	if best.area == diagonal {
		return math.NaN()
	}
	return (a.area - diagonal) / (best.area - diagonal)
}

// perfectQini returns the groups of the perfect ranking of [QiniAUC].
func (s armSums) perfectQini() []armSums {
	return present(
		armSums{treated: s.treatedOutcome, treatedOutcome: s.treatedOutcome},
		armSums{treated: s.treated - s.treatedOutcome, control: s.control - s.controlOutcome},
		armSums{control: s.controlOutcome, controlOutcome: s.controlOutcome},
	)
}

// perfectUplift returns the groups of the perfect ranking of [AUUC].
func (s armSums) perfectUplift() []armSums {
	treatedYes := armSums{treated: s.treatedOutcome, treatedOutcome: s.treatedOutcome}
	treatedNo := armSums{treated: s.treated - s.treatedOutcome}
	controlYes := armSums{control: s.controlOutcome, controlOutcome: s.controlOutcome}
	controlNo := armSums{control: s.control - s.controlOutcome}
	if s.controlOutcome > treatedNo.treated {
		return present(treatedYes, controlNo, controlYes, treatedNo)
	}
	return present(treatedYes, controlNo, treatedNo, controlYes)
}

// present returns the groups that have rows.
func present(groups ...armSums) []armSums {
	return slices.DeleteFunc(groups, func(s armSums) bool { return s.treated+s.control == 0 })
}

// percentiles returns the bounds that hold a share of the values, NaN left out;
// NaN where fewer than half are numbers.
func percentiles(values []float64, level float64) (low, high float64) {
	numbers := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if 2*len(numbers) < len(values) {
		return math.NaN(), math.NaN()
	}
	slices.Sort(numbers)
	return quantile(numbers, (1-level)/2), quantile(numbers, (1+level)/2)
}
