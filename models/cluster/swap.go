package cluster

import (
	"context"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// minGain is the share of the inertia that a swap must save.
const minGain = 1e-4

// swapper tries to move a centre of a run elsewhere: the local search of Lattanzi
// and Sohler [1], four candidates at a time. A candidate is a point drawn with
// probability proportional to w·D²; the centre to be replaced is the centre whose
// removal costs its points least.
//
// [1] S. Lattanzi and C. Sohler, "A Better k-means++ Algorithm via Local Search",
// ICML 2019, PMLR 97, pp. 3662–3671.
type swapper struct {
	r        *lloyd
	s        *spread
	second   []float32 // squared distance to the second nearest centre
	norms    []float32 // |x|² of each point
	lightest float64   // mass of the lightest cluster
	found    []int32   // the nearest centre; the labels of the run change with its sums only
}

func newSwapper(r *lloyd) *swapper {
	n := len(r.labels)
	w := &swapper{r: r, s: newSpread(r.p), second: make([]float32, n), norms: make([]float32, n), found: make([]int32, n)}
	every := make([]int32, r.p.blocks)
	for b := range every {
		every[b] = int32(b)
	}
	kernel.Norms(r.p.x, every, r.p.d, w.norms)
	return w
}

// improve makes about tries attempts on the run, keeping swaps that lower the
// inertia, and returns the number of swaps kept. Every centre is the mean of its
// cluster afterwards, and iterate may go on.
func (r *lloyd) improve(ctx context.Context, tries int, rng *rand.Rand) (kept int, err error) {
	if r.k < 2 || r.k >= r.p.n {
		return 0, nil
	}
	r.limits = nil
	w := newSwapper(r)
	w.measure()
	for ; tries > 0 && w.s.total > 0; tries -= kernel.Tile {
		candidate, out := w.bestSwap(rng)
		if candidate < 0 {
			if err := ctx.Err(); err != nil {
				return kept, err
			}
			continue
		}
		for j := range r.p.d {
			r.centres[out*r.p.d+j] = float64(r.p.at(candidate, j))
		}
		r.place()
		kept++
		if _, err := r.assign(ctx); err != nil {
			return kept, err
		}
		r.update()
		w.measure()
	}
	if _, err := r.assign(ctx); err != nil {
		return kept, err
	}
	r.update()
	return kept, nil
}

// measure brings the distances up to date with the centres.
func (w *swapper) measure() {
	p := w.r.p
	list := make([]int32, 0, batch)
	for from := 0; from < p.blocks; from += batch {
		list = list[:0]
		for b := from; b < min(from+batch, p.blocks); b++ {
			list = append(list, int32(b))
		}
		at, n := from*block, len(list)*block
		kernel.Assign2(p.x, list, p.d, w.r.tiles, w.found[at:at+n], w.s.best[at:at+n], w.second[at:at+n])
	}
	for i, norm := range w.norms {
		w.s.best[i] = max(0, 2*w.s.best[i]+norm)
		w.second[i] = max(0, 2*w.second[i]+norm)
	}
	w.lightest = w.r.lightestMass()
	clear(w.s.parts)
	for b := range p.blocks {
		w.s.parts[b/drawBlocks] += w.s.weigh(b, w.s.best[b*block:])
	}
	w.s.total = sum(w.s.parts)
}

// bestSwap draws four candidates and returns the best candidate and the centre
// to be replaced, or −1 if no candidate saves enough.
func (w *swapper) bestSwap(rng *rand.Rand) (candidate, out int) {
	var candidates [kernel.Tile]int
	for c := range candidates {
		candidates[c] = w.s.draw(rng)
	}
	totals, longer := w.weighAll(candidates)
	low, candidate := w.s.total*(1-minGain), -1
	for c := range candidates {
		for i := range w.r.k {
			if total := totals[c] + longer[i][c]; total < low {
				low, candidate, out = total, candidates[c], i
			}
		}
	}
	return candidate, out
}

// weighAll returns, for each candidate, the inertia with the candidate as an
// additional centre, and, for each centre, the rise of that inertia if the
// centre were removed.
func (w *swapper) weighAll(candidates [kernel.Tile]int) (totals [kernel.Tile]float64, longer [][kernel.Tile]float64) {
	p, s := w.r.p, w.s
	s.pack(candidates[:])
	kernel.Nearer(p.x, p.d, s.tile, w.second, s.trial) // the smaller of D² and second
	longer = make([][kernel.Tile]float64, w.r.k)
	for b := range p.blocks {
		trial := (*[kernel.Tile * block]float32)(s.trial[b*kernel.Tile*block:])
		best := (*[block]float32)(s.best[b*block:])
		found := (*[block]int32)(w.found[b*block:])
		for l := range p.lanes(b) {
			to := &longer[found[l]]
			weight := p.weight(b*block + l)
			for c := range kernel.Tile {
				gone := trial[c*block+l]
				stays := min(gone, best[l])
				totals[c] += float64(weight * float64(stays))
				to[c] += float64(weight * float64(gone-stays))
			}
		}
	}
	return totals, longer
}
