package cluster

import (
	"context"
	"math/bits"
	"sync"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// batch is how many blocks go through the kernels at once: few enough that the
// points are still in the nearest cache when their sums are moved.
const batch = 32

// lloyd is one run of Lloyd's iterations over points. All state is in framed
// units.
//
// The sums of the clusters are kept from one iteration to the next and changed
// only by the points that moved. Every span of blocks gathers its own changes,
// and the changes are added in span order, so the bits do not depend on the
// number of workers.
type lloyd struct {
	p       *points
	owns    bool // p is this run's own, to be sorted; otherwise it is copied first
	k       int
	workers int

	centres []float64 // k×d
	nearest []float32 // the centres as the kernels see them
	tiles   []float32
	labels  []int32 // of each point, once there was a step; padding too
	sums    []float64
	mass    []float64
	count   []int

	spans   []span
	limits  *limits   // nil until they pay
	steps   int       // done so far
	sortBy  float64   // unit of the gaps to sort by, once limits.gaps is set
	last    []float32 // nearest before the last update
	shifts  []float64
	scratch sync.Pool
	looked  work // what probe needs; fresh memory takes longer than looking
}

// span is the share of one task: blocks [from,to) and the changes of their
// points.
type span struct {
	from, to int
	moved    int
	touched  []bool // by cluster
	sums     []float64
	mass     []float64
	count    []int
}

// work is the scratch memory of one running task.
type work struct {
	list           []int32
	labels         []int32
	masks          []uint32
	norms          []float32
	first, second  []float32
	lanes, closest []float32
}

// newLloyd starts a run on p from a copy of k×d centres.
func newLloyd(p *points, centres []float64, workers int) *lloyd {
	k := len(centres) / p.d
	r := &lloyd{
		p: p, k: k, workers: workers,
		centres: append([]float64(nil), centres...),
		nearest: make([]float32, k*p.d),
		last:    make([]float32, k*p.d),
		shifts:  make([]float64, k),
		labels:  make([]int32, p.blocks*block),
		sums:    make([]float64, k*p.d),
		mass:    make([]float64, k),
		count:   make([]int, k),
	}
	r.scratch.New = func() any {
		return &work{
			list:   make([]int32, 0, batch),
			labels: make([]int32, batch*block), masks: make([]uint32, batch),
			norms: make([]float32, batch*block), first: make([]float32, batch*block), second: make([]float32, batch*block),
			lanes: make([]float32, batch*block), closest: make([]float32, batch),
		}
	}
	r.spans = newSpans(p.blocks, k, p.d)
	r.place()
	return r
}

// newSpans cuts the blocks into spans: at most 256, fewer where the sums of a
// span would be long. The cut depends on the sizes only.
func newSpans(blocks, k, d int) []span {
	most := 256
	switch {
	case k*d > 1<<16:
		most = 16
	case k*d > 1<<12:
		most = 64
	}
	size := max(2*batch, (blocks+most-1)/most)
	var spans []span
	for from := 0; from < blocks; from += size {
		spans = append(spans, span{
			from: from, to: min(from+size, blocks), touched: make([]bool, k),
			sums: make([]float64, k*d), mass: make([]float64, k), count: make([]int, k),
		})
	}
	return spans
}

// place rounds the centres to what the kernels take.
func (r *lloyd) place() {
	for i, v := range r.centres {
		r.nearest[i] = float32(v)
	}
	r.tiles = kernel.Pack(r.tiles, r.nearest, r.p.d)
}

// inertia returns the weighted sum of squared distances of the points to the
// means of their clusters:
//
//	J = Σᵢ wᵢ|xᵢ|² − Σⱼ |Sⱼ|²/Mⱼ
func (r *lloyd) inertia() float64 {
	var explained float64
	for c := range r.k {
		if r.count[c] == 0 {
			continue
		}
		var s float64
		for _, v := range r.sums[c*r.p.d:][:r.p.d] {
			s += float64(v * v)
		}
		explained += s / r.mass[c]
	}
	return max(0, r.p.squares-explained)
}

// outcome says how iterate ended.
type outcome struct {
	iterations int
	converged  bool
}

// iterate steps until no point moves, the centres shift by at most tol (the sum
// of their squared shifts), or maxIter steps are done.
func (r *lloyd) iterate(ctx context.Context, maxIter int, tol float64) (outcome, error) {
	var o outcome
	for o.iterations < maxIter {
		moved, err := r.assign(ctx)
		if err != nil {
			return o, err
		}
		o.iterations++
		if moved == 0 {
			o.converged = true
			return o, nil
		}
		if shift := r.update(); shift <= tol {
			o.converged = true
			return o, nil
		}
		first, second, _ := largestShifts(r.nearest, r.last, r.p.d, r.shifts)
		r.tune(moved, first+second)
	}
	return o, nil
}

// assign gives every point its nearest centre, brings the sums up to date and
// returns how many points moved.
func (r *lloyd) assign(ctx context.Context) (moved int, err error) {
	err = models.Parallel(ctx, r.workers, len(r.spans), func(t int) error {
		r.assignSpan(&r.spans[t])
		return nil
	})
	if err != nil {
		return 0, err
	}
	for t := range r.spans {
		moved += r.spans[t].moved
		r.merge(&r.spans[t])
	}
	r.steps++
	r.relocate()
	if r.limits != nil && r.limits.gaps != nil {
		err = r.reorder(ctx, r.sortBy)
	}
	return moved, err
}

func (r *lloyd) assignSpan(s *span) {
	w := r.scratch.Get().(*work)
	defer r.scratch.Put(w)
	s.moved = 0
	if r.steps == 0 {
		labels := r.labels[s.from*block : s.to*block]
		for i := range labels {
			labels[i] = -1
		}
	}
	for b := s.from; b < s.to; b++ {
		if r.limits != nil && r.limits.settled(b) {
			continue
		}
		if w.list = append(w.list, int32(b)); len(w.list) == batch {
			r.assignBatch(s, w)
		}
	}
	if len(w.list) > 0 {
		r.assignBatch(s, w)
	}
}

// assignBatch labels the blocks of w.list and empties it.
func (r *lloyd) assignBatch(s *span, w *work) {
	n := len(w.list)
	fresh := w.labels[:n*block]
	if r.limits == nil {
		kernel.Assign(r.p.x, w.list, r.p.d, r.tiles, fresh)
	} else {
		kernel.Assign2(r.p.x, w.list, r.p.d, r.tiles, fresh, w.first, w.second)
		kernel.Norms(r.p.x, w.list, r.p.d, w.norms)
		kernel.Gaps(w.norms, w.first, w.second, r.limits.slack, w.lanes, w.closest[:n])
	}
	kernel.Changed(w.list, r.labels, fresh, w.masks)
	for i, b := range w.list {
		if mask := w.masks[i]; mask != 0 {
			r.move(s, int(b), mask, (*[block]int32)(fresh[i*block:]))
		}
		if r.limits != nil {
			r.limits.note(int(b), w.masks[i] != 0, r.labels, w.closest[i], w.lanes[i*block:])
		}
	}
	w.list = w.list[:0]
}

// move relabels the points of block b named by mask, and books the changes of
// the sums.
func (r *lloyd) move(s *span, b int, mask uint32, fresh *[block]int32) {
	d := r.p.d
	labels := (*[block]int32)(r.labels[b*block:])
	x := r.p.x[b*block*d:][:block*d]
	mask &= 1<<r.p.lanes(b) - 1
	s.moved += bits.OnesCount32(mask)
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		from, to := labels[l], fresh[l]
		s.touched[to] = true
		s.count[to]++
		if from >= 0 {
			s.touched[from] = true
			s.count[from]--
		}
	}
	if r.p.weights == nil {
		kernel.Move(x, d, mask, labels, fresh, s.sums)
	} else {
		r.moveWeighted(s, b, x, mask, labels, fresh)
	}
	*labels = *fresh
}

// moveWeighted books the points named by mask with their weights.
func (r *lloyd) moveWeighted(s *span, b int, x []float32, mask uint32, labels, fresh *[block]int32) {
	d := r.p.d
	for ; mask != 0; mask &= mask - 1 {
		l := bits.TrailingZeros32(mask)
		w := r.p.weights[b*block+l]
		s.mass[fresh[l]] += w
		add := s.sums[int(fresh[l])*d:][:d]
		for j := range add {
			add[j] += float64(w * float64(x[j*block+l]))
		}
		if labels[l] < 0 {
			continue
		}
		s.mass[labels[l]] -= w
		sub := s.sums[int(labels[l])*d:][:d]
		for j := range sub {
			sub[j] -= float64(w * float64(x[j*block+l]))
		}
	}
}

// merge adds the changes of a span to the clusters and clears the span.
func (r *lloyd) merge(s *span) {
	d := r.p.d
	for c, touched := range s.touched {
		if !touched {
			continue
		}
		s.touched[c] = false
		r.count[c] += s.count[c]
		if r.p.weights == nil {
			r.mass[c] = float64(r.count[c])
		} else {
			r.mass[c] += s.mass[c]
		}
		s.count[c], s.mass[c] = 0, 0
		from, to := s.sums[c*d:][:d], r.sums[c*d:][:d]
		for j, v := range from {
			to[j] += v
			from[j] = 0
		}
		if r.count[c] == 0 { // rounding may have left a trace
			r.mass[c] = 0
			clear(to)
		}
	}
}

// update moves every centre to the mean of its cluster and returns the sum of
// the squared shifts. The centre of an empty cluster stays.
func (r *lloyd) update() (shift float64) {
	d := r.p.d
	for c := range r.k {
		if r.count[c] == 0 {
			continue
		}
		for j := range d {
			v := r.sums[c*d+j] / r.mass[c]
			t := v - r.centres[c*d+j]
			shift += float64(t * t)
			r.centres[c*d+j] = v
		}
	}
	copy(r.last, r.nearest)
	r.place()
	if r.limits != nil {
		r.limits.advance(r.nearest, r.last, d)
	}
	return shift
}
