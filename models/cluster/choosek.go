package cluster

import (
	"context"
	"errors"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// ChooseKConfig holds the settings of the choice of k. Start from DefaultChooseK.
type ChooseKConfig struct {
	KMin, KMax int          // the range, 1 ≤ KMin < KMax; default 2 to 10
	KMeans     KMeansConfig // of every fit; K and Start are unused

	// SilhouetteRows is how many rows the exact silhouette is computed on, ≥ 2;
	// default 2,000. Time grows with its square.
	SilhouetteRows int
	// SampleRows is how many rows the gap statistic and the bootstrap use, ≥ 2;
	// default 4,000.
	SampleRows int
	// References is how many data sets without clusters the gap statistic compares
	// with; 0 leaves it out; default 20.
	References int
	// Bootstraps is how often the stability of the clusters is tried; 0 leaves it
	// out; default 20.
	Bootstraps int
	// LeastStability is the stability that the least stable cluster must have for a
	// k to be recommended, in [0,1]; default 0.6.
	LeastStability float64
}

// DefaultChooseK returns the default configuration.
func DefaultChooseK() ChooseKConfig {
	return ChooseKConfig{
		KMin: 2, KMax: 10, KMeans: DefaultKMeans(),
		SilhouetteRows: 2000, SampleRows: 4000, References: 20, Bootstraps: 20, LeastStability: 0.6,
	}
}

// Validate returns every fault of c, each a *models.ConfigError, or nil.
func (c ChooseKConfig) Validate() error {
	var faults []error
	check := func(good bool, field string, got any, want string) {
		if !good {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	check(c.KMin >= 1, "k_min", c.KMin, "an integer ≥ 1")
	check(c.KMax > c.KMin, "k_max", c.KMax, "an integer above k_min")
	check(c.SilhouetteRows >= 2, "silhouette_rows", c.SilhouetteRows, "an integer ≥ 2")
	check(c.SampleRows >= 2, "sample_rows", c.SampleRows, "an integer ≥ 2")
	check(c.References >= 0, "references", c.References, "an integer ≥ 0")
	check(c.Bootstraps >= 0, "bootstraps", c.Bootstraps, "an integer ≥ 0")
	check(c.LeastStability >= 0 && c.LeastStability <= 1, "least_stability", c.LeastStability, "a number from 0 to 1")
	return errors.Join(append(faults, c.quick(1).Validate())...)
}

// Candidate holds the findings about one k.
type Candidate struct {
	K      int
	Model  *KMeans
	Report Report

	Silhouette       float64   // mean over a sample, in [−1,1], higher is better; NaN for k = 1
	Simplified       float64   // simplified silhouette of all rows; NaN for k = 1
	DaviesBouldin    float64   // lower is better; NaN for k = 1
	CalinskiHarabasz float64   // higher is better; NaN for k = 1
	Gap, GapError    float64   // gap statistic and its error s; NaN if left out
	Stability        []float64 // of each cluster of Model, in [0,1]; nil if left out

	Stable bool // no cluster below LeastStability
	Votes  int  // how many of the indices nominate this k
}

// Choice is the result of ChooseK.
type Choice struct {
	K          int         // recommended
	Candidates []Candidate // by rising k
	Reasons    []string    // one sentence each, with the numbers
	Warnings   []models.Warning
}

// Best returns the candidate of the recommended k.
func (c Choice) Best() Candidate {
	return c.Candidates[c.K-c.Candidates[0].K]
}

// ChooseK fits every k of a range and recommends one.
//
// Four indices nominate a k each: the highest silhouette, the lowest
// Davies–Bouldin, the highest Calinski–Harabasz, and the gap statistic, whose k
// is the smallest with Gap(k) ≥ Gap(k+1) − s(k+1). A k is set aside where a
// cluster does not survive resampling, unless every k has such a cluster. Among
// the rest, the k with the most nominations is recommended; ties go to the higher
// silhouette, then to the smaller k.
//
// The silhouette and Davies–Bouldin and Calinski–Harabasz compare partitions and
// do not know whether there is anything to partition; where the gap statistic
// finds no more than one group, or the best silhouette is below 0.25, the
// warning "weak_structure" says so.
//
// Shape: x is n×d, n ≥ 2; x is not modified. All rows weigh the same: repeat a
// row that represents several. Missing, units and determinism: as
// KMeansConfig.Fit.
//
// Errors: *models.ConfigError for each fault of c, *models.ValueError for a value
// that is not finite, ctx.Err() when cancelled. A k above the number of distinct
// rows ends the range.
//
// Cost: that of the fits, plus O(SilhouetteRows²·d) for each k, plus
// References + Bootstraps small fits on SampleRows rows for each k.
func (c ChooseKConfig) ChooseK(ctx context.Context, x models.Matrix) (Choice, error) {
	if err := c.Validate(); err != nil {
		return Choice{}, err
	}
	var choice Choice
	for k := c.KMin; k <= c.KMax; k++ {
		candidate, err := c.candidate(ctx, x, k)
		if err != nil {
			return Choice{}, err
		}
		if candidate.Model.k < k && len(choice.Candidates) > 0 {
			break
		}
		candidate.K = candidate.Model.k
		choice.Candidates = append(choice.Candidates, candidate)
		if candidate.Model.k < k {
			break
		}
	}
	if err := c.compareWithNoise(ctx, x, choice.Candidates); err != nil {
		return Choice{}, err
	}
	choice.decide(c)
	return choice, nil
}

// candidate fits one k and computes the indices that need no other fit.
func (c ChooseKConfig) candidate(ctx context.Context, x models.Matrix, k int) (Candidate, error) {
	f := c.KMeans
	f.K, f.Start = k, nil
	m, report, err := f.Fit(ctx, x, nil)
	if err != nil {
		return Candidate{}, err
	}
	nan := math.NaN()
	a := Candidate{Model: m, Report: report, Silhouette: nan, Simplified: nan, DaviesBouldin: nan, CalinskiHarabasz: nan, Gap: nan, GapError: nan, Stable: true}
	n, _ := x.Dims()
	sample := pickRows(x, SampleRows(n, c.SampleRows, c.KMeans.Seed))
	if c.Bootstraps > 0 {
		labels, err := m.Predict(sample)
		if err != nil {
			return Candidate{}, err
		}
		if a.Stability, err = c.stability(ctx, sample, m, labels); err != nil {
			return Candidate{}, err
		}
		for _, v := range a.Stability {
			a.Stable = a.Stable && v >= c.LeastStability
		}
	}
	if m.k < 2 {
		return a, nil
	}
	return a, c.index(ctx, x, &a)
}

// index fills in the indices of a partition of two clusters or more.
func (c ChooseKConfig) index(ctx context.Context, x models.Matrix, a *Candidate) error {
	labels, err := a.Model.Predict(x)
	if err != nil {
		return err
	}
	s, err := scatterOf(x, labels, a.Model.k)
	if err != nil {
		return err
	}
	a.DaviesBouldin, a.CalinskiHarabasz = s.daviesBouldin(), s.calinskiHarabasz()
	if a.Simplified, err = a.Model.SimplifiedSilhouette(x); err != nil {
		return err
	}
	rows := SampleRows(len(labels), c.SilhouetteRows, c.KMeans.Seed)
	some := make([]int32, len(rows))
	for i, r := range rows {
		some[i] = labels[r]
	}
	a.Silhouette, err = Silhouette(ctx, c.KMeans.Workers, pickRows(x, rows), some, a.Model.k)
	return err
}

// compareWithNoise fills in the gap statistic.
func (c ChooseKConfig) compareWithNoise(ctx context.Context, x models.Matrix, candidates []Candidate) error {
	if c.References == 0 {
		return nil
	}
	n, _ := x.Dims()
	sample := pickRows(x, SampleRows(n, c.SampleRows, c.KMeans.Seed))
	c.KMin, c.KMax = candidates[0].K, candidates[len(candidates)-1].K
	inertia := make([]float64, len(candidates))
	err := models.Parallel(ctx, c.KMeans.Workers, len(inertia), func(i int) error {
		_, report, err := c.quick(c.KMin+i).Fit(ctx, sample, nil)
		inertia[i] = report.Inertia
		return err
	})
	if err != nil {
		return err
	}
	gaps, err := c.gaps(ctx, sample, inertia)
	for i, g := range gaps {
		candidates[i].Gap, candidates[i].GapError = g.value, g.err
	}
	return err
}
