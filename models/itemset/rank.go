package itemset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/models"
)

// RankBy is the measure by which rules are ranked.
type RankBy int

const (
	// ByLift prefers the higher lift.
	ByLift RankBy = iota
	// ByConfidence prefers the higher confidence.
	ByConfidence
	// ByLeverage prefers the higher leverage: the most baskets beyond chance.
	ByLeverage
	// BySupport prefers the higher support.
	BySupport
	// BySignificance prefers the lower p-value.
	BySignificance
)

// String returns "lift", "confidence", "leverage", "support" or "significance".
func (b RankBy) String() string {
	if b < ByLift || b > BySignificance {
		return "ranking " + strconv.Itoa(int(b))
	}
	return [...]string{"lift", "confidence", "leverage", "support", "significance"}[b]
}

// key returns a number that is higher for a better rule.
func (b RankBy) key(p float64, c Counts) float64 {
	confidence := float64(c.Both) / float64(c.WithAntecedent)
	switch b {
	case ByConfidence:
		return confidence
	case ByLeverage:
		return c.excess()
	case BySupport:
		return float64(c.Both)
	case BySignificance:
		return -p
	default:
		return confidence / float64(c.WithConsequent)
	}
}

// Ranked returns the numbers of the rules, the best first. Rules that are equal by
// the measure are ranked by confidence, then by count, then in order.
func (r *Rules) Ranked(by RankBy) []int {
	rules := r.flat()
	keys, order := r.keys(by, rules), make([]int, len(rules))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return compare(rules, keys, i, j) })
	return order
}

func (r *Rules) keys(by RankBy, rules []entry) []float64 {
	keys := make([]float64, len(rules))
	for i := range keys {
		keys[i] = by.key(r.p[i], rules[i].counts(r.baskets))
	}
	return keys
}

// compare is negative if rule i is better than rule j.
func compare(rules []entry, keys []float64, i, j int) int {
	x, y := &rules[i], &rules[j]
	return cmp.Or(
		cmp.Compare(keys[j], keys[i]),
		cmp.Compare(uint64(y.Both)*uint64(x.Antecedent), uint64(x.Both)*uint64(y.Antecedent)),
		cmp.Compare(y.Both, x.Both),
		cmp.Compare(i, j))
}

// finish adjusts the p-values and leaves out what the configuration does not want.
func (g *generator) finish() *Rules {
	r := &Rules{
		baskets: g.sets.baskets, items: g.sets.items, pieces: make([]piece, 0, len(g.blocks)),
		p: g.p, adjusted: BenjaminiHochberg(g.p),
	}
	for i := range g.blocks {
		b := &g.blocks[i]
		g.report.Redundant += b.redundant
		if b.count > 0 {
			r.pieces = append(r.pieces, piece{b.at, b.rules})
		}
	}
	c := g.config
	if c.MaxAdjustedP < 1 || c.DropRedundant {
		rules := r.flat()
		r.keep(rules, func(i int) bool {
			return r.adjusted[i] <= c.MaxAdjustedP && (rules[i].improvement > 0 || !c.DropRedundant)
		})
	}
	if c.TopPerConsequent > 0 {
		r.keepTop(c.TopPerConsequent, c.RankBy)
	}
	g.report.Rules = r.Len()
	g.warn()
	return r
}

// keep reduces the rules to the wanted ones.
func (r *Rules) keep(rules []entry, wanted func(i int) bool) {
	kept, some := Rules{baskets: r.baskets}, []entry(nil)
	for i, e := range rules {
		if !wanted(i) {
			continue
		}
		antecedent, consequent := e.sides(r.items)
		e.left, e.right = len(kept.items), len(kept.items)+len(antecedent)
		kept.items = append(append(kept.items, antecedent...), consequent...)
		some = append(some, e)
		kept.p = append(kept.p, r.p[i])
		kept.adjusted = append(kept.adjusted, r.adjusted[i])
	}
	if kept.Len() < r.Len() {
		*r = Rules{
			baskets: r.baskets, items: slices.Clip(kept.items), pieces: inOnePiece(slices.Clip(some)),
			p: slices.Clip(kept.p), adjusted: slices.Clip(kept.adjusted),
		}
	}
}

// keepTop keeps the best n rules of each consequent.
func (r *Rules) keepTop(n int, by RankBy) {
	rules := r.flat()
	keys, order := r.keys(by, rules), make([]int, len(rules))
	for i := range order {
		order[i] = i
	}
	right := func(i int) []uint32 {
		_, consequent := rules[i].sides(r.items)
		return consequent
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(slices.Compare(right(i), right(j)), compare(rules, keys, i, j))
	})
	top, run := make([]bool, len(rules)), 0
	for k, i := range order {
		if k > 0 && !slices.Equal(right(order[k-1]), right(i)) {
			run = 0
		}
		if run < n {
			top[i] = true
		}
		run++
	}
	r.keep(rules, func(i int) bool { return top[i] })
}

func (g *generator) warn() {
	r := &g.report
	if r.Partial {
		r.Warnings = append(r.Warnings, models.Warning{
			Code: "too_many_rules", Count: 1,
			Message: fmt.Sprintf("more than %d rules at a confidence of %g: raised to %g; ask for a higher confidence, or allow more",
				g.config.MaxRules, g.config.MinConfidence, r.MinConfidence),
		})
	}
}
