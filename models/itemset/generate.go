package itemset

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/itemset/internal/kernel"
)

// ruleBlock is the number of sets whose rules one task finds: few, so that no
// goroutine waits long for the last block.
const ruleBlock = 64

// RuleReport says how a run of Sets.Rules went.
type RuleReport struct {
	Tested    int // rules that met the thresholds of confidence, lift and length
	Redundant int // of these, redundant
	Rules     int // kept

	// Partial says that MaxRules was exceeded: MinConfidence was raised until the
	// rules fitted, or, with too many certain rules, the last certain rules were
	// left out.
	Partial       bool
	MinConfidence float64 // of the result: the one asked for, or more
	Warnings      []models.Warning
}

// Rules derives the association rules X ⇒ Y of the sets, with the measures,
// significance and redundancy listed in Rule. The items of X and Y together form
// a set of s..
//
// Rules with an empty antecedent are left out: such a rule is only the count of
// an item.
//
// Determinism: the result depends on s and c only, never on Workers.
//
// Errors: *models.ConfigError for each fault of c, joined; a plain error where a
// subset of a set is missing, as among closed and maximal sets, whose counts do
// not give a confidence; ctx.Err() if cancelled.
//
// Cost: for single consequents O(Σ length²) over the sets, plus a FisherP and 56
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
		best: make([][]uint64, s.MaxLength()+1),
	}
	if err := g.run(ctx); err != nil {
		return nil, g.report, err
	}
	r := g.finish()
	return r, g.report, nil
}

// generator finds rules in two passes: first the existence of the rules, then
// their p-values.
type generator struct {
	*family
	config RuleConfig
	report RuleReport

	// best[l][i*l+k] is the highest confidence of a rule for item k of the i-th set of
	// length l, from any of its other items.
	//
	// The confidence is kept as bits, compared without branches: the bits of
	// non-negative numbers compare like the numbers.
	best [][]uint64

	// The unused remainder of the memory for best and less.
	numbers []uint64
	words   []uint32

	blocks []block
	found  atomic.Int64 // rules of the blocks, as far as known
	p      []float64
	placed bool // the rules have their places
}

// block is a range of sets of one length, and its rules.
type block struct {
	l, from, to int // numbers within the length
	stage       stage
	count       int       // of the rules
	rules       []entry   // unless there are too many
	p           []float64 // of the rules, if tested
	at          int       // where the rules go
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
	g.best[l] = carve(&g.numbers, n*l)
	for from := 0; from < n; from += ruleBlock {
		g.blocks = append(g.blocks, block{l: l, from: from, to: min(n, from+ruleBlock)})
	}
	return g.blocks[first:]
}

// carve returns the first n entries of some unused memory, and removes them
// from it.
func carve[T any](left *[]T, n int) []T {
	some := (*left)[:n:n]
	*left = (*left)[n:]
	return some
}

func (g *generator) beginSingles() {
	blocks, items := 0, 0
	for l := 1; l <= g.sets.MaxLength(); l++ {
		items += g.family.count(l) * l
		blocks += (g.family.count(l) + ruleBlock - 1) / ruleBlock
	}
	g.blocks = make([]block, 0, blocks) // which stay where they are
	g.numbers, g.words = make([]uint64, items), make([]uint32, items)
	g.best[1] = carve(&g.numbers, g.family.count(1))
	for i, n := range g.sets.counts[:g.family.count(1)] {
		g.best[1][i] = math.Float64bits(float64(n) / float64(g.sets.baskets))
	}
}

// scanBlock links the sets of a block to the sets with an item less, and finds the
// rules of the block.
func (g *generator) scanBlock(b *block, w *worker) error {
	if b.l == 2 {
		if err := g.linkPairs(b.from, b.to); err != nil {
			return err
		}
	} else if err := g.linkBlock(b.l, b.from, b.to); err != nil {
		return err
	}
	if i := g.find(b, g.best[b.l][b.from*b.l:b.to*b.l], g.config.MaxRules, w); i < b.to {
		return g.excessive(b.l, i)
	}
	if g.found.Add(int64(b.count)) <= int64(g.config.MaxRules) {
		b.rules = w.found.rules()
	} else {
		w.found.shorten(0)
	}
	return nil
}

// find leaves the rules of a block with the worker, and their number with the block.
// The confidences best of the block are set on the way. Whenever the rules exceed
// most, the rules so far are forgotten. find stops at a set that is more frequent
// than a subset, and returns the number of the set, or the end of the block.
func (g *generator) find(b *block, best []uint64, most int, w *worker) int {
	b.count = 0
	w.found.open()
	for i := b.from; i < b.to; i++ {
		first := w.found.number()
		passing, ok := uint32(0), false
		if b.l == 2 {
			passing, ok = g.scanPair(i, (*[2]uint64)(best), w)
		} else {
			passing, ok = g.scanSet(b.l, i, best[:b.l], w)
		}
		best = best[b.l:]
		if !ok {
			return i
		}
		if b.l < g.config.MinLength {
			w.found.shorten(first)
			continue
		}
		if passing&(passing-1) != 0 && b.l > 2 && g.config.MaxConsequent >= 2 {
			g.larger(b.l, i, passing, w)
		}
		if g.config.MinLift > 0 {
			w.found.shorten(first + g.lifting(w.found.rules()[first:]))
		}
		if n := w.found.number(); n > most {
			b.count += n
			w.found.shorten(0)
		}
	}
	b.count += w.found.number()
	return b.to
}

// scanPair does what scanSet does for a set of two items.
func (g *generator) scanPair(i int, best *[2]uint64, w *worker) (uint32, bool) {
	s, links := g.sets, g.less[2][2*i:2*i+2]
	x, y := links[1], links[0]
	both, countX, countY := s.counts[s.first[2]+i], s.counts[x], s.counts[y]
	toX, toY := float64(both)/float64(countY), float64(both)/float64(countX)
	shareX, shareY := g.best[1][x], g.best[1][y]
	best[0], best[1] = max(math.Float64bits(toX), shareX), max(math.Float64bits(toY), shareY)
	enough := g.report.MinConfidence
	passing := passes(toX, enough) | passes(toY, enough)<<1
	if passing == 0 {
		return 0, max(toX, toY) <= 1
	}
	at, room := s.base[2]+2*i, w.found.grow(2)
	room[0] = entry{
		Table: kernel.Table{Both: both, Antecedent: countY, Consequent: countX, Items: [2]uint16{1, 1}},
		left:  at + 1, right: at, improvement: toX - math.Float64frombits(shareX),
	}
	room[passing&1] = entry{
		Table: kernel.Table{Both: both, Antecedent: countX, Consequent: countY, Items: [2]uint16{1, 1}},
		left:  at, right: at + 1, improvement: toY - math.Float64frombits(shareY),
	}
	w.found.extend(int(passing&1 + passing>>1))
	return passing, max(toX, toY) <= 1
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

// scanSet finds, for each item k of set i whether the rule with consequent k is
// confident enough, and then adds the rule to the worker's rules, with the
// improvement over all simpler rules; and sets best to the highest confidence of the
// rule and of all simpler rules for k within the set:
//
//	best(S,k) = max(conf(S∖k ⇒ k), max_{x≠k} best(S∖x, k)),  best({k},k) = support
//
// The result is the mask of the confident consequents, or 0 where no two of the
// items can form a confident consequent, and whether the set is no more frequent
// than its subsets.
func (g *generator) scanSet(l, i int, best []uint64, w *worker) (passing uint32, ok bool) {
	s, less, before := g.sets, g.less[l][i*l:i*l+l], g.best[l-1]
	if l == 3 {
		simplerOfThree((*[3]uint64)(best), (*[3]uint32)(less), before)
	} else {
		simpler(best, less, before)
	}
	count, shorter := s.counts[s.first[l]+i], s.counts[s.first[l-1]:]
	both, highest, rarest, n := float64(count), uint64(0), uint32(math.MaxUint32), 0
	at, from, room := s.base[l]+i*l, s.base[l-1], w.found.grow(l)
	for k, sub := range less {
		antecedent, consequent := shorter[sub], g.single(s.items[at+k])
		confidence := both / float64(antecedent)
		room[n] = entry{ // without a branch, which could not be foreseen
			Table: kernel.Table{
				Both: count, Antecedent: antecedent, Consequent: consequent,
				Items: [2]uint16{uint16(l - 1), 1},
			},
			left: from + int(sub)*(l-1), right: at + k, improvement: confidence - math.Float64frombits(best[k]),
		}
		pass := passes(confidence, g.report.MinConfidence)
		passing |= pass << k
		n += int(pass)
		best[k] = max(best[k], math.Float64bits(confidence))
		highest, rarest = max(highest, math.Float64bits(confidence)), min(rarest, consequent)
	}
	w.found.extend(n)
	if l == 3 && both/float64(rarest) < g.report.MinConfidence { // two on the right leave one on the left
		passing = 0
	}
	return passing, math.Float64frombits(highest) <= 1
}

// simpler sets best to the highest confidence of a rule for each item of a set from
// some, but not all, of the remaining items, given the confidences of the sets with
// an item less.
func simpler(best []uint64, less []uint32, before []uint64) {
	l := len(less)
	best[0] = before[int(less[1])*(l-1)]
	copy(best[1:], before[int(less[0])*(l-1):(int(less[0])+1)*(l-1)])
	for x, sub := range less[1:] {
		x++
		row := before[int(sub)*(l-1) : (int(sub)+1)*(l-1)]
		for k, v := range row[:x] {
			best[k] = max(best[k], v)
		}
		for k, v := range row[x:] {
			best[x+1+k] = max(best[x+1+k], v)
		}
	}
}

// simplerOfThree is simpler for three items, as most sets that are not pairs have.
func simplerOfThree(best *[3]uint64, less *[3]uint32, before []uint64) {
	of12, of02, of01 := before[2*int(less[0]):][:2], before[2*int(less[1]):][:2], before[2*int(less[2]):][:2]
	best[0], best[1], best[2] = max(of02[0], of01[0]), max(of12[0], of01[1]), max(of12[1], of02[1])
}

// place says which numbers the rules of each block have.
func (g *generator) place() {
	rules := 0
	for i := range g.blocks {
		b := &g.blocks[i]
		b.count = min(b.count, g.config.MaxRules-rules)
		b.at = rules
		rules += b.count
	}
	g.p = make([]float64, rules)
	g.report.Tested, g.placed = rules, true
}

// raise finds the rules again, having set the confidence to the lowest multiple of
// 2⁻¹⁶ at which there are no more than MaxRules, or to 1.
func (g *generator) raise(ctx context.Context) error {
	const steps = 1 << 16
	counts := make([]int, steps+1)
	w := new(worker)
	for _, b := range g.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := b.from; i < b.to; i++ {
			g.again(&block{l: b.l, from: i, to: i + 1}, math.MaxInt, w)
			for _, e := range w.found.rules() {
				counts[int(e.confidence()*steps)]++
			}
			w.found.shorten(0)
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
		b, w := &g.blocks[t], new(worker)
		b.rules, b.p = nil, nil
		g.again(b, g.config.MaxRules, w)
		if g.found.Add(int64(b.count)) <= int64(g.config.MaxRules) {
			b.rules = slices.Clone(w.found.rules())
		}
		return nil
	})
}

// again finds the rules of a block that was scanned before.
func (g *generator) again(b *block, most int, w *worker) {
	w.best = grow(w.best, (b.to-b.from)*b.l) // not that of the block, which others may be reading
	g.find(b, w.best, most, w)
}
