package cluster

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

const (
	// gapClasses is how many classes of gaps points are sorted into.
	gapClasses = 16
	// gapUnit is the width of the first class, in units of the drift per step at the
	// time of sorting: later steps become shorter, and with all classes as wide as
	// the first, a run visits a sixth more blocks.
	gapUnit = 0.25
	// regionBlocks is how many blocks of each cluster a region has, on average.
	regionBlocks = 32
)

// reorder sorts the points by cluster and class of gap, keeping their order
// within a class, and sets the limits of the new blocks. Classes double in width
// from a part of unit, the drift per step.
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
	scratch := sync.Pool{New: func() any { return newSorter(size, r.p.d) }}
	err := models.Parallel(ctx, r.workers, regions, func(t int) error {
		q := scratch.Get().(*sorter)
		defer scratch.Put(q)
		r.sortRegion(q, t*size, min((t+1)*size, r.p.blocks), float32(1/(gapUnit*unit)))
		return nil
	})
	r.limits.gaps = nil
	return err
}

// sorter is the working memory of one worker.
type sorter struct {
	rows    []float32 // the points of a region, as rows
	one     []float32 // a block
	order   []int32   // the point that comes to each place, counted from the first
	keys    []int32
	labels  []int32
	gaps    []float32
	weights []float64
}

func newSorter(blocks, d int) *sorter {
	n := blocks * block
	return &sorter{
		rows: make([]float32, n*d+kernel.Spare), one: make([]float32, block*d+kernel.Spare),
		order: make([]int32, n), keys: make([]int32, n), labels: make([]int32, n), gaps: make([]float32, n),
	}
}

// clone copies the points, for a run with sorting.
func (p *points) clone() *points {
	q := *p
	q.x, q.weights = slices.Clone(p.x), slices.Clone(p.weights)
	return &q
}

// sortRegion sorts the points of blocks [from,to). Points beyond the last are
// copies of the last point.
func (r *lloyd) sortRegion(q *sorter, from, to int, inverse float32) {
	first, end := from*block, min(to*block, r.p.n)
	order := r.order(q, first, end, inverse)
	for len(order) < (to-from)*block {
		order = append(order, order[end-first-1])
	}
	m, size := r.limits, block*r.p.d
	x := r.p.x[from*size:]
	for b := range to - from {
		kernel.Turn(x[b*size:], r.p.d, q.rows[b*size:])
	}
	for b := range to - from {
		kernel.Gather(q.rows, (*[block]int32)(order[b*block:]), r.p.d, q.one)
		copy(x[b*size:], q.one[:size])
	}
	q.labels = permute(r.labels[first:to*block], order, q.labels)
	q.gaps = permute(m.gaps[first:to*block], order, q.gaps)
	if r.p.weights != nil {
		q.weights = permute(r.p.weights[first:end], order[:end-first], q.weights)
	}
	for b := from; b < to; b++ {
		m.home[b] = homeOf(r.labels[b*block:][:block], r.k)
		m.settle(b, slices.Min(m.gaps[b*block:][:block]))
	}
}

// order returns points [first,end), counted from first, in sorted order. Clusters
// of odd number are sorted by falling gap, so that a block shared by two clusters
// holds points with similar gaps.
func (r *lloyd) order(q *sorter, first, end int, inverse float32) []int32 {
	keys, order := q.keys[:end-first], q.order[:end-first]
	next := make([]int32, r.k*gapClasses+1)
	labels, gaps := r.labels[first:end], r.limits.gaps[first:end]
	for i, label := range labels {
		c := int32(0)
		if g := gaps[i] * inverse; g >= 1 { // 1 + ⌊log₂ g⌋, read off the exponent
			c = min(gapClasses-1, int32(math.Float32bits(g)>>23)-126)
		}
		if label%2 == 1 {
			c = gapClasses - 1 - c
		}
		key := label*gapClasses + c
		keys[i] = key
		next[key+1]++
	}
	for key := range r.k * gapClasses {
		next[key+1] += next[key]
	}
	for i, key := range keys {
		order[next[key]] = int32(i)
		next[key]++
	}
	return order
}

// permute reorders v by order, with old as a buffer, and returns old.
func permute[T any](v []T, order []int32, old []T) []T {
	old = append(old[:0], v...)
	for i, from := range order {
		v[i] = old[from]
	}
	return old
}
