package itemset

import (
	"cmp"
	"errors"
	"iter"
	"runtime"
	"slices"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/itemset/internal/kernel"
)

// RuleConfig says which rules Sets.Rules looks for.
type RuleConfig struct {
	MinConfidence float64 // in [0,1]; default 0.5
	MinLift       float64 // ≥ 0; default 0
	MinLength     int     // items of both sides, ≥ 2; default 2
	MaxConsequent int     // items of the right side, ≥ 1; default 1

	// TopPerConsequent keeps, of the rules with the same right side, this many, the
	// best by RankBy; 0 keeps all; default 0. RankBy defaults to ByLift.
	TopPerConsequent int
	RankBy           RankBy

	MaxAdjustedP  float64 // in [0,1]; default 1, which keeps all
	DropRedundant bool    // leave redundant rules out; default false

	MaxRules int // rules kept at any one time, ≥ 1; default 4,000,000
	Workers  int // goroutines, ≥ 1; default runtime.GOMAXPROCS(0); never changes a result
}

// DefaultRuleConfig returns the settings named as defaults at RuleConfig.
func DefaultRuleConfig() RuleConfig {
	return RuleConfig{
		MinConfidence: 0.5, MinLength: 2, MaxConsequent: 1,
		RankBy: ByLift, MaxAdjustedP: 1, MaxRules: 4_000_000, Workers: runtime.GOMAXPROCS(0),
	}
}

// Validate returns every fault of the configuration, each a
// *models.ConfigError, joined.
func (c RuleConfig) Validate() error {
	var errs []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			errs = append(errs, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	check(c.MinConfidence >= 0 && c.MinConfidence <= 1, "min_confidence", c.MinConfidence, "a share in [0,1]")
	check(c.MinLift >= 0, "min_lift", c.MinLift, "a number ≥ 0")
	check(c.MinLength >= 2, "rule_min_length", c.MinLength, "an integer ≥ 2")
	check(c.MaxConsequent >= 1, "max_consequent", c.MaxConsequent, "an integer ≥ 1")
	check(c.TopPerConsequent >= 0, "top_per_consequent", c.TopPerConsequent, "an integer ≥ 0")
	check(c.RankBy >= ByLift && c.RankBy <= BySignificance, "rank_by", int(c.RankBy), "one of the rankings")
	check(c.MaxAdjustedP >= 0 && c.MaxAdjustedP <= 1, "max_adjusted_p", c.MaxAdjustedP, "a probability in [0,1]")
	check(c.MaxRules >= 1, "max_rules", c.MaxRules, "an integer ≥ 1")
	check(c.Workers >= 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(errs...)
}

// Rule says that baskets with the antecedent tend to hold the consequent too.
type Rule struct {
	Antecedent []uint32 // codes, ascending; a view that must not be changed
	Consequent []uint32 // likewise; no item of the antecedent
	Counts
	Measures

	PValue float64 // see FisherP; in [0,1]
	// AdjustedP is PValue after Benjamini and Hochberg, among all rules that met the
	// thresholds of confidence, lift and length; in [0,1].
	AdjustedP float64
	// Improvement is the confidence less the highest confidence of a rule with the
	// same consequent and a proper subset of the antecedent, the empty one included;
	// in (−1,1).
	Improvement float64
	Redundant   bool // Improvement ≤ 0: a simpler rule says as much or more
}

// Rules holds rules in the order of their sets, and within a set in order of the
// consequent. A Rules is immutable and safe for concurrent use. Unless some rules
// were left out, the Rules share the items of the Sets.
type Rules struct {
	baskets  int
	items    []uint32 // both sides of a rule are frequent, and so among the items of the sets
	pieces   []piece
	p        []float64 // by rule
	adjusted []float64
}

// piece holds some rules, in the memory where a worker wrote them.
type piece struct {
	from  int // the first of them
	rules []entry
}

// entry is a rule without its p-values and the measures.
type entry struct {
	kernel.Table
	left, right int // where the antecedent and the consequent are in items
	improvement float64
}

// Len returns the number of rules.
func (r *Rules) Len() int { return len(r.p) }

// Baskets returns n, the number of baskets the rules were found in.
func (r *Rules) Baskets() int { return r.baskets }

// At returns rule i, 0 ≤ i < Len(). Its measures are computed anew.
func (r *Rules) At(i int) Rule {
	k, found := slices.BinarySearchFunc(r.pieces, i, func(p piece, i int) int { return cmp.Compare(p.from, i) })
	if !found {
		k--
	}
	var rule Rule
	r.set(&rule, i, &r.pieces[k].rules[i-r.pieces[k].from])
	rule.Counts.measure(&rule.Measures, 1/float64(r.baskets))
	return rule
}

// All iterates over the rules in order.
func (r *Rules) All() iter.Seq2[int, Rule] {
	return func(yield func(int, Rule) bool) {
		share := 1 / float64(r.baskets)
		var ahead [kernel.Rules]Rule
		for _, p := range r.pieces {
			for i, rules := p.from, p.rules; len(rules) > 0; {
				some := ahead[:min(len(ahead), len(rules))]
				for k := range some {
					r.set(&some[k], i+k, &rules[k])
				}
				if len(some) < len(ahead) || !r.measureFour(&ahead, rules, share) {
					for k := range some {
						some[k].Counts.measure(&some[k].Measures, share)
					}
				}
				for k := range some {
					if !yield(i, some[k]) {
						return
					}
					i++
				}
				rules = rules[len(some):]
			}
		}
	}
}

// flat returns all rules in one piece.
func (r *Rules) flat() []entry {
	if len(r.pieces) == 1 {
		return r.pieces[0].rules
	}
	rules := make([]entry, 0, r.Len())
	for _, p := range r.pieces {
		rules = append(rules, p.rules...)
	}
	return rules
}

// inOnePiece returns the rules as a piece, or none.
func inOnePiece(rules []entry) []piece {
	if len(rules) == 0 {
		return nil
	}
	return []piece{{rules: rules}}
}

// set fills rule from rule number i, the entry e, apart from the measures.
func (r *Rules) set(rule *Rule, i int, e *entry) {
	rule.Antecedent, rule.Consequent = e.sides(r.items)
	rule.Counts = e.counts(r.baskets)
	rule.PValue, rule.AdjustedP = r.p[i], r.adjusted[i]
	rule.Improvement, rule.Redundant = e.improvement, e.improvement <= 0
}

// measureFour sets the measures of four rules, from the first four entries, at a
// time, where the machine and the rules allow. The bits are the same as for each
// rule alone.
func (r *Rules) measureFour(rules *[kernel.Rules]Rule, entries []entry, share float64) bool {
	if !kernel.Fast() || r.baskets > kernel.MostBaskets {
		return false
	}
	m := [...]*kernel.Measures{
		(*kernel.Measures)(&rules[0].Measures), (*kernel.Measures)(&rules[1].Measures),
		(*kernel.Measures)(&rules[2].Measures), (*kernel.Measures)(&rules[3].Measures),
	}
	return kernel.SetMeasures(m, tables(entries), float64(r.baskets), share)
}

// tables returns the counts of the first four rules.
func tables(rules []entry) [kernel.Rules]*kernel.Table {
	return [...]*kernel.Table{&rules[0].Table, &rules[1].Table, &rules[2].Table, &rules[3].Table}
}

func (e *entry) sides(items []uint32) (antecedent, consequent []uint32) {
	left, right := e.left+int(e.Items[0]), e.right+int(e.Items[1])
	return items[e.left:left:left], items[e.right:right:right]
}

func (e *entry) counts(baskets int) Counts {
	return Counts{Both: int(e.Both), WithAntecedent: int(e.Antecedent), WithConsequent: int(e.Consequent), Baskets: baskets}
}
