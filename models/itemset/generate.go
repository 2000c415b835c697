package itemset

import (
	"context"
	"fmt"
	"math/bits"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
)

// ruleBlock is the number of sets whose rules one task finds.
const ruleBlock = 512

// RuleReport says how a run of Sets.Rules went.
type RuleReport struct {
	Tested    int // rules that met the thresholds of confidence, lift and length
	Redundant int // of these, redundant
	Rules     int // kept

	// Partial says that MaxRules was exceeded: MinConfidence was raised until the
	// rules fitted, or, if too many are certain, the last of those were left out.
	Partial       bool
	MinConfidence float64 // of the result: the one asked for, or more
	Warnings      []models.Warning
}

// Rules derives the association rules X ⇒ Y whose items together are among the
// sets, with the measures, significance and redundancy that Rule names.
//
// Rules with an empty antecedent are not among them: they say no more than the
// count of an item.
//
// Determinism: the result depends on s and c only, never on Workers.
//
// Errors: *models.ConfigError for each fault of c, joined; a plain error where a
// subset of a set is missing, as among closed and maximal sets, whose counts do
// not give a confidence; ctx.Err() if cancelled.
//
// Cost: for single consequents O(Σ length²) over the sets, plus a FisherP and 80
// bytes for each rule; for larger ones, 2^length for each rule more.
func (s *Sets) Rules(ctx context.Context, c RuleConfig) (*Rules, RuleReport, error) {
	if err := c.Validate(); err != nil {
		return nil, RuleReport{}, err
	}
	if s.kind != Frequent && s.Len() > 0 {
		return nil, RuleReport{}, fmt.Errorf("itemset: rules: got %v sets, want frequent ones, which alone know the count of every antecedent", s.kind)
	}
	g := &generator{
		family: newFamily(s), config: c, report: RuleReport{MinConfidence: c.MinConfidence},
		improvement: make([][]float64, s.MaxLength()+1), passing: make([][]uint32, s.MaxLength()+1),
	}
	if err := g.scan(ctx); err != nil {
		return nil, g.report, err
	}
	if err := g.place(ctx); err != nil {
		return nil, g.report, err
	}
	if err := g.fill(ctx); err != nil {
		return nil, g.report, err
	}
	r := g.finish()
	return r, g.report, nil
}

// generator finds rules in two passes: which there are, then all about them.
type generator struct {
	*family
	config RuleConfig
	report RuleReport

	// best[i*l+k] is the highest confidence of a rule for item k of the i-th set of
	// length l, from any of its other items; before is the same for length l-1.
	best, before []float64
	// improvement[l][i*l+k] is that of the rule for item k from all others.
	improvement [][]float64
	// passing[l][i] has bit k set if the rule for item k from all others is confident
	// enough. A larger consequent leaves a more frequent antecedent, so that only
	// what is made of such items can be.
	passing [][]uint32

	blocks []block
	found  atomic.Int64 // rules of the blocks, as far as known
	items  []uint32
	rules  []entry
	p      []float64
}

// block is a range of sets of one length, and its rules.
type block struct {
	l, from, to int // numbers within the length
	rules       int
	cuts        []cut // of the rules, unless there are too many
	at, items   int   // where the rules and their items go
	redundant   int
}

// scan links the sets, finds the confidences of single consequents and then the
// rules, length by length, since all rests on the sets with an item less.
func (g *generator) scan(ctx context.Context) error {
	widest := 0
	for l := 1; l <= g.sets.MaxLength(); l++ {
		widest = max(widest, g.family.count(l)*l)
	}
	g.best, g.before = make([]float64, widest), make([]float64, widest)
	for l := 1; l <= g.sets.MaxLength(); l++ {
		n := g.family.count(l)
		if l > 1 {
			g.grow(l)
		}
		g.best, g.before = g.before, g.best
		g.improvement[l], g.passing[l] = make([]float64, n*l), make([]uint32, n)
		first := len(g.blocks)
		for from := 0; from < n; from += ruleBlock {
			g.blocks = append(g.blocks, block{l: l, from: from, to: min(n, from+ruleBlock)})
		}
		blocks := g.blocks[first:]
		err := models.Parallel(ctx, g.config.Workers, len(blocks), func(t int) error { return g.scanBlock(&blocks[t]) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) scanBlock(b *block) error {
	if b.l == 1 {
		for i := b.from; i < b.to; i++ {
			g.best[i] = float64(g.sets.counts[i]) / float64(g.sets.baskets)
		}
		return nil
	}
	if err := g.linkBlock(b.l, b.from, b.to); err != nil {
		return err
	}
	for i := b.from; i < b.to; i++ {
		g.scanSet(b.l, i)
	}
	g.cutBlock(b)
	return nil
}

// scanSet finds, for each item k of set i as the consequent of the others, whether
// that is confident enough and what it is better by than all simpler rules; and the
// highest confidence of this and of all simpler rules for k within the set:
//
//	best(S,k) = max(conf(S∖k ⇒ k), max_{x≠k} best(S∖x, k)),  best({k},k) = support
func (g *generator) scanSet(l, i int) {
	less, best, improvement := g.less[l][i*l:i*l+l], g.best[i*l:i*l+l], g.improvement[l][i*l:i*l+l]
	best[0] = g.before[int(less[1])*(l-1)]
	copy(best[1:], g.before[int(less[0])*(l-1):])
	for x, sub := range less[1:] {
		x++
		simpler := g.before[int(sub)*(l-1) : (int(sub)+1)*(l-1)]
		for k, v := range simpler[:x] {
			best[k] = max(best[k], v)
		}
		for k, v := range simpler[x:] {
			best[x+1+k] = max(best[x+1+k], v)
		}
	}
	both, shorter := float64(g.sets.counts[g.sets.first[l]+i]), g.sets.counts[g.sets.first[l-1]:]
	passing := uint32(0)
	for k, sub := range less {
		confidence := both / float64(shorter[sub])
		improvement[k] = confidence - best[k]
		best[k] = max(best[k], confidence)
		if confidence >= g.report.MinConfidence {
			passing |= 1 << k
		}
	}
	g.passing[l][i] = passing
}

// cutBlock finds the rules of a block. It forgets which they are once there are more
// than may be kept.
func (g *generator) cutBlock(b *block) {
	b.rules, b.cuts = 0, nil
	if b.l < g.config.MinLength {
		return
	}
	singles := 0
	for _, passing := range g.passing[b.l][b.from:b.to] {
		singles += bits.OnesCount32(passing)
	}
	cuts := make([]cut, 0, min(singles+singles/4, g.config.MaxRules))
	for i := b.from; i < b.to; i++ {
		cuts = g.cuts(cuts, b.l, i)
		if len(cuts) > g.config.MaxRules {
			b.rules += len(cuts)
			cuts = cuts[:0]
		}
	}
	b.rules += len(cuts)
	if g.found.Add(int64(b.rules)) <= int64(g.config.MaxRules) {
		b.cuts = cuts
	}
}

// place raises the confidence if there are too many rules, and says where those of
// each block go.
func (g *generator) place(ctx context.Context) error {
	if g.found.Load() > int64(g.config.MaxRules) {
		if err := g.raise(ctx); err != nil {
			return err
		}
	}
	rules, items := 0, 0
	for i := range g.blocks {
		b := &g.blocks[i]
		b.rules = min(b.rules, g.config.MaxRules-rules)
		b.at, b.items = rules, items
		rules += b.rules
		items += b.rules * b.l
	}
	g.rules, g.items, g.p = make([]entry, rules), make([]uint32, items), make([]float64, rules)
	g.report.Tested = rules
	return nil
}

// raise finds the rules again, having set the confidence to the lowest multiple of
// 2⁻¹⁶ at which there are no more than MaxRules, or to 1.
func (g *generator) raise(ctx context.Context) error {
	const steps = 1 << 16
	counts := make([]int, steps+1)
	var cuts []cut
	for _, b := range g.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.l < g.config.MinLength {
			continue
		}
		for i := b.from; i < b.to; i++ {
			cuts = g.cuts(cuts[:0], b.l, i)
			for _, c := range cuts {
				counts[int(g.confidence(b.l, c)*steps)]++
			}
		}
	}
	step, above := steps, counts[steps]
	for step > 0 && above+counts[step-1] <= g.config.MaxRules {
		step--
		above += counts[step]
	}
	g.report.Partial = true
	g.report.MinConfidence = max(g.config.MinConfidence, float64(step)/steps)
	g.found.Store(0)
	return models.Parallel(ctx, g.config.Workers, len(g.blocks), func(t int) error {
		if b := &g.blocks[t]; b.l > 1 {
			for i := b.from; i < b.to; i++ {
				g.passing[b.l][i] = g.confident(b.l, i)
			}
			g.cutBlock(b)
		}
		return nil
	})
}

// confident returns the mask of the items of set i that are confident enough as the
// consequent of the others.
func (g *generator) confident(l, i int) uint32 {
	s := g.sets
	both, shorter := float64(s.counts[s.first[l]+i]), s.counts[s.first[l-1]:]
	mask := uint32(0)
	for k, sub := range g.less[l][i*l : i*l+l] {
		if both/float64(shorter[sub]) >= g.report.MinConfidence {
			mask |= 1 << k
		}
	}
	return mask
}
