package cluster

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models"
)

// Silhouettes returns, for each row, how much nearer its own cluster is than the
// next:
//
//	s = (b − a) / max(a, b), in [−1, 1]
//
// where a is the mean distance to the other rows of its cluster and b the least
// mean distance to the rows of another cluster [1]. A row alone in its cluster
// has 0; so has a row with a = b = 0.
//
// Shape: x is n×d, labels has n entries in [0,k). Missing: every entry is NaN
// where fewer than two clusters have rows. Errors: *models.ShapeError,
// *models.ValueError, ctx.Err().
//
// Cost: O(n²·d) time, O(n·k) memory: use SampleRows first on more than some
// 10,000 rows.
//
// [1] P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and
// validation of cluster analysis", J. Comp. Appl. Math. 20, 1987, pp. 53–65,
// doi:10.1016/0377-0427(87)90125-7.
func Silhouettes(ctx context.Context, workers int, x models.Matrix, labels []int32, k int) ([]float64, error) {
	if err := checkLabels(x, labels, k); err != nil {
		return nil, err
	}
	n, _ := x.Dims()
	sizes := make([]int, k)
	for _, l := range labels {
		sizes[l]++
	}
	const rows = 64
	s := make([]float64, n)
	err := models.Parallel(ctx, workers, (n+rows-1)/rows, func(t int) error {
		square, sums := make([]float64, n), make([]float64, k)
		for i := t * rows; i < min((t+1)*rows, n); i++ {
			distancesFrom(square, x, i)
			clear(sums)
			for r, v := range square {
				sums[labels[r]] += math.Sqrt(v)
			}
			s[i] = silhouette(sums, sizes, int(labels[i]))
		}
		return nil
	})
	return s, err
}

// distancesFrom sets dst to the squared distance of each row from row i.
func distancesFrom(dst []float64, x models.Matrix, i int) {
	clear(dst)
	for _, col := range x.Cols {
		v := float64(col[i])
		for r, u := range col {
			t := float64(u) - v
			dst[r] += float64(t * t)
		}
	}
}

// silhouette computes the silhouette of one row from its sums of distances.
func silhouette(sums []float64, sizes []int, own int) float64 {
	b := math.Inf(1)
	for c, s := range sums {
		if c != own && sizes[c] > 0 {
			b = min(b, s/float64(sizes[c]))
		}
	}
	switch {
	case math.IsInf(b, 1):
		return math.NaN()
	case sizes[own] < 2:
		return 0
	}
	a := sums[own] / float64(sizes[own]-1)
	if m := max(a, b); m > 0 {
		return (b - a) / m
	}
	return 0
}

// Silhouette returns the mean of Silhouettes: NaN where fewer than two clusters
// have rows.
func Silhouette(ctx context.Context, workers int, x models.Matrix, labels []int32, k int) (float64, error) {
	s, err := Silhouettes(ctx, workers, x, labels, k)
	if err != nil {
		return math.NaN(), err
	}
	return sum(s) / float64(len(s)), nil
}

// SimplifiedSilhouette returns the mean, over the rows of x, of the silhouette
// with the distance to a centre in place of the mean distance to its rows [1]:
// O(n·d·k) instead of O(n²·d), and close to the full silhouette for compact
// clusters.
//
// Missing: NaN for a model of one cluster or an empty x. Errors: as PredictTo.
//
// [1] E. R. Hruschka, L. N. de Castro and R. J. G. B. Campello, "Evolutionary
// Algorithms for Clustering Gene-Expression Data", ICDM 2004, pp. 403–406,
// doi:10.1109/ICDM.2004.10073.
func (m *KMeans) SimplifiedSilhouette(x models.Matrix) (float64, error) {
	n, err := m.check(x)
	if err != nil || n == 0 || m.k < 2 {
		return math.NaN(), err
	}
	const rows = 1024
	var total float64
	dist := make([]float64, rows*m.k)
	for from := 0; from < n; from += rows {
		to := min(from+rows, n)
		part := dist[:(to-from)*m.k]
		if err := m.DistancesTo(part, x.Slice(from, to)); err != nil {
			return math.NaN(), err
		}
		var s float64
		for ; len(part) > 0; part = part[m.k:] {
			a, b := math.Inf(1), math.Inf(1)
			for _, d := range part[:m.k] {
				if d < a {
					a, b = d, a
				} else {
					b = min(b, d)
				}
			}
			if b > 0 {
				s += (b - a) / b
			}
		}
		total += s
	}
	return total / float64(n), nil
}

// SampleRows returns m of n row numbers, ascending: a row from each of m equal
// ranges, drawn by seed; all rows where m ≥ n.
func SampleRows(n, m int, seed uint64) []int {
	if m >= n {
		m = n
	}
	rng := rand.New(rand.NewPCG(seed, sampleStream))
	rows := make([]int, m)
	for i := range rows {
		from, to := int64(i)*int64(n)/int64(m), int64(i+1)*int64(n)/int64(m)
		rows[i] = int(from + rng.Int64N(to-from))
	}
	return rows
}

// pickRows copies the given rows of x.
func pickRows(x models.Matrix, rows []int) models.Matrix {
	part := models.Matrix{Names: x.Names, Cols: make([][]float32, len(x.Cols))}
	for j, col := range x.Cols {
		part.Cols[j] = make([]float32, len(rows))
		for i, r := range rows {
			part.Cols[j][i] = col[r]
		}
	}
	return part
}
