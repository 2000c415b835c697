package cluster

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

const (
	// roughIter and roughTol say how far a run goes before centres are swapped.
	roughIter = 8
	roughTol  = 1e-3
	// sampleIter and sampleTol bound the iterations after the swaps.
	sampleIter = 100
	sampleTol  = 1e-7
	// sameInertia is the relative difference below which two runs on the same
	// points are taken to have found the same partition.
	sameInertia = 1e-7
)

// result is where a run on the sample ended.
type result struct {
	centres []float64
	inertia float64
}

// compete runs c.Restarts independent runs on p and returns the result of each
// run, in order of run, and the numbers of the best distinct runs, best first.
func (c KMeansConfig) compete(ctx context.Context, p *points, variance float64) (all []result, best []int, err error) {
	all = make([]result, c.Restarts)
	inner := max(1, c.Workers/c.Restarts)
	err = models.Parallel(ctx, c.Workers, c.Restarts, func(t int) error {
		found, err := c.restart(ctx, p, variance, inner, rand.New(rand.NewPCG(c.Seed, uint64(t))))
		all[t] = found
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	order := make([]int, c.Restarts)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[a].inertia, all[b].inertia) })
	for _, i := range order {
		same := len(best) > 0 && all[i].inertia-all[best[len(best)-1]].inertia <= sameInertia*all[i].inertia
		if !same && len(best) < c.Finalists {
			best = append(best, i)
		}
	}
	return all, best, nil
}

// restart seeds one run on p and refines the centres.
func (c KMeansConfig) restart(ctx context.Context, p *points, variance float64, workers int, rng *rand.Rand) (result, error) {
	draw := plusPlus
	if c.Init == Parallel {
		draw = parallelSeed
	}
	chosen, err := draw(ctx, p, c.K, rng)
	if err != nil {
		return result{}, err
	}
	r := newLloyd(p, p.coordinates(chosen), workers)
	if _, err := r.iterate(ctx, min(roughIter, c.MaxIter), roughTol*variance); err != nil {
		return result{}, err
	}
	if tries := int(math.Ceil(c.Swaps * float64(c.K))); tries > 0 {
		if _, err := r.improve(ctx, tries, rng); err != nil {
			return result{}, err
		}
	}
	if _, err := r.iterate(ctx, min(sampleIter, c.MaxIter), sampleTol*variance); err != nil {
		return result{}, err
	}
	if _, err := r.polish(ctx); err != nil {
		return result{}, err
	}
	return result{centres: r.centres, inertia: r.inertia()}, nil
}

// sampleOf returns about m of the rows of s, evenly spread: one from each of m
// equal stretches, drawn by seed.
func sampleOf(s rowset, m int, seed uint64) rowset {
	places := make([]int32, m)
	for i, r := range SampleRows(s.n, m, seed) {
		places[i] = int32(r)
	}
	return s.pick(places)
}

// sampleStream keeps the draws of the sample apart from those of the restarts.
const sampleStream = 1 << 32
