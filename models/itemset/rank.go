package itemset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/models"
)

// RankBy says which of two rules is the better one.
type RankBy int

const (
	ByLift         RankBy = iota // the higher lift
	ByConfidence                 // the higher confidence
	ByLeverage                   // the higher leverage: the most baskets beyond chance
	BySupport                    // the higher support
	BySignificance               // the lower p-value
)

// String returns "lift", "confidence", "leverage", "support" or "significance".
func (b RankBy) String() string {
	if b < ByLift || b > BySignificance {
		return "ranking " + strconv.Itoa(int(b))
	}
	return [...]string{"lift", "confidence", "leverage", "support", "significance"}[b]
}

// key returns a number that is higher for a better rule.
func (b RankBy) key(e *entry, c Counts) float64 {
	confidence := float64(c.Both) / float64(c.WithAntecedent)
	switch b {
	case ByConfidence:
		return confidence
	case ByLeverage:
		return c.excess()
	case BySupport:
		return float64(c.Both)
	case BySignificance:
		return -e.p
	default:
		return confidence / float64(c.WithConsequent)
	}
}

// Ranked returns the numbers of the rules, the best first. Rules that are equal by
// the measure are ranked by confidence, then by count, then in order.
func (r *Rules) Ranked(by RankBy) []int {
	keys, order := r.keys(by), make([]int, r.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return r.compare(keys, i, j) })
	return order
}

func (r *Rules) keys(by RankBy) []float64 {
	keys := make([]float64, r.Len())
	for i := range keys {
		keys[i] = by.key(&r.rules[i], r.counts(&r.rules[i]))
	}
	return keys
}

// compare is negative if rule i is better than rule j.
func (r *Rules) compare(keys []float64, i, j int) int {
	x, y := &r.rules[i], &r.rules[j]
	return cmp.Or(
		cmp.Compare(keys[j], keys[i]),
		cmp.Compare(uint64(y.both)*uint64(x.with[0]), uint64(x.both)*uint64(y.with[0])),
		cmp.Compare(y.both, x.both),
		cmp.Compare(i, j))
}

// finish adjusts the p-values and leaves out what the configuration does not want.
func (g *generator) finish() *Rules {
	r := &Rules{baskets: g.sets.baskets, items: g.items, rules: g.rules}
	p := make([]float64, r.Len())
	for i := range r.rules {
		p[i] = r.rules[i].p
	}
	for i, q := range BenjaminiHochberg(p) {
		r.rules[i].adjusted = q
		if r.rules[i].improvement <= 0 {
			g.report.Redundant++
		}
	}
	c := g.config
	r.keep(func(e *entry) bool {
		return e.adjusted <= c.MaxAdjustedP && (e.improvement > 0 || !c.DropRedundant)
	})
	if c.TopPerConsequent > 0 {
		r.keepTop(c.TopPerConsequent, c.RankBy)
	}
	g.report.Rules = r.Len()
	g.warn()
	return r
}

// keep leaves out the rules that are not wanted.
func (r *Rules) keep(wanted func(*entry) bool) {
	kept := r.rules[:0]
	for i := range r.rules {
		if wanted(&r.rules[i]) {
			kept = append(kept, r.rules[i])
		}
	}
	if len(kept) == len(r.rules) {
		return
	}
	r.rules = slices.Clip(slices.Clone(kept))
	var items []uint32
	for i := range r.rules {
		e := &r.rules[i]
		row := r.items[e.at : e.at+int(e.left)+int(e.right)]
		e.at = len(items)
		items = append(items, row...)
	}
	r.items = items
}

// keepTop keeps the best n rules of each consequent.
func (r *Rules) keepTop(n int, by RankBy) {
	keys, order := r.keys(by), make([]int, r.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(slices.Compare(r.right(i), r.right(j)), r.compare(keys, i, j))
	})
	top, run := make([]bool, r.Len()), 0
	for k, i := range order {
		if k > 0 && !slices.Equal(r.right(order[k-1]), r.right(i)) {
			run = 0
		}
		if run < n {
			top[i] = true
		}
		run++
	}
	i := 0
	r.keep(func(*entry) bool {
		i++
		return top[i-1]
	})
}

func (r *Rules) right(i int) []uint32 {
	e := &r.rules[i]
	return r.items[e.at+int(e.left) : e.at+int(e.left)+int(e.right)]
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
