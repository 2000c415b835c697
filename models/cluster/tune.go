package cluster

import (
	"math"

	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// Limits cost a third of an assignment and sorting the points about three, and
// neither pays while the centres still move far or where every point lies about
// half way between two centres. So the run looks at a few blocks after each
// step, and starts limits once enough blocks could be passed over. The decision
// depends on the data only.
const (
	limitPoints  = 2048 // points below which limits are not tried
	limitMoved   = 10   // look once fewer than one point in so many moves
	limitProbes  = 256  // blocks looked at, at most
	probeShare   = 32   // one block in so many is
	limitBlocks  = 0.25 // share of blocks as they are that would be passed over
	sortPoints   = 0.5  // share of points that would, if they were sorted
	sortBlocks   = 4    // blocks a cluster must fill on average, to sort
	sortAfter    = 8    // steps after which a run is taken to be long
	stepsOfSlack = 2    // steps a gap should last
)

// tune starts limits, or sorts the points, where the last step predicts a gain.
// tune runs between update, which moved the centres by drift in all, and assign.
func (r *lloyd) tune(moved int, drift float64) {
	if r.p.n < limitPoints || r.k < 2 || moved > r.p.n/limitMoved || drift == 0 {
		return
	}
	if r.limits != nil && (r.limits.sorted || r.steps < sortAfter) {
		return
	}
	points, blocks := r.probe(stepsOfSlack * drift)
	sorting := r.steps >= sortAfter && points >= sortPoints && r.k*sortBlocks*block <= r.p.n
	if r.limits == nil && (sorting || blocks >= limitBlocks) {
		r.limits = newLimits(r.p, r.k)
	}
	if sorting {
		r.limits.sorted = true
		r.sortBy = drift // the next assignment notes the gaps and then sorts
		r.limits.gaps = make([]float32, r.p.blocks*block)
		for b := range r.p.blocks {
			r.limits.unsettle(b)
		}
	}
}

// probe returns the shares of points and of blocks, among a few spread evenly,
// whose gap exceeds need.
func (r *lloyd) probe(need float64) (points, blocks float64) {
	stride := max(probeShare, r.p.blocks/limitProbes)
	w := &r.looked
	w.list = w.list[:0]
	for b := 0; b < r.p.blocks; b += stride {
		w.list = append(w.list, int32(b))
	}
	n := len(w.list)
	if w.labels == nil {
		w.labels, w.norms, w.lanes = make([]int32, n*block), make([]float32, n*block), make([]float32, n*block)
		w.first, w.second, w.closest = make([]float32, n*block), make([]float32, n*block), make([]float32, n)
	}
	kernel.Assign2(r.p.x, w.list, r.p.d, r.tiles, w.labels, w.first, w.second)
	kernel.Norms(r.p.x, w.list, r.p.d, w.norms)
	kernel.Gaps(w.norms, w.first, w.second, kernel.Slack(r.p.d), w.lanes, w.closest)
	return shareAbove(w.lanes, need), shareAbove(w.closest, need)
}

func shareAbove(v []float32, need float64) float64 {
	above := 0
	for _, g := range v {
		if float64(g) > need {
			above++
		}
	}
	return float64(above) / float64(len(v))
}

// largestShifts returns the two largest distances between rows of a and of b,
// and the row of the first.
func largestShifts(a, b []float32, d int, shift []float64) (first, second float64, fastest int) {
	for c := range shift {
		var s float64
		for j := c * d; j < (c+1)*d; j++ {
			t := float64(a[j]) - float64(b[j])
			s += float64(t * t)
		}
		shift[c] = math.Sqrt(s) * (1 + 1e-9)
		if shift[c] > first {
			first, second, fastest = shift[c], first, c
		} else {
			second = max(second, shift[c])
		}
	}
	return first, second, fastest
}
