package neighbour

import "math"

// Rhythm is the history of one item already bought by a customer.
type Rhythm struct {
	Times   int     // orders with the item, ≥ 1
	Since   float64 // days since the last of them, ≥ 0
	MeanGap float64 // mean days from one to the next, ≥ 0; not used where Times is 1
}

// Constants of [Rhythm.Score], chosen on the Online Retail data at splits before
// 2011-11-01: 2 gaps of 100 days are believed beforehand, and each gap overdue
// beyond the first takes off a third of the logarithm.
const (
	priorGaps    = 2.0
	priorGapDays = 100.0
	overdueScale = 3.0
)

// Score measures how likely an item is to be bought again: the number of
// purchases, reduced the longer the item is overdue by its own rhythm.
//
//	Times · exp(−max(0, Since/g − 1)/3),  g = ((Times−1)·MeanGap + 2·100) / (Times−1 + 2)
//
// The mean gap is drawn towards 100 days, the more so the fewer the gaps. No
// date is predicted. Add to the score twice the popularity of the item in the
// last 30 days, as a share of the popularity of the top item, and rank the items
// of a customer by the sum, before items not yet bought: see
// docs/methods/recommend.md.
//
// Missing: 0 where Times is below 1, or where a number is NaN or negative.
//
// Units: in orders; only the order of scores means something.
func (r Rhythm) Score() float64 {
	gap := 0.0
	if r.Times > 1 {
		gap = r.MeanGap
	}
	if r.Times < 1 || !(r.Since >= 0) || !(gap >= 0) || math.IsInf(gap, 1) {
		return 0
	}
	gaps := float64(r.Times - 1)
	expected := (float64(gaps*gap) + priorGaps*priorGapDays) / (gaps + priorGaps)
	overdue := max(0, r.Since/expected-1)
	return float64(r.Times) * math.Exp(-overdue/overdueScale)
}
