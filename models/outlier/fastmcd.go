package outlier

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// The numbers of FastMCD.
const (
	nestedFrom  = 500    // rows above which the search begins in subsets
	subsetRows  = 300    // of a subset, about
	mostSubsets = 5      // together the merged set
	trials      = 500    // starts, of all subsets together
	bestStarts  = 10     // that go on
	firstSteps  = 2      // concentration steps of a start
	lastSteps   = 30     // at most, until the determinant stays
	allConverge = 10_000 // rows up to which all of the best are followed to the end
)

// rejected is the share of normal rows that the reweighting leaves out.
const rejected = 0.025

// search is a search for the core of some rows.
type search struct {
	*rows
	h       int // rows of the core
	seed    uint64
	workers int
	steps   int // concentration steps over all rows
}

// reweighted returns the reweighted centre and covariance, both consistent for
// normal rows.
func (s *search) reweighted(ctx context.Context) (scatter, error) {
	core, err := s.core(ctx)
	if err != nil {
		return scatter{}, err
	}
	squared := make([]float64, s.n)
	if err := s.distancesTo(ctx, squared, core); err != nil {
		return scatter{}, err
	}
	limit := chiQuantile(s.d, 1-rejected) * consistency(s.d, float64(s.h)/float64(s.n))
	kept := make([]bool, s.n)
	for i, v := range squared {
		kept[i] = v < limit
	}
	final := s.measure(kept)
	final.scale(consistency(s.d, 1-rejected))
	final.exact = final.exact || core.exact
	return final, nil
}

// core returns the scatter of the core.
func (s *search) core(ctx context.Context) (scatter, error) {
	switch {
	case s.h == s.n:
		return s.measure(nil), nil
	case s.d == 1:
		return s.shortest(ctx)
	case s.n <= nestedFrom:
		starts, err := s.try(ctx, s.rows, s.h, trials, 0)
		if err != nil {
			return scatter{}, err
		}
		return s.finish(ctx, starts)
	}
	// Subsets of a random sample, then the sample, then all rows.
	count := min(s.n/subsetRows, mostSubsets)
	size := min(s.n, mostSubsets*subsetRows)
	rng := rand.New(rand.NewPCG(s.seed, 0))
	sample := draw(rng, s.n, size)
	share := float64(s.h) / float64(s.n)
	var starts []scatter
	for k := range count {
		part := s.subset(sample[k*size/count : (k+1)*size/count])
		best, err := s.try(ctx, part, within(share, part.n, s.d), trials/count, k+1)
		if err != nil {
			return scatter{}, err
		}
		starts = append(starts, best...)
	}
	merged := s.subset(sample)
	best, err := s.follow(ctx, merged, within(share, merged.n, s.d), starts, firstSteps)
	if err != nil {
		return scatter{}, err
	}
	return s.finish(ctx, best[:min(bestStarts, len(best))])
}

// within returns the rows of a core among n rows.
func within(share float64, n, d int) int {
	return min(max(int(math.Ceil(share*float64(n))), (n+d+2)/2), n)
}

// draw returns k of n numbers at random, without the memory for n.
func draw(rng *rand.Rand, n, k int) []int {
	if k == n {
		return rng.Perm(n)
	}
	moved := make(map[int]int, k)
	at := func(i int) int {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	out := make([]int, k)
	for i := range out {
		j := i + rng.IntN(n-i)
		out[i] = at(j)
		moved[j] = at(i)
	}
	return out
}

// try returns the best starts of so many random ones, after their first steps.
func (s *search) try(ctx context.Context, r *rows, h, count, stream int) ([]scatter, error) {
	all := make([]scatter, count)
	err := models.Parallel(ctx, s.workers, count, func(t int) error {
		rng := rand.New(rand.NewPCG(s.seed, uint64(stream)<<32|uint64(t+1)))
		var err error
		all[t], err = r.concentrate(ctx, r.start(rng), h, firstSteps)
		return err
	})
	if err != nil {
		return nil, err
	}
	byDeterminant(all)
	return all[:min(bestStarts, len(all))], nil
}

// start returns the scatter of d + 1 random rows, or of more where these lie on a
// line or plane.
func (r *rows) start(rng *rand.Rand) scatter {
	for size := r.d + 1; ; size += max(1, size/2) {
		size = min(size, r.n)
		few := r.subset(draw(rng, r.n, size))
		s := few.measure(nil)
		if !s.exact || size == r.n {
			return s
		}
	}
}

// follow returns where the starts end after so many steps among r, best first.
func (s *search) follow(ctx context.Context, r *rows, h int, starts []scatter, steps int) ([]scatter, error) {
	all := make([]scatter, len(starts))
	err := models.Parallel(ctx, s.workers, len(starts), func(t int) error {
		var err error
		all[t], err = r.concentrate(ctx, starts[t], h, steps)
		return err
	})
	if err != nil {
		return nil, err
	}
	byDeterminant(all)
	return all, nil
}

// finish follows the starts among all rows and returns the best.
func (s *search) finish(ctx context.Context, starts []scatter) (scatter, error) {
	if s.n > allConverge {
		best, err := s.follow(ctx, s.rows, s.h, starts, firstSteps)
		if err != nil {
			return scatter{}, err
		}
		s.steps += firstSteps * len(starts)
		starts = best[:1]
	}
	best, err := s.follow(ctx, s.rows, s.h, starts, lastSteps)
	s.steps += lastSteps * len(starts)
	if err != nil {
		return scatter{}, err
	}
	return best[0], nil
}

func byDeterminant(all []scatter) {
	slices.SortStableFunc(all, func(a, b scatter) int { return cmp.Compare(a.determinant, b.determinant) })
}

// concentrate takes the scatter of the h nearest rows, up to so many times, while
// that lowers the determinant.
func (r *rows) concentrate(ctx context.Context, s scatter, h, steps int) (scatter, error) {
	squared, spare, core := make([]float64, r.n), make([]float64, r.n), make([]bool, r.n)
	for step := range steps {
		if err := r.distancesTo(ctx, squared, s); err != nil {
			return scatter{}, err
		}
		copy(spare, squared)
		nearest(core, squared, smallest(spare, h-1), h)
		next := r.measure(core)
		if step > 0 && !(next.determinant < s.determinant) {
			break
		}
		s = next
		if s.exact {
			break
		}
	}
	return s, nil
}

// nearest marks the h rows of the least distances, given the h-th of them. Of equal
// distances the first are marked.
func nearest(core []bool, squared []float64, limit float64, h int) {
	for i, v := range squared {
		core[i] = v < limit
		if core[i] {
			h--
		}
	}
	for i, v := range squared {
		if h > 0 && v == limit {
			core[i] = true
			h--
		}
	}
}

// smallest returns the k-th smallest value, from 0, by Hoare's selection. The values
// are reordered.
func smallest(values []float64, k int) float64 {
	low, high := 0, len(values)-1
	for low < high {
		pivot := median3(values[low], values[low+(high-low)/2], values[high])
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return values[k]
		}
	}
	return values[k]
}

func median3(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}

// shortest returns the exact core of a single column: the h neighbours in order of
// the least variance, the first of several.
func (s *search) shortest(ctx context.Context) (scatter, error) {
	sorted := slices.Clone(s.values)
	slices.Sort(sorted)
	if err := ctx.Err(); err != nil {
		return scatter{}, err
	}
	sum, squares := 0.0, 0.0
	for _, v := range sorted[:s.h] {
		sum += v
		squares += float64(v * v)
	}
	h := float64(s.h)
	at, least := 0, squares-float64(sum*sum)/h
	for i := s.h; i < s.n; i++ {
		in, out := sorted[i], sorted[i-s.h]
		sum += in - out
		squares += float64(in*in) - float64(out*out)
		if v := squares - float64(sum*sum)/h; v < least-1e-12*h {
			at, least = i-s.h+1, v
		}
	}
	s.steps = 1
	window := &rows{values: sorted[at:][:s.h], n: s.h, d: 1}
	return window.measure(nil), nil
}
