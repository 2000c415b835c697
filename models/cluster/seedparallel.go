package cluster

import (
	"context"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

const (
	// parallelRounds is how often k-means‖ draws.
	parallelRounds = 5
	// parallelShare is how many points a round draws on average, in units of k.
	parallelShare = 2
)

// parallelSeed draws about 2k points in each of five rounds, each point on its
// own with probability proportional to w·D², weighs every drawn point by the
// points nearest to it, and reduces the drawn points to k by greedy k-means++
// (k-means‖ [1]).
//
// [1] B. Bahmani, B. Moseley, A. Vattani, R. Kumar and S. Vassilvitskii,
// "Scalable K-Means++", PVLDB 5(7), 2012, pp. 622–633,
// doi:10.14778/2180912.2180915.
func parallelSeed(ctx context.Context, p *points, k int, rng *rand.Rand) ([]int, error) {
	s := newSpread(p)
	chosen := []int{drawByWeight(p, rng)}
	s.try(chosen)
	s.accept(0)
	for range parallelRounds {
		if s.total == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		factor := parallelShare * float64(k) / s.total
		from := len(chosen)
		for i := range p.n {
			if rng.Float64() < factor*p.weight(i)*float64(s.best[i]) {
				chosen = append(chosen, i)
			}
		}
		for t := from; t < len(chosen); t += kernel.Tile {
			s.acceptAll(chosen[t:min(t+kernel.Tile, len(chosen))])
		}
	}
	for len(chosen) < k && s.total > 0 { // the rounds may draw too few of a small set
		chosen = append(chosen, s.drawBest(1, rng))
	}
	return reduce(ctx, p, chosen, k, rng)
}

// acceptAll makes up to four points centres.
func (s *spread) acceptAll(group []int) {
	s.try(group)
	for b := range s.p.blocks {
		best := s.best[b*block:][:block]
		for c := range group {
			for l, v := range s.trial[(b*kernel.Tile+c)*block:][:block] {
				best[l] = min(best[l], v)
			}
		}
	}
	clear(s.parts)
	for b := range s.p.blocks {
		s.parts[b/drawBlocks] += s.weigh(b, s.best[b*block:])
	}
	s.total = sum(s.parts)
}

// reduce picks k of the chosen points by greedy k-means++, each weighing as much
// as the points it is nearest to.
func reduce(ctx context.Context, p *points, chosen []int, k int, rng *rand.Rand) ([]int, error) {
	if len(chosen) <= k {
		return chosen, nil
	}
	m := len(chosen)
	q := &points{n: m, d: p.d, blocks: (m + block - 1) / block, weights: make([]float64, m)}
	q.x = make([]float32, q.blocks*block*p.d)
	flat := make([]float32, m*p.d)
	for i := range q.blocks * block {
		from := chosen[min(i, m-1)]
		for j := range p.d {
			v := p.at(from, j)
			q.x[(i/block*p.d+j)*block+i%block] = v
			if i < m {
				flat[i*p.d+j] = v
			}
		}
	}
	tiles, list, labels := kernel.Pack(nil, flat, p.d), []int32{0}, make([]int32, block)
	for b := range p.blocks {
		list[0] = int32(b)
		kernel.Assign(p.x, list, p.d, tiles, labels)
		for l := range p.lanes(b) {
			q.weights[labels[l]] += p.weight(b*block + l)
		}
	}
	for i, w := range q.weights {
		if w == 0 { // a tie in rounding gave its own points to a neighbour
			q.weights[i] = p.weight(chosen[i])
		}
	}
	q.total = sum(q.weights)
	picked, err := plusPlus(ctx, q, k, rng)
	if err != nil {
		return nil, err
	}
	for t, i := range picked {
		picked[t] = chosen[i]
	}
	return picked, nil
}
