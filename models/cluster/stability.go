package cluster

import (
	"context"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models"
)

// stability returns how well each cluster of m survives resampling, in [0,1]: the
// rows of x are drawn anew with replacement, clustered again, and the cluster is
// compared with the most similar new cluster; the result is the mean of the
// Jaccard similarities over all draws [1]. Above 0.75 a cluster is stable; below
// 0.6 it should not be trusted.
//
// [1] C. Hennig, "Cluster-wise assessment of cluster stability", Computational
// Statistics & Data Analysis 52(1), 2007, pp. 258–271,
// doi:10.1016/j.csda.2006.11.025.
func (c ChooseKConfig) stability(ctx context.Context, x models.Matrix, m *KMeans, labels []int32) ([]float64, error) {
	draws := make([][]float64, c.Bootstraps)
	err := models.Parallel(ctx, c.KMeans.Workers, c.Bootstraps, func(b int) error {
		rng := rand.New(rand.NewPCG(c.KMeans.Seed, bootstrapStream+uint64(b)))
		times := make([]float64, len(labels))
		for range labels {
			times[rng.IntN(len(labels))]++
		}
		q := c.quick(m.k)
		q.Seed += uint64(b)
		again, _, err := q.Fit(ctx, x, times)
		if err != nil {
			return err
		}
		fresh, err := again.Predict(x)
		if err != nil {
			return err
		}
		for i, t := range times {
			if t == 0 { // compare on the rows drawn
				fresh[i] = -1
			}
		}
		draws[b], err = jaccards(labels, fresh, m.k, again.k)
		return err
	})
	if err != nil {
		return nil, err
	}
	mean := make([]float64, m.k)
	for _, draw := range draws {
		for i, v := range draw {
			mean[i] += v / float64(c.Bootstraps)
		}
	}
	return mean, nil
}

// jaccards returns, for each cluster of a, the largest Jaccard similarity of a
// cluster of b, over the rows that have a label in b; 0 for a cluster without
// such rows.
func jaccards(a, b []int32, ka, kb int) ([]float64, error) {
	table, err := overlap(a, b, ka, kb)
	if err != nil {
		return nil, err
	}
	rows, cols := make([]int, ka), make([]int, kb)
	for i := range ka {
		for j := range kb {
			rows[i] += table[i*kb+j]
			cols[j] += table[i*kb+j]
		}
	}
	best := make([]float64, ka)
	for i := range ka {
		for j := range kb {
			both := table[i*kb+j]
			if union := rows[i] + cols[j] - both; union > 0 {
				best[i] = max(best[i], float64(both)/float64(union))
			}
		}
	}
	return best, nil
}
