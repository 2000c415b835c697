package itemset

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/quintile-dev/quintile/models"
)

// ruleBlock is the number of sets whose rules one task finds.
const ruleBlock = 2048

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
// Cost: for single consequents O(Σ length²) over the sets, plus a FisherP and 60
// bytes for each rule; for larger ones, 2^length for each rule more.
func (s *Sets) Rules(ctx context.Context, c RuleConfig) (*Rules, RuleReport, error) {
	if err := c.Validate(); err != nil {
		return nil, RuleReport{}, err
	}
	if s.kind != Frequent && s.Len() > 0 {
		return nil, RuleReport{}, fmt.Errorf("itemset: rules: got %v sets, want frequent ones, which alone know the count of every antecedent", s.kind)
	}
	f, err := newFamily(ctx, s, c.Workers)
	if err != nil {
		return nil, RuleReport{}, err
	}
	g := &generator{family: f, config: c, report: RuleReport{MinConfidence: c.MinConfidence}}
	if err := g.measure(ctx); err != nil {
		return nil, g.report, err
	}
	if err := g.fill(ctx); err != nil {
		return nil, g.report, err
	}
	r := g.finish()
	return r, g.report, nil
}

// generator finds rules in two passes: how many there are, then which.
type generator struct {
	*family
	config RuleConfig
	report RuleReport

	blocks []block
	items  []uint32
	rules  []entry
	best   []float64 // by item of each set of the last length; see fillSet
	next   []float64
}

// block is a range of sets of one length, and where its rules go.
type block struct {
	l, from, to int // numbers within the length
	rules       int // number, then position of the first
	items       int // position of the first's items
}

// candidate is a split of a set: item k of the set is in the consequent if bit k
// of right is set.
type candidate struct {
	right      uint32
	antecedent uint32 // its count
	confidence float64
}

// each calls do for every rule of set i of length l that meets the thresholds.
func (g *generator) each(l, i int, do func(candidate)) {
	s := g.sets
	both := s.counts[s.first[l]+i]
	shorter := s.counts[s.first[l-1]:]
	for k, sub := range g.less[l][i*l : (i+1)*l] {
		g.offer(l, i, both, candidate{right: 1 << k, antecedent: shorter[sub]}, do)
	}
	for size := 2; size <= min(g.config.MaxConsequent, l-1); size++ {
		for right := uint32(1)<<size - 1; right < 1<<l; right = nextOfSize(right) {
			g.offer(l, i, both, candidate{right: right, antecedent: g.countWithout(l, i, right)}, do)
		}
	}
}

// offer calls do if the rule meets the thresholds.
func (g *generator) offer(l, i int, both uint32, c candidate, do func(candidate)) {
	c.confidence = float64(both) / float64(c.antecedent)
	if c.confidence < g.report.MinConfidence {
		return
	}
	if least := g.config.MinLift; least > 0 {
		y := g.consequent(l, i, c.right)
		if c.confidence < least*(float64(y)/float64(g.sets.baskets)) {
			return
		}
	}
	do(c)
}

// consequent returns the count of the items of mask.
func (g *generator) consequent(l, i int, mask uint32) uint32 {
	if mask&(mask-1) == 0 {
		row := g.sets.row(l, g.sets.first[l]+i)
		return g.single(row[bits.TrailingZeros32(mask)])
	}
	return g.countWithout(l, i, (1<<l-1)&^mask)
}

// nextOfSize returns the next larger number with as many bits.
func nextOfSize(v uint32) uint32 {
	low := v & -v
	high := v + low
	return high | (v^high)/low>>2
}

// countWithout returns the count of set i of length l without the items of mask.
func (g *generator) countWithout(l, i int, mask uint32) uint32 {
	for ; mask != 0; l-- {
		k := 31 - bits.LeadingZeros32(mask) // from the back, so that the others stay in place
		mask &^= 1 << k
		i = int(g.less[l][i*l+k])
	}
	return g.sets.counts[g.sets.first[l]+i]
}

// measure counts the rules of each block, raises the confidence if they are too
// many, and assigns the places.
func (g *generator) measure(ctx context.Context) error {
	for l := g.config.MinLength; l <= g.sets.MaxLength(); l++ {
		for from := 0; from < g.family.count(l); from += ruleBlock {
			g.blocks = append(g.blocks, block{l: l, from: from, to: min(g.family.count(l), from+ruleBlock)})
		}
	}
	total, err := g.countRules(ctx)
	if err == nil && total > g.config.MaxRules {
		if err = g.raise(ctx); err == nil {
			total, err = g.countRules(ctx)
		}
	}
	if err != nil {
		return err
	}
	rules, items := 0, 0
	for b := range g.blocks {
		n := min(g.blocks[b].rules, g.config.MaxRules-rules)
		g.blocks[b].rules, g.blocks[b].items = rules, items
		rules += n
		items += n * g.blocks[b].l
	}
	g.rules, g.items = make([]entry, rules), make([]uint32, items)
	g.report.Tested = rules
	return nil
}

func (g *generator) countRules(ctx context.Context) (total int, err error) {
	err = models.Parallel(ctx, g.config.Workers, len(g.blocks), func(t int) error {
		b := &g.blocks[t]
		b.rules = 0
		for i := b.from; i < b.to; i++ {
			g.each(b.l, i, func(candidate) { b.rules++ })
		}
		return nil
	})
	for _, b := range g.blocks {
		total += b.rules
	}
	return total, err
}

// raise sets the confidence to the lowest multiple of 2⁻¹⁶ at which there are no
// more than MaxRules rules, or to 1.
func (g *generator) raise(ctx context.Context) error {
	const steps = 1 << 16
	counts := make([]int, steps+1)
	for _, b := range g.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := b.from; i < b.to; i++ {
			g.each(b.l, i, func(c candidate) { counts[int(c.confidence*steps)]++ })
		}
	}
	step, above := steps, counts[steps]
	for step > 0 && above+counts[step-1] <= g.config.MaxRules {
		step--
		above += counts[step]
	}
	g.report.Partial = true
	g.report.MinConfidence = max(g.config.MinConfidence, float64(step)/steps)
	return nil
}
