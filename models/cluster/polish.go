package cluster

import (
	"context"
	"math"
)

// polishRounds bounds how often polish looks at all points again.
const polishRounds = 20

// polish moves single points where a move lowers the inertia although each point
// is nearest to its own centre: a point of weight w adds w·M/(M+w)·D² to a
// cluster of mass M and takes w·M/(M−w)·D² from its own, because the centres
// follow the point [1]. Lloyd's iterations stop at many partitions that polish
// still improves, never the other way round.
//
// Points are tried in order, each against the clusters as they are by then. Only
// points about half way between two centres can gain, so the rest are left out
// first.
//
// [1] M. Telgarsky and A. Vattani, "Hartigan's Method: k-means Clustering without
// Voronoi", AISTATS 2010, PMLR 9, pp. 820–827.
func (r *lloyd) polish(ctx context.Context) (moved int, err error) {
	if r.k < 2 {
		return 0, nil
	}
	r.limits = nil
	w := newSwapper(r)
	for range polishRounds {
		if err := ctx.Err(); err != nil {
			return moved, err
		}
		w.measure()
		some := 0
		for i := range r.p.n {
			if w.halfWay(i) && r.tryMove(i) {
				some++
			}
		}
		if some == 0 {
			break
		}
		moved += some
		r.place()
	}
	return moved, nil
}

// halfWay reports whether moving point i may pay: a generous test, in float32.
func (w *swapper) halfWay(i int) bool {
	own := w.r.mass[w.r.labels[i]]
	weight := w.r.p.weight(i)
	leave := float64(w.s.best[i]) * own / max(own-weight, 0.5*weight)
	join := float64(w.second[i]) * w.lightest / (w.lightest + weight)
	return join <= leave*(1+1e-3)
}

// tryMove moves point i to the cluster with the least addition to the inertia,
// if the addition is smaller than the point's share in its own cluster.
func (r *lloyd) tryMove(i int) bool {
	d, from, weight := r.p.d, int(r.labels[i]), r.p.weight(i)
	if r.count[from] < 2 {
		return false
	}
	distance := func(c int) (s float64) {
		for j := range d {
			t := float64(r.p.at(i, j)) - r.centres[c*d+j]
			s += float64(t * t)
		}
		return s
	}
	low, to := distance(from)*r.mass[from]/(r.mass[from]-weight)*(1-1e-9), from
	for c := range r.k {
		if c == from || r.count[c] == 0 {
			continue
		}
		if add := distance(c) * r.mass[c] / (r.mass[c] + weight); add < low {
			low, to = add, c
		}
	}
	if to == from {
		return false
	}
	r.labels[i] = int32(to)
	r.shift(from, i, -1, -weight)
	r.shift(to, i, 1, weight)
	return true
}

// shift adds point i to cluster c, or takes it away, and moves the centre.
func (r *lloyd) shift(c, i, count int, weight float64) {
	d := r.p.d
	r.count[c] += count
	r.mass[c] += weight
	for j := range d {
		r.sums[c*d+j] += float64(weight * float64(r.p.at(i, j)))
		r.centres[c*d+j] = r.sums[c*d+j] / r.mass[c]
	}
}

// lightestMass returns the least mass of a cluster that has points.
func (r *lloyd) lightestMass() float64 {
	low := math.Inf(1)
	for c, n := range r.count {
		if n > 0 {
			low = min(low, r.mass[c])
		}
	}
	return low
}
