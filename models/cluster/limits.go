package cluster

import (
	"math"

	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// limits let an iteration pass over the blocks of points that cannot change
// cluster, after Hamerly's bounds [1], kept by block instead of by point.
//
// When a block is assigned, the least gap of its points is noted: the extra
// distance to the second nearest centre. The points keep their cluster while the
// gap exceeds the drift since then, of their own centre plus the fastest other
// centre. Points are first sorted by cluster and gap (see reorder), so that the
// points of a block share a cluster and lose their limit at about the same time;
// a block that is passed over need not even be read.
//
// A block that is passed over keeps exactly the labels the kernel would give: the
// gaps allow for the kernel's rounding.
//
// [1] G. Hamerly, "Making k-means even faster", SDM 2010, pp. 130–140,
// doi:10.1137/1.9781611972801.12.
type limits struct {
	k     int
	slack float32
	gaps  []float32 // of each point, in the step before the points are sorted; else nil

	least  []float64 // of each block: settled while the drift of its home is below
	home   []int32   // of each block: the cluster of all its points, or k if several
	drift  []float64 // of each home: how far the bound has moved since the start
	sorted bool
}

// newLimits returns limits that settle no block of p yet.
func newLimits(p *points, k int) *limits {
	m := &limits{
		k: k, slack: kernel.Slack(p.d),
		least: make([]float64, p.blocks),
		home:  make([]int32, p.blocks),
		drift: make([]float64, k+1),
	}
	for b := range m.least {
		m.unsettle(b)
	}
	return m
}

// settled reports whether no point of block b can have changed cluster.
func (m *limits) settled(b int) bool { return m.drift[m.home[b]] < m.least[b] }

// unsettle makes sure that block b is assigned next time.
func (m *limits) unsettle(b int) { m.least[b], m.home[b] = math.Inf(-1), int32(m.k) }

// displace has the block of point i assigned next time, and any block to which
// the point is sorted before: the point was given another cluster than the
// nearest.
func (m *limits) displace(i int) {
	m.unsettle(i / block)
	if m.gaps != nil {
		m.gaps[i] = float32(math.Inf(-1))
	}
}

// note records the gaps of block b, just assigned.
func (m *limits) note(b int, moved bool, labels []int32, least float32, lanes []float32) {
	if m.gaps != nil {
		copy(m.gaps[b*block:(b+1)*block], lanes)
	}
	if moved {
		m.home[b] = homeOf(labels[b*block:][:block], m.k)
	}
	m.settle(b, least)
}

// settle sets the limit of block b: its points keep their cluster until the
// drift has grown by least.
func (m *limits) settle(b int, least float32) {
	m.least[b] = m.drift[m.home[b]] + float64(least)*(1-1e-6)
}

// homeOf returns the label that all of a block share, or mixed.
func homeOf(labels []int32, mixed int) int32 {
	for _, l := range labels[1:] {
		if l != labels[0] {
			return int32(mixed)
		}
	}
	return labels[0]
}

// advance adds the last move of the centres to each drift: the move of the own
// centre and the largest move of another centre.
func (m *limits) advance(centres, last []float32, d int) {
	shift := make([]float64, m.k)
	first, second, fastest := largestShifts(centres, last, d, shift)
	for c := range m.k {
		other := first
		if c == fastest {
			other = second
		}
		m.drift[c] += shift[c] + other
	}
	m.drift[m.k] += first + second
}
