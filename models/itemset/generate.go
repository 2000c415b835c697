package itemset

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
)

// ruleBlock is the number of sets whose rules one task finds: few, so that no
// goroutine is left waiting long for the last.
const ruleBlock = 64

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
	if err := g.run(ctx); err != nil {
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

	// What is left of the memory for these and for less.
	numbers []float64
	words   []uint32

	blocks []block
	found  atomic.Int64 // rules of the blocks, as far as known
	items  []uint32
	rules  []entry
	p      []float64
	placed bool // the rules have their places
}

// block is a range of sets of one length, and its rules.
type block struct {
	l, from, to int // numbers within the length
	stage       stage
	rules       int
	cuts        []cut     // of the rules, unless there are too many
	p           []float64 // of the rules, where found before their place
	at, items   int       // where the rules and their items go
	redundant   int
}

// begin makes room for the sets of length l and returns their blocks; there are none
// of length 1.
func (g *generator) begin(l int) []block {
	if l == 1 {
		g.beginSingles()
		return nil
	}
	n, first := g.family.count(l), len(g.blocks)
	g.grow(l, carve(&g.words, n*l))
	g.best, g.before = g.before, g.best
	g.improvement[l], g.passing[l] = carve(&g.numbers, n*l), carve(&g.words, n)
	for from := 0; from < n; from += ruleBlock {
		g.blocks = append(g.blocks, block{l: l, from: from, to: min(n, from+ruleBlock)})
	}
	return g.blocks[first:]
}

// carve returns the first n of what is left of some memory, and takes them off.
func carve[T any](left *[]T, n int) []T {
	some := (*left)[:n:n]
	*left = (*left)[n:]
	return some
}

func (g *generator) beginSingles() {
	widest, blocks, items := 0, 0, 0
	for l := 1; l <= g.sets.MaxLength(); l++ {
		widest = max(widest, g.family.count(l)*l)
		items += g.family.count(l) * l
		blocks += (g.family.count(l) + ruleBlock - 1) / ruleBlock
	}
	g.blocks = make([]block, 0, blocks) // which stay where they are
	g.numbers, g.words = make([]float64, items+2*widest), make([]uint32, items+g.sets.Len())
	g.best, g.before = carve(&g.numbers, widest), carve(&g.numbers, widest)
	for i, n := range g.sets.counts[:g.family.count(1)] {
		g.best[i] = float64(n) / float64(g.sets.baskets)
	}
}

// scanBlock links the sets of a block, finds the confidences of single consequents
// and then the rules. All rests on the sets with an item less.
func (g *generator) scanBlock(b *block, w *worker) error {
	if b.l == 2 {
		if err := g.scanPairs(b.from, b.to); err != nil {
			return err
		}
		g.cutBlock(b, w)
		return nil
	}
	if err := g.linkBlock(b.l, b.from, b.to); err != nil {
		return err
	}
	for i := b.from; i < b.to; i++ {
		if !g.scanSet(b.l, i) {
			return g.excessive(b.l, i)
		}
	}
	g.cutBlock(b, w)
	return nil
}

// scanPairs does for sets of two items what linkBlock and scanSet do for others.
func (g *generator) scanPairs(from, to int) error {
	s := g.sets
	counts, rows := s.counts[s.first[2]:s.first[3]], s.items[s.base[2]:s.base[3]]
	less, best, improvement, passing := g.less[2], g.best, g.improvement[2], g.passing[2]
	for i := from; i < to; i++ {
		x, okX := g.family.place(rows[2*i])
		y, okY := g.family.place(rows[2*i+1])
		if !okX {
			return g.missing(rows[2*i:2*i+2], 1)
		}
		if !okY {
			return g.missing(rows[2*i:2*i+2], 0)
		}
		less[2*i], less[2*i+1] = y, x
		both := float64(counts[i])
		toX, toY := both/float64(s.counts[y]), both/float64(s.counts[x])
		if max(toX, toY) > 1 {
			return g.excessive(2, i)
		}
		shareX, shareY := g.before[x], g.before[y]
		improvement[2*i], improvement[2*i+1] = toX-shareX, toY-shareY
		best[2*i], best[2*i+1] = max(toX, shareX), max(toY, shareY)
		passing[i] = passes(toX, g.report.MinConfidence) | passes(toY, g.report.MinConfidence)<<1
	}
	return nil
}

// passes returns 1 if the confidence is high enough, and 0 if not, without a branch,
// which could not be foreseen.
func passes(confidence, enough float64) uint32 {
	pass := uint32(0)
	if confidence >= enough {
		pass = 1
	}
	return pass
}

// scanSet finds, for each item k of set i as the consequent of the others, whether
// that is confident enough and what it is better by than all simpler rules; and the
// highest confidence of this and of all simpler rules for k within the set:
//
//	best(S,k) = max(conf(S∖k ⇒ k), max_{x≠k} best(S∖x, k)),  best({k},k) = support
//
// It reports whether the set is no more frequent than its subsets are.
func (g *generator) scanSet(l, i int) bool {
	less, best, improvement := g.less[l][i*l:i*l+l], g.best[i*l:i*l+l], g.improvement[l][i*l:i*l+l]
	best[0] = g.before[int(less[1])*(l-1)]
	for k, v := range g.before[int(less[0])*(l-1) : (int(less[0])+1)*(l-1)] {
		best[k+1] = v
	}
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
	passing, highest := uint32(0), 0.0
	for k, sub := range less {
		confidence := both / float64(shorter[sub])
		improvement[k] = confidence - best[k]
		best[k] = max(best[k], confidence)
		passing |= passes(confidence, g.report.MinConfidence) << k
		highest = max(highest, confidence)
	}
	g.passing[l][i] = passing
	return highest <= 1
}

// cutBlock finds the rules of a block. It forgets which they are once there are more
// than may be kept.
func (g *generator) cutBlock(b *block, w *worker) {
	b.rules, b.cuts, b.p = 0, nil, nil
	if b.l < g.config.MinLength {
		return
	}
	cuts := w.cuts[:0]
	for from := b.from; from < b.to; {
		cuts, from = g.cuts(cuts, b.l, from, b.to, g.config.MaxRules)
		if len(cuts) > g.config.MaxRules {
			b.rules += len(cuts)
			cuts = cuts[:0]
		}
	}
	w.cuts = cuts
	b.rules += len(cuts)
	if g.found.Add(int64(b.rules)) <= int64(g.config.MaxRules) {
		b.cuts = slices.Clone(cuts)
	}
}

// place says where the rules of each block go.
func (g *generator) place() {
	rules, items := 0, 0
	for i := range g.blocks {
		b := &g.blocks[i]
		b.rules = min(b.rules, g.config.MaxRules-rules)
		b.at, b.items = rules, items
		rules += b.rules
		items += b.rules * b.l
	}
	g.rules, g.items, g.p = make([]entry, rules), make([]uint32, items), make([]float64, rules)
	g.report.Tested, g.placed = rules, true
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
			cuts, _ = g.cuts(cuts[:0], b.l, i, i+1, 0)
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
		b := &g.blocks[t]
		for i := b.from; i < b.to; i++ {
			g.passing[b.l][i] = g.confident(b.l, i)
		}
		g.cutBlock(b, new(worker))
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
