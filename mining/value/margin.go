package value

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
)

// The features that tell the margin, where costs are mapped.
const (
	marginMoney = "margin_money" // amount less cost of the lines with a known cost
	marginShare = "margin_share" // the same over the amount of those lines
	allMoney    = "monetary"
)

// margin returns the share of the money that is earned: of lines with a known cost what the
// costs leave, and of the other lines the margin of the settings; 0 at least and 1 at most.
// Without mapped costs it is the margin of the settings.
func (t *task) margin(ctx context.Context, in *mining.Input) (float64, error) {
	names := []string{marginMoney, marginShare, allMoney}
	for _, name := range names {
		if !slices.Contains(in.Table.Names(), name) {
			return float64(t.set.Margin), nil
		}
	}
	earned, known, all := 0.0, 0.0, 0.0
	for s, err := range in.Table.Stretches(ctx, names, in.Buyers, piece) {
		if err != nil {
			return 0, err
		}
		for i, v := range s.Columns[0] {
			all += s.Columns[2][i]
			if share := s.Columns[1][i]; share != 0 && !math.IsNaN(share) {
				earned += v
				known += v / share
			}
		}
	}
	if !(known > 0) {
		return float64(t.set.Margin), nil
	}
	unknown := max(0, all-known)
	return max(0, min(1, (earned+float64(float64(t.set.Margin)*unknown))/(known+unknown))), nil
}
