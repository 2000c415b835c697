package features

import "math"

const (
	oneDay  = "fewer than two purchase days"
	twoDays = "fewer than three purchase days"
)

var rhythmFeatures = []Feature{{
	Name: "gap_mean", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Mean gap between consecutive distinct purchase days. Only closed gaps count, here and below: the time since the last purchase is `recency_days`.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.gapMean },
}, {
	Name: "gap_median", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Median gap; the mean of the middle two where their number is even.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.gapMedian },
}, {
	Name: "gap_sd", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Sample standard deviation of the gaps (divisor n − 1).",
	Missing: twoDays,
	value:   func(v *values) *float64 { return &v.rhythm.gapSD },
}, {
	Name: "gap_cv", Group: "Time between purchases", Kind: Ratio, Unit: "ratio",
	Meaning: "Coefficient of variation of the gaps: `gap_sd` / `gap_mean`. 0 is clockwork; about 1 is chance.",
	Missing: twoDays,
	value:   func(v *values) *float64 { return &v.rhythm.gapCV },
}, {
	Name: "gap_min", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Shortest gap.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.gapMin },
}, {
	Name: "gap_max", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Longest gap.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.gapMax },
}, {
	Name: "gap_last", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Gap between the last two purchase days.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.gapLast },
}, {
	Name: "gap_last_ratio", Group: "Time between purchases", Kind: Ratio, Unit: "ratio",
	Meaning: "`gap_last` / `gap_median`. Above 1, the customer is slowing down.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.gapLastRatio },
}, {
	Name: "overdue_ratio", Group: "Time between purchases", Kind: Ratio, Unit: "ratio",
	Meaning: "`recency_days` / `gap_median`: the open gap in units of the customer's own rhythm. A common rule calls a customer lost above 2 to 3.",
	Missing: oneDay,
	value:   func(v *values) *float64 { return &v.rhythm.overdueRatio },
}, {
	Name: "silence_max", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Longest time without a purchase since the first one, the open gap included: the larger of `gap_max` and `recency_days`.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.rhythm.silenceMax },
}, {
	Name: "clumpiness_365", Group: "Time between purchases", Kind: Share, Unit: "index",
	Meaning: "Clumpiness over the N = 365 days that end with the as-of day: with purchase days t₁ < … < tₙ numbered from 1 to N, and the shares x of N + 1 that t₁, t₂ − t₁, …, N + 1 − tₙ make up, 1 + Σ x ln x / ln(n + 1). 0 is even spacing, near 1 is one burst.",
	Missing: "no purchase within 365 days",
	Source:  "Y. Zhang, E. Bradlow and D. Small, “Predicting Customer Value Using Clumpiness: From RFM to RFMC”, Marketing Science 34(2), 2015, pp. 195–208, doi:10.1287/mksc.2014.0873",
	value:   func(v *values) *float64 { return &v.rhythm.clumpiness365 },
}}

// rhythmValues are the values of rhythmFeatures.
type rhythmValues struct {
	gapMean, gapMedian, gapSD, gapCV, gapMin, gapMax float64
	gapLast, gapLastRatio, overdueRatio, silenceMax  float64
	clumpiness365                                    float64
}

// fill computes them.
func (v *rhythmValues) fill(s *summary) {
	g, recency := &s.gaps, s.recency()
	v.gapMean = g.mean
	v.gapMedian = g.median
	v.gapSD = g.sd
	v.gapCV = ratio(g.sd, g.mean)
	v.gapMin = g.smallest
	v.gapMax = g.most
	v.gapLast, v.silenceMax = math.NaN(), s.ofPurchases(float64(recency))
	if g.n > 0 {
		v.gapLast = float64(g.last)
		v.silenceMax = float64(max(recency, int(g.most)))
	}
	v.gapLastRatio = ratio(float64(g.last), g.median)
	v.overdueRatio = ratio(float64(recency), g.median)
	v.clumpiness365 = g.clumpiness
}
