package features

const (
	oneDay  = "fewer than two purchase days"
	twoDays = "fewer than three purchase days"
)

var rhythmFeatures = []Feature{{
	Name: "gap_mean", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Mean gap between consecutive distinct purchase days. Only closed gaps count, here and below: the time since the last purchase is `recency_days`.",
	Missing: oneDay,
	value:   func(s *summary) float64 { return s.gaps.mean },
}, {
	Name: "gap_median", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Median gap; the mean of the middle two where their number is even.",
	Missing: oneDay,
	value:   func(s *summary) float64 { return s.gaps.median },
}, {
	Name: "gap_sd", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Sample standard deviation of the gaps (divisor n − 1).",
	Missing: twoDays,
	value:   func(s *summary) float64 { return s.gaps.sd },
}, {
	Name: "gap_cv", Group: "Time between purchases", Kind: Ratio, Unit: "ratio",
	Meaning: "Coefficient of variation of the gaps: `gap_sd` / `gap_mean`. 0 is clockwork; about 1 is chance.",
	Missing: twoDays,
	value:   func(s *summary) float64 { return ratio(s.gaps.sd, s.gaps.mean) },
}, {
	Name: "gap_min", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Shortest gap.",
	Missing: oneDay,
	value:   func(s *summary) float64 { return s.gaps.smallest },
}, {
	Name: "gap_max", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Longest gap.",
	Missing: oneDay,
	value:   func(s *summary) float64 { return s.gaps.most },
}, {
	Name: "gap_last", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Gap between the last two purchase days.",
	Missing: oneDay,
	value: func(s *summary) float64 {
		if s.gaps.n == 0 {
			return s.gaps.mean
		}
		return float64(s.gaps.last)
	},
}, {
	Name: "gap_last_ratio", Group: "Time between purchases", Kind: Ratio, Unit: "ratio",
	Meaning: "`gap_last` / `gap_median`. Above 1, the customer is slowing down.",
	Missing: oneDay,
	value:   func(s *summary) float64 { return ratio(float64(s.gaps.last), s.gaps.median) },
}, {
	Name: "overdue_ratio", Group: "Time between purchases", Kind: Ratio, Unit: "ratio",
	Meaning: "`recency_days` / `gap_median`: the open gap in units of the customer's own rhythm. A common rule calls a customer lost above 2 to 3.",
	Missing: oneDay,
	value:   func(s *summary) float64 { return ratio(float64(s.recency()), s.gaps.median) },
}, {
	Name: "silence_max", Group: "Time between purchases", Kind: Days, Unit: "days",
	Meaning: "Longest time without a purchase since the first one, the open gap included: the larger of `gap_max` and `recency_days`.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		longest := s.recency()
		if s.gaps.n > 0 {
			longest = max(longest, int(s.gaps.most))
		}
		return s.ofPurchases(float64(longest))
	},
}, {
	Name: "clumpiness_365", Group: "Time between purchases", Kind: Share, Unit: "index",
	Meaning: "Clumpiness over the N = 365 days that end with the as-of day: with purchase days t₁ < … < tₙ numbered from 1 to N, and the shares x of N + 1 that t₁, t₂ − t₁, …, N + 1 − tₙ make up, 1 + Σ x ln x / ln(n + 1). 0 is even spacing, near 1 is one burst.",
	Missing: "no purchase within 365 days",
	Source:  "Y. Zhang, E. Bradlow and D. Small, “Predicting Customer Value Using Clumpiness: From RFM to RFMC”, Marketing Science 34(2), 2015, pp. 195–208, doi:10.1287/mksc.2014.0873",
	value:   func(s *summary) float64 { return s.gaps.clumpiness },
}}
