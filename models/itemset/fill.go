package itemset

import (
	"context"
	"math/bits"

	"github.com/quintile-dev/quintile/models"
)

// fill finds the rules again and writes them to their places, length by length:
// the redundancy of a rule rests on the rules with shorter antecedents.
func (g *generator) fill(ctx context.Context) error {
	s := g.sets
	for l := 1; l <= s.MaxLength(); l++ {
		n := g.family.count(l)
		g.best, g.next = g.next, make([]float64, n*l)
		blocks := g.blocksOf(l)
		tasks := (n + ruleBlock - 1) / ruleBlock
		err := models.Parallel(ctx, g.config.Workers, tasks, func(t int) error {
			var b *block
			if blocks != nil {
				b = &blocks[t]
			}
			g.fillBlock(l, t*ruleBlock, min(n, (t+1)*ruleBlock), b)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) blocksOf(l int) []block {
	from := 0
	for from < len(g.blocks) && g.blocks[from].l < l {
		from++
	}
	to := from
	for to < len(g.blocks) && g.blocks[to].l == l {
		to++
	}
	if from == to {
		return nil
	}
	return g.blocks[from:to]
}

func (g *generator) fillBlock(l, from, to int, b *block) {
	improvement := make([]float64, l)
	for i := from; i < to; i++ {
		g.improve(l, i, improvement)
		if b == nil {
			continue
		}
		g.each(l, i, func(c candidate) {
			if b.rules < len(g.rules) {
				g.write(b, i, c, improvement)
			}
		})
	}
}

// improve computes, for each item k of set i as the consequent of the others, the
// improvement of the confidence; and keeps in next the highest confidence of this
// and of all simpler rules for k within the set:
//
//	best(S,k) = max(conf(S∖k ⇒ k), max_{x≠k} best(S∖x, k)),  best({k},k) = support
func (g *generator) improve(l, i int, improvement []float64) {
	s := g.sets
	both := float64(s.counts[s.first[l]+i])
	if l == 1 {
		g.next[i] = both / float64(s.baskets)
		return
	}
	less := g.less[l][i*l : (i+1)*l]
	for k := range l {
		simpler := 0.0
		for x, sub := range less {
			at := k
			if x < k {
				at--
			}
			if x != k {
				simpler = max(simpler, g.best[int(sub)*(l-1)+at])
			}
		}
		confidence := both / float64(s.counts[s.first[l-1]+int(less[k])])
		improvement[k] = confidence - simpler
		g.next[i*l+k] = max(confidence, simpler)
	}
}

// write fills in the next rule of block b.
func (g *generator) write(b *block, i int, c candidate, improvement []float64) {
	s, l := g.sets, b.l
	e := &g.rules[b.rules]
	right := bits.OnesCount32(c.right)
	*e = entry{
		at: b.items, left: uint16(l - right), right: uint16(right),
		both: s.counts[s.first[l]+i], with: [2]uint32{c.antecedent, g.consequent(l, i, c.right)},
	}
	x, y := b.items, b.items+l-right
	for k, item := range s.row(l, s.first[l]+i) {
		if c.right>>k&1 == 1 {
			g.items[y] = item
			y++
		} else {
			g.items[x] = item
			x++
		}
	}
	e.p = FisherP(Counts{Both: int(e.both), WithAntecedent: int(e.with[0]), WithConsequent: int(e.with[1]), Baskets: s.baskets})
	if right == 1 {
		e.improvement = improvement[bits.TrailingZeros32(c.right)]
	} else {
		e.improvement = c.confidence - g.simplest(l, i, c.right)
	}
	b.rules++
	b.items += l
}

// simplest returns the highest confidence of a rule with the given consequent and
// a proper subset of the antecedent that set i leaves, by going through them all.
func (g *generator) simplest(l, i int, right uint32) float64 {
	all := uint32(1)<<l - 1
	left := all &^ right
	best := float64(g.countWithout(l, i, left)) / float64(g.sets.baskets)
	for sub := (left - 1) & left; sub > 0; sub = (sub - 1) & left {
		x, xy := g.countWithout(l, i, all&^sub), g.countWithout(l, i, left&^sub)
		best = max(best, float64(xy)/float64(x))
	}
	return best
}
