// Package rules finds products bought together: the baskets of a history become
// association rules between named products.
package rules

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/itemset"
)

// Config says which rules are wanted.
type Config struct {
	MinSupport    float64 // share of the baskets, in [0,1]
	MinConfidence float64 // in [0,1]
	MinLift       float64 // ≥ 0
	MaxLength     int     // items of a rule, ≥ 2
	MaxConsequent int     // items of the right side, ≥ 1
	DropRedundant bool
	MaxItemsets   int   // ≥ 1
	Memory        int64 // bytes of item sets
	Workers       int
	Stop          func() bool // ends the search early, or nil
}

// MinBaskets is the number of baskets below which no rule is published: the
// confidence of a rule would be a matter of single baskets.
const MinBaskets = 100

// maxRules bounds the rules that are held, some hundred bytes each. Beyond
// maxRules the minimum confidence is raised until the rules fit, and the findings
// are partial.
const maxRules = 1_000_000

// Findings are the rules, strongest first, and how they came about.
type Findings struct {
	State    mining.State
	Rules    []itemset.Rule // by falling lift, then confidence, count and items
	Itemsets int
	ByLength []int
	Baskets  int
	MinCount int // baskets that an item set needed
	Tested   int // rules that met the thresholds, redundant ones included
	Warnings []models.Warning
}

// Mine finds the rules.
//
// Determinism: the findings depend on the baskets and the config only, unless
// Stop ends the search.
//
// Errors: *models.ConfigError where the config is out of range, ctx.Err() where
// cancelled. Too few baskets are no error: see State.
func Mine(ctx context.Context, c Config, baskets itemset.Baskets) (*Findings, error) {
	f := &Findings{State: mining.OK, Baskets: baskets.Len()}
	if baskets.Len() < MinBaskets {
		f.State = mining.Insufficient
		f.Warnings = []models.Warning{{Code: "too_few_baskets", Count: baskets.Len(), Message: "rules need at least 100 baskets"}}
		return f, nil
	}
	search := itemset.DefaultConfig()
	search.MinSupport, search.MaxLength = c.MinSupport, c.MaxLength
	search.Budget.Sets, search.Budget.Bytes = c.MaxItemsets, max(1024, c.Memory)
	search.Workers, search.Stop = c.Workers, c.Stop
	sets, report, err := search.Mine(ctx, baskets)
	if err != nil {
		return nil, err
	}
	f.Itemsets, f.ByLength, f.MinCount = report.Sets, report.ByLength, report.MinCount
	f.Warnings = report.Warnings

	derive := itemset.DefaultRuleConfig()
	derive.MinConfidence, derive.MinLift, derive.MaxConsequent = c.MinConfidence, c.MinLift, c.MaxConsequent
	derive.DropRedundant, derive.Workers = c.DropRedundant, c.Workers
	derive.MaxRules = maxRules
	rules, ruleReport, err := sets.Rules(ctx, derive)
	if err != nil {
		return nil, err
	}
	f.Tested = ruleReport.Tested
	f.Warnings = append(f.Warnings, ruleReport.Warnings...)
	if report.Partial || ruleReport.Partial {
		f.State = mining.Partial
	}
	f.Rules = byStrength(rules)
	return f, nil
}

// byStrength returns the rules, strongest first. Positions are sorted, not the
// rules, each of which is a few hundred bytes to compare and to move.
func byStrength(rules *itemset.Rules) []itemset.Rule {
	all := make([]itemset.Rule, 0, rules.Len())
	order := make([]int, rules.Len())
	for i, r := range rules.All() {
		all = append(all, r)
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return stronger(&all[i], &all[j]) })
	permute(all, order)
	return all
}

// permute moves rule order[i] to place i, for every i, without a second copy of
// the rules. It uses order up.
func permute(rules []itemset.Rule, order []int) {
	for first := range order {
		held, to := rules[first], first
		for order[to] != first {
			from := order[to]
			rules[to], order[to] = rules[from], to
			to = from
		}
		rules[to], order[to] = held, to
	}
}

// stronger compares so that the stronger rule comes first. No two rules are
// equal.
func stronger(a, b *itemset.Rule) int {
	if c := cmp.Or(cmp.Compare(b.Lift, a.Lift), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Both, a.Both)); c != 0 {
		return c
	}
	return cmp.Or(slices.Compare(a.Antecedent, b.Antecedent), slices.Compare(a.Consequent, b.Consequent))
}
