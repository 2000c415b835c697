package cluster

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/models"
)

const (
	// gapClasses is how many classes of gaps points are sorted into.
	gapClasses = 16
	// regionBlocks is how many blocks of each cluster a region has, on average.
	regionBlocks = 32
)

// reorder sorts the points by cluster and class of gap, keeping their order
// within a class, and sets the limits of the new blocks. Classes double in
// width from unit, what a step uses up of a gap.
//
// Points are sorted within regions of consecutive blocks, just large enough that
// few blocks are mixed: a region fits the cache, and needs a region of memory
// instead of a second copy of all points.
func (r *lloyd) reorder(ctx context.Context, unit float64) error {
	if !r.owns {
		r.p = r.p.clone()
		r.owns = true
	}
	size := min(r.p.blocks, max(r.k*regionBlocks, r.spans[0].to))
	regions := (r.p.blocks + size - 1) / size
	// Fresh memory costs more than the sorting, so each worker keeps its own.
	scratch := sync.Pool{New: func() any { v := make([]float32, size*block*r.p.d); return &v }}
	err := models.Parallel(ctx, r.workers, regions, func(t int) error {
		sorted := scratch.Get().(*[]float32)
		defer scratch.Put(sorted)
		r.sortRegion(*sorted, t*size, min((t+1)*size, r.p.blocks), float32(1/unit))
		return nil
	})
	r.limits.gaps = nil
	return err
}

// clone copies the points, for a run that is going to sort them.
func (p *points) clone() *points {
	q := *p
	q.x, q.weights = slices.Clone(p.x), slices.Clone(p.weights)
	return &q
}

// sortRegion sorts the points of blocks [from,to) by way of sorted.
func (r *lloyd) sortRegion(sorted []float32, from, to int, inverse float32) {
	first, end := from*block, min(to*block, r.p.n)
	place := r.places(first, end, inverse)
	m, d := r.limits, r.p.d
	x := r.p.x[first*d : to*block*d]
	for i, at := range place {
		src, dst := x[i/block*block*d+i%block:], sorted[int(at)/block*block*d+int(at)%block:]
		for j := 0; j < d*block; j += block {
			dst[j] = src[j]
		}
	}
	if pad := end - first; pad < (to-from)*block { // repeat the last point
		last := sorted[(pad-1)/block*block*d+(pad-1)%block:]
		for i := pad; i < (to-from)*block; i++ {
			for j := range d {
				sorted[(i/block*d+j)*block+i%block] = last[j*block]
			}
		}
	}
	copy(x, sorted[:len(x)])
	permute(r.labels[first:to*block], place)
	permute(m.norms[first:to*block], place)
	permute(m.gaps[first:to*block], place)
	if r.p.weights != nil {
		permute(r.p.weights[first:end], place)
	}
	for b := from; b < to; b++ {
		m.home[b] = homeOf(r.labels[b*block:][:block], r.k)
		m.settle(b, slices.Min(m.gaps[b*block:][:block]))
	}
}

// places returns where each of points [first,end) goes, counted from first.
// Clusters of odd number are sorted by falling gap, so that a block which two
// clusters share holds points that are alike in their gaps.
func (r *lloyd) places(first, end int, inverse float32) []int32 {
	place := make([]int32, end-first)
	next := make([]int32, r.k*gapClasses+1)
	for i := range place {
		c, label := 0, int(r.labels[first+i])
		if g := r.limits.gaps[first+i] * inverse; g >= 1 { // 1 + ⌊log₂ g⌋, read off the exponent
			c = min(gapClasses-1, int(math.Float32bits(g)>>23)-126)
		}
		if label%2 == 1 {
			c = gapClasses - 1 - c
		}
		key := int32(label*gapClasses + c)
		place[i] = key
		next[key+1]++
	}
	for key := range r.k * gapClasses {
		next[key+1] += next[key]
	}
	for i, key := range place {
		place[i] = next[key]
		next[key]++
	}
	return place
}

// permute moves v[i] to place[i]; what is beyond repeats the last of these.
func permute[T any](v []T, place []int32) {
	old := slices.Clone(v[:len(place)])
	for i, at := range place {
		v[at] = old[i]
	}
	for i := len(place); i < len(v); i++ {
		v[i] = v[len(place)-1]
	}
}
