package cluster

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// drawBlocks is how many blocks share one partial sum of the weights for
// drawing points.
const drawBlocks = 16

// spread keeps, for every point, the squared distance to the nearest centre so
// far, and draws points with probability proportional to it (times weight).
type spread struct {
	p     *points
	best  []float32 // squared distance of each point
	parts []float64 // sums of w·best by drawBlocks blocks
	total float64

	trial  []float32 // what best would be with each of four candidates
	tile   []float32
	totals [kernel.Tile]float64
}

func newSpread(p *points) *spread {
	s := &spread{
		p: p, best: make([]float32, p.blocks*block),
		parts: make([]float64, (p.blocks+drawBlocks-1)/drawBlocks),
		trial: make([]float32, p.blocks*block*kernel.Tile),
		tile:  make([]float32, kernel.Tile*p.d),
	}
	for i := range s.best {
		s.best[i] = math.MaxFloat32
	}
	return s
}

// try computes what best and total would become with each of up to four
// candidates.
func (s *spread) try(candidates []int) {
	s.pack(candidates)
	kernel.Nearer(s.p.x, s.p.d, s.tile, s.best, s.trial)
	s.totals = [kernel.Tile]float64{}
	for b := range s.p.blocks {
		for c := range s.totals {
			s.totals[c] += s.weigh(b, s.trial[(b*kernel.Tile+c)*block:])
		}
	}
}

// pack lays the candidates out for the kernel, and repeats the last candidate to
// fill the tile.
func (s *spread) pack(candidates []int) {
	for c := range kernel.Tile {
		i := candidates[min(c, len(candidates)-1)]
		for j := range s.p.d {
			s.tile[j*kernel.Tile+c] = s.p.at(i, j)
		}
	}
}

// weigh returns Σ w·v over the points of block b.
func (s *spread) weigh(b int, v []float32) float64 {
	var a [4]float64
	if s.p.weights == nil && (b+1)*block <= s.p.n {
		for l, u := range (*[block]float32)(v) {
			a[l%4] += float64(u)
		}
		return (a[0] + a[1]) + (a[2] + a[3])
	}
	for l := range s.p.lanes(b) {
		a[l%4] += float64(s.p.weight(b*block+l) * float64(v[l]))
	}
	return (a[0] + a[1]) + (a[2] + a[3])
}

// accept makes candidate c of the last try a centre.
func (s *spread) accept(c int) {
	clear(s.parts)
	for b := range s.p.blocks {
		v := s.trial[(b*kernel.Tile+c)*block:][:block]
		copy(s.best[b*block:], v)
		s.parts[b/drawBlocks] += s.weigh(b, v)
	}
	s.total = sum(s.parts)
}

// draw returns a point with probability proportional to w·best; total is not 0.
// Points at distance 0 are never drawn.
func (s *spread) draw(rng *rand.Rand) int {
	u := rng.Float64() * s.total
	group, last := 0, -1
	for group < len(s.parts)-1 && u >= s.parts[group] {
		u -= s.parts[group]
		group++
	}
	for ; group >= 0; group-- { // back only where rounding left u beyond a group of zeros
		for i := group * drawBlocks * block; i < min((group+1)*drawBlocks*block, s.p.n); i++ {
			w := s.p.weight(i) * float64(s.best[i])
			if w <= 0 {
				continue
			}
			last = i
			if u < w {
				return i
			}
			u -= w
		}
		if last >= 0 {
			return last
		}
	}
	panic("cluster: BUG: nothing to draw from")
}

// drawByWeight returns a point with probability proportional to its weight.
func drawByWeight(p *points, rng *rand.Rand) int {
	if p.weights == nil {
		return rng.IntN(p.n)
	}
	u := rng.Float64() * p.total
	for i, w := range p.weights {
		if u < w {
			return i
		}
		u -= w
	}
	return p.n - 1
}

// plusPlus draws k centres by greedy k-means++ [1]: each is the best of
// 2 + ⌊ln k⌋ points drawn with probability proportional to w·D², where D is the
// distance to the nearest centre so far. It returns fewer where the points have
// fewer distinct values.
//
// [1] D. Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful
// Seeding", SODA 2007, pp. 1027–1035.
func plusPlus(ctx context.Context, p *points, k int, rng *rand.Rand) ([]int, error) {
	s := newSpread(p)
	first := drawByWeight(p, rng)
	s.try([]int{first})
	s.accept(0)
	chosen := append(make([]int, 0, k), first)
	tries := 2 + int(math.Log(float64(k)))
	for len(chosen) < k && s.total > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := s.drawBest(tries, rng)
		chosen = append(chosen, next)
	}
	return chosen, nil
}

// drawBest draws candidates, makes the candidate with the least remaining total
// a centre, and returns that point.
func (s *spread) drawBest(tries int, rng *rand.Rand) int {
	candidates := make([]int, tries)
	for t := range candidates {
		candidates[t] = s.draw(rng)
	}
	low, at := math.Inf(1), 0
	for t := 0; t < tries; t += kernel.Tile {
		group := candidates[t:min(t+kernel.Tile, tries)]
		s.try(group)
		for c := range group {
			if s.totals[c] < low {
				low, at = s.totals[c], t+c
			}
		}
	}
	group := at / kernel.Tile * kernel.Tile
	if group+kernel.Tile < tries { // the last try was of a later group
		s.try(candidates[group : group+kernel.Tile])
	}
	s.accept(at - group)
	return candidates[at]
}

// coordinates returns the points of the given numbers, in turn.
func (p *points) coordinates(chosen []int) []float64 {
	c := make([]float64, 0, len(chosen)*p.d)
	for _, i := range chosen {
		for j := range p.d {
			c = append(c, float64(p.at(i, j)))
		}
	}
	return c
}
