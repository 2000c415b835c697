package value

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
)

// conformal holds the distances between outcomes and predictions, by groups of customers with
// predictions of similar size: quantiles of the ratio, low and high.
type conformal struct {
	Cuts []float64 `json:"cuts"` // rising; group g is below Cuts[g], the last above all
	Low  []float64 `json:"low"`
	High []float64 `json:"high"`
}

const (
	conformalGroups = 10
	leastResiduals  = 50 // in a group
)

// newConformal groups customers by prediction, and takes the quantiles of actual/predicted in
// each group, for the central interval of the level. The predictions must come from a model
// that did not learn from the customers' windows.
func newConformal(predicted, actual []float64, level float64) *conformal {
	order := make([]int, 0, len(predicted))
	for i, v := range predicted {
		if v > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(predicted[i], predicted[j]), cmp.Compare(i, j)) })
	groups := max(1, min(conformalGroups, len(order)/leastResiduals))
	c := &conformal{}
	for g := range groups {
		part := order[g*len(order)/groups : (g+1)*len(order)/groups]
		ratios := make([]float64, len(part))
		for k, i := range part {
			ratios[k] = max(0, actual[i]) / predicted[i]
		}
		slices.Sort(ratios)
		low, high := 0.0, 0.0
		if len(ratios) > 0 {
			low, high = mining.Quantile(ratios, (1-level)/2), mining.Quantile(ratios, (1+level)/2)
		}
		c.Low, c.High = append(c.Low, low), append(c.High, high)
		if g+1 < groups {
			c.Cuts = append(c.Cuts, predicted[order[(g+1)*len(order)/groups]])
		}
	}
	return c
}

// bounds returns the interval around what was predicted.
func (c *conformal) bounds(predicted float64) (low, high float64) {
	g, found := slices.BinarySearch(c.Cuts, predicted)
	if found {
		g++
	}
	return c.Low[g] * predicted, c.High[g] * predicted
}

// validate returns an error where the bounds, as from a file, cannot be used.
func (c *conformal) validate() error {
	n := len(c.Cuts) + 1
	if len(c.Low) != n || len(c.High) != n || !slices.IsSorted(c.Cuts) {
		return errors.New("value: got bounds of other groups than their cuts, want one for each")
	}
	for g := range n {
		if !(c.Low[g] >= 0 && c.Low[g] <= c.High[g] && c.High[g] <= math.MaxFloat64) {
			return errors.New("value: got bounds that do not rise, want low ≤ high")
		}
	}
	return nil
}
