package cluster

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// gapClasses is how many classes of gaps points are sorted into.
const gapClasses = 16

// reorder sorts the points by cluster and class of gap, keeping their order
// within a class, and sets the limits of the new blocks. Classes double in
// width from unit, what a step uses up of a gap.
func (r *lloyd) reorder(ctx context.Context, unit float64) error {
	m, p := r.limits, r.p
	inverse := float32(1 / unit)
	class := func(i int) int {
		c := 0
		if g := m.gaps[i] * inverse; g >= 1 { // 1 + ⌊log₂ g⌋, read off the exponent
			c = min(gapClasses-1, int(math.Float32bits(g)>>23)-126)
		}
		return int(r.labels[i])*gapClasses + c
	}
	keys := r.k * gapClasses
	starts := make([][]int32, len(r.spans))
	key := make([]int32, p.n)
	err := r.each(ctx, func(t int) {
		count := make([]int32, keys)
		for i := r.spans[t].from * block; i < min(r.spans[t].to*block, p.n); i++ {
			c := class(i)
			key[i] = int32(c)
			count[c]++
		}
		starts[t] = count
	})
	if err != nil {
		return err
	}
	next := int32(0)
	for c := range keys {
		for t := range starts {
			n := starts[t][c]
			starts[t][c] = next
			next += n
		}
	}
	to := key // the place of each point, over its key
	err = r.each(ctx, func(t int) {
		for i := r.spans[t].from * block; i < min(r.spans[t].to*block, p.n); i++ {
			c := key[i]
			to[i] = starts[t][c]
			starts[t][c]++
		}
	})
	if err != nil {
		return err
	}
	return r.permute(ctx, to)
}

// permute moves point i to place to[i].
func (r *lloyd) permute(ctx context.Context, to []int32) error {
	old, m, d := r.p, r.limits, r.p.d
	p := &points{n: old.n, d: d, blocks: old.blocks, x: make([]float32, len(old.x)), total: old.total, squares: old.squares}
	if old.weights != nil {
		p.weights = make([]float64, p.n)
	}
	labels, norms, gaps := make([]int32, len(r.labels)), make([]float32, len(m.norms)), make([]float32, len(m.gaps))
	err := r.each(ctx, func(t int) {
		for i := r.spans[t].from * block; i < min(r.spans[t].to*block, p.n); i++ {
			at := int(to[i])
			labels[at], norms[at], gaps[at] = r.labels[i], m.norms[i], m.gaps[i]
			src, dst := old.x[i/block*block*d+i%block:], p.x[at/block*block*d+at%block:]
			for j := 0; j < d*block; j += block {
				dst[j] = src[j]
			}
			if p.weights != nil {
				p.weights[at] = old.weights[i]
			}
		}
	})
	if err != nil {
		return err
	}
	for i := p.n; i < p.blocks*block; i++ { // repeat the last point
		labels[i], norms[i], gaps[i] = labels[p.n-1], norms[p.n-1], gaps[p.n-1]
		for j := range d {
			p.x[(i/block*d+j)*block+i%block] = p.at(p.n-1, j)
		}
	}
	r.p, r.labels, m.norms = p, labels, norms
	m.gaps = nil
	return r.each(ctx, func(t int) {
		for b := r.spans[t].from; b < r.spans[t].to; b++ {
			m.home[b] = homeOf(labels[b*block:][:block], r.k)
			low := gaps[b*block]
			for _, g := range gaps[b*block:][:block] {
				low = min(low, g)
			}
			m.note(b, false, labels, low, gaps[b*block:])
		}
	})
}

// each calls do for every span, in parallel. An error is that of ctx: the run is
// then of no use any more.
func (r *lloyd) each(ctx context.Context, do func(t int)) error {
	return models.Parallel(ctx, r.workers, len(r.spans), func(t int) error {
		do(t)
		return nil
	})
}
