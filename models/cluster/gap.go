package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quintile-dev/quintile/models"
)

// reference draws data without clusters: uniform in the box around the rows of a
// matrix along their principal axes, so that correlated columns do not pass for
// clusters (variant b of [1]).
//
// [1] R. Tibshirani, G. Walther and T. Hastie, "Estimating the number of clusters
// in a data set via the gap statistic", JRSS B 63(2), 2001, pp. 411–423,
// doi:10.1111/1467-9868.00293.
type reference struct {
	mean      []float64
	axes      *mat.Dense // one axis a column
	low, high []float64  // along each axis
}

func newReference(x models.Matrix) (*reference, error) {
	n, d := x.Dims()
	r := &reference{mean: make([]float64, d), axes: mat.NewDense(d, d, nil), low: make([]float64, d), high: make([]float64, d)}
	for j, col := range x.Cols {
		for _, v := range col {
			r.mean[j] += float64(v) / float64(n)
		}
	}
	moments := mat.NewSymDense(d, nil)
	for a := range d {
		for b := a; b < d; b++ {
			var s float64
			for i := range n {
				s += float64((float64(x.Cols[a][i]) - r.mean[a]) * (float64(x.Cols[b][i]) - r.mean[b]))
			}
			moments.SetSym(a, b, s)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(moments, true) {
		return nil, fmt.Errorf("cluster: the principal axes of the data could not be found; drop columns that dwarf the others")
	}
	eigen.VectorsTo(r.axes)
	for a := range d {
		r.low[a], r.high[a] = math.Inf(1), math.Inf(-1)
		for i := range n {
			var v float64
			for j, col := range x.Cols {
				v += float64((float64(col[i]) - r.mean[j]) * r.axes.At(j, a))
			}
			r.low[a], r.high[a] = min(r.low[a], v), max(r.high[a], v)
		}
	}
	return r, nil
}

// draw returns n rows.
func (r *reference) draw(n int, rng *rand.Rand) models.Matrix {
	d := len(r.mean)
	x := models.Matrix{Cols: make([][]float32, d)}
	for j := range x.Cols {
		x.Cols[j] = make([]float32, n)
	}
	at := make([]float64, d)
	for i := range n {
		for a := range at {
			at[a] = r.low[a] + float64(rng.Float64()*(r.high[a]-r.low[a]))
		}
		for j := range d {
			v := r.mean[j]
			for a := range at {
				v += float64(at[a] * r.axes.At(j, a))
			}
			x.Cols[j][i] = float32(v)
		}
	}
	return x
}

// gap is the gap statistic of one k and the standard error.
type gap struct{ value, err float64 }

// gaps computes, for every k from c.KMin to c.KMax,
//
//	Gap(k) = mean over b of log W*ₖ(b) − log Wₖ,   sₖ = sd of log W*ₖ(b) · √(1 + 1/B)
//
// where W is the inertia, of the data and of B reference sets of as many rows.
func (c ChooseKConfig) gaps(ctx context.Context, x models.Matrix, inertia []float64) ([]gap, error) {
	n, _ := x.Dims()
	r, err := newReference(x)
	if err != nil {
		return nil, err
	}
	ks := c.KMax - c.KMin + 1
	logs := make([]float64, c.References*ks)
	err = models.Parallel(ctx, c.KMeans.Workers, c.References, func(b int) error {
		drawn := r.draw(n, rand.New(rand.NewPCG(c.KMeans.Seed, referenceStream+uint64(b))))
		for i := range ks {
			_, report, err := c.quick(c.KMin+i).Fit(ctx, drawn, nil)
			if err != nil {
				return err
			}
			logs[b*ks+i] = math.Log(report.Inertia)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	gaps := make([]gap, ks)
	for i := range gaps {
		var mean, square float64
		for b := range c.References {
			mean += logs[b*ks+i] / float64(c.References)
		}
		for b := range c.References {
			t := logs[b*ks+i] - mean
			square += float64(t * t)
		}
		gaps[i] = gap{
			value: mean - math.Log(inertia[i]),
			err:   math.Sqrt(square/float64(c.References)) * math.Sqrt(1+1/float64(c.References)),
		}
	}
	return gaps, nil
}

// referenceStream and bootstrapStream keep the draws of references and
// resamples apart from all other draws.
const (
	referenceStream = 2 << 32
	bootstrapStream = 3 << 32
)

// quick returns a single-threaded configuration for one of many small fits.
func (c ChooseKConfig) quick(k int) KMeansConfig {
	q := c.KMeans
	q.K, q.Workers, q.Start = k, 1, nil
	q.Restarts, q.Finalists = min(q.Restarts, 4), 1
	return q
}
