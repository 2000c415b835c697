package cluster

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Contrast sets the clusters of some rows beside those that k-means finds where there are
// none to be found: in as many rows that are spread evenly.
type Contrast struct {
	Silhouette float64 // of the rows, mean over a sample, in [−1,1]; NaN for one cluster
	Stability  float64 // of their clusters, the mean, in [0,1]; NaN if left out

	Uniform          []float64 // silhouettes of the even sets, rising; nil if left out
	UniformStability float64   // of their clusters, the mean over the even sets; NaN if left out
}

// Real reports whether the rows form groups. They do not where
//
//   - the silhouette is below 0.25, where Kaufman and Rousseeuw see no substantial structure,
//   - an even set comes within 0.05 of the silhouette of the rows: a silhouette of a sample of
//     1,000 rows errs by about 0.01, and the answer should not change from day to day, or
//   - the clusters do not return when rows are drawn anew: their mean stability is below 0.75,
//     Hennig's limit, and below that of the even sets.
//
// One cluster is no finding and never real.
func (c Contrast) Real() bool {
	switch {
	case !(c.Silhouette >= weakSilhouette):
		return false
	case len(c.Uniform) > 0 && c.Uniform[len(c.Uniform)-1]+clearMargin >= c.Silhouette:
		return false
	}
	return !(c.Stability < stableCluster && c.Stability < c.UniformStability)
}

// clearMargin is what the silhouette of rows with groups has ahead of every even set.
const clearMargin = 0.05

// stableCluster is the mean Jaccard similarity from which Hennig calls a cluster stable.
const stableCluster = 0.75

// Contrast compares the clusters of m, fitted on x, with those of c.References sets of rows
// drawn evenly from the box that x spans along its principal axes, as the gap statistic does
// [1]. Stability is that of ChooseK, over c.Bootstraps draws; of the even sets a quarter as
// many, at least two, are drawn from each.
//
// Shape: x is n×d, n ≥ 2, with the columns of m; it is not modified. Units, missing values,
// determinism and errors: as ChooseK. KMin, KMax and LeastStability are unused.
//
// Cost: c.References fits, silhouettes and bootstraps on at most SampleRows rows.
//
// [1] R. Tibshirani, G. Walther and T. Hastie, "Estimating the number of clusters in a data
// set via the gap statistic", JRSS B 63(2), 2001, pp. 411–423, doi:10.1111/1467-9868.00293.
func (c ChooseKConfig) Contrast(ctx context.Context, x models.Matrix, m *KMeans) (Contrast, error) {
	if err := c.Validate(); err != nil {
		return Contrast{}, err
	}
	n, err := m.check(x)
	if err != nil {
		return Contrast{}, err
	}
	if n < 2 {
		return Contrast{}, &models.ShapeError{What: "rows of x", Got: n, Want: 2}
	}
	nan := math.NaN()
	out := Contrast{Silhouette: nan, Stability: nan, UniformStability: nan}
	if m.k < 2 {
		return out, nil
	}
	sample := pickRows(x, SampleRows(n, c.SampleRows, c.KMeans.Seed))
	out.Silhouette, out.Stability, err = c.appraise(ctx, sample, m, c.Bootstraps, c.KMeans.Workers)
	if err != nil || c.References == 0 {
		return out, err
	}
	return out, c.appraiseUniform(ctx, sample, m.k, &out)
}

// appraiseUniform fills in what the even sets have.
func (c ChooseKConfig) appraiseUniform(ctx context.Context, sample models.Matrix, k int, out *Contrast) error {
	even, err := newReference(sample)
	if err != nil {
		return err
	}
	rows, _ := sample.Dims()
	draws := 0
	if c.Bootstraps > 0 {
		draws = max(2, c.Bootstraps/4)
	}
	silhouettes, stabilities := make([]float64, c.References), make([]float64, c.References)
	err = models.Parallel(ctx, c.KMeans.Workers, c.References, func(b int) error {
		drawn := even.draw(rows, rand.New(rand.NewPCG(c.KMeans.Seed, contrastStream+uint64(b))))
		fitted, _, err := c.quick(k).Fit(ctx, drawn, nil)
		if err != nil {
			return err
		}
		silhouettes[b], stabilities[b], err = c.appraise(ctx, drawn, fitted, draws, 1)
		return err
	})
	if err != nil {
		return err
	}
	out.UniformStability = 0
	for _, v := range stabilities {
		out.UniformStability += v / float64(c.References)
	}
	out.Uniform = slices.DeleteFunc(silhouettes, math.IsNaN) // of a set that collapsed to one row
	slices.Sort(out.Uniform)
	return nil
}

// appraise returns the silhouette of a sample and the mean stability of its clusters.
func (c ChooseKConfig) appraise(ctx context.Context, x models.Matrix, m *KMeans, draws, workers int) (silhouette, stability float64, err error) {
	labels, err := m.Predict(x)
	if err != nil {
		return 0, 0, err
	}
	rows := SampleRows(len(labels), c.SilhouetteRows, c.KMeans.Seed)
	some := make([]int32, len(rows))
	for i, r := range rows {
		some[i] = labels[r]
	}
	if silhouette, err = Silhouette(ctx, workers, pickRows(x, rows), some, m.k); err != nil || draws == 0 {
		return silhouette, math.NaN(), err
	}
	c.Bootstraps, c.KMeans.Workers = draws, workers
	each, err := c.stability(ctx, x, m, labels)
	for _, v := range each {
		stability += v / float64(len(each))
	}
	return silhouette, stability, err
}

// contrastStream keeps the draws of the even sets apart from all others.
const contrastStream = 4 << 32
