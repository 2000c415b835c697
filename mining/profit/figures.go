package profit

import (
	"math"
	"math/big"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// figures are those of the manifest.
func (t *task) figures(a *account) []mining.Figure {
	var positive, negative int
	var gains, losses datasets.Sum
	plain, capped := make([]float64, len(a.order)), make([]float64, len(a.order))
	abc := map[string]int{"A": 0, "B": 0, "C": 0}
	for k, i := range a.order {
		p := datasets.Money(a.profit[i])
		plain[k], capped[k] = p.Float(), math.Max(0, p.Float())
		switch {
		case p > 0:
			positive++
			gains.Add(p)
		case p < 0:
			negative++
			losses.Add(p)
		}
		if c := a.class[i]; c != noClass {
			abc[classes[c]]++
		}
	}
	basis := "margin"
	if t.costs {
		basis = "costs"
	}
	var total datasets.Sum
	total.Merge(&gains)
	total.Merge(&losses)
	out := []mining.Figure{
		{Name: "customers", Value: len(a.order)}, {Name: "total", Value: total.String(), Summary: true},
		{Name: "positive", Value: positive}, {Name: "negative", Value: negative, Summary: true},
		{Name: "losses", Value: losses.String()}, {Name: "basis", Value: basis},
		{Name: "gini", Value: gini(capped), Summary: true}, {Name: "gini_net", Value: gini(plain)},
		{Name: "hhi", Value: hhi(capped)},
	}
	if a.total.Sign() <= 0 {
		return out
	}
	return append(out,
		mining.Figure{Name: "top_20_share", Value: a.headShare(20), Summary: true},
		mining.Figure{Name: "customers_for_80", Value: a.customersFor(80)},
		mining.Figure{Name: "whale_peak", Value: gains.Float() / total.Float()},
		mining.Figure{Name: "whale_peak_at", Value: float64(positive) / float64(len(a.order))},
		mining.Figure{Name: "abc", Value: abc})
}

// headShare returns the share of all profit of the first so many hundredths of customers.
func (a *account) headShare(k int) float64 { return a.share[a.order[max(1, head(len(a.order), k))-1]] }

// customersFor returns the fewest customers who together bring so many hundredths of all
// profit.
func (a *account) customersFor(k int64) int {
	limit, sum, x := shareOf(a.total, k), new(big.Int), new(big.Int)
	for m, i := range a.order {
		if sum.Add(sum, x.SetInt64(a.profit[i])); sum.Cmp(limit) >= 0 {
			return m + 1
		}
	}
	return len(a.order)
}

// hhi returns the sum of the squared shares of values that are not negative, NaN where all
// are 0.
func hhi(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	out := 0.0
	for _, v := range values {
		share := v / sum
		out += float64(share * share)
	}
	return out
}
