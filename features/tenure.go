package features

import "math"

var tenureFeatures = []Feature{{
	Name: "tenure_days", Group: "Tenure and BTYD statistics", Kind: Days, Unit: "days",
	Meaning: "Days from the first purchase to the as-of day.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.tenure.tenureDays },
}, {
	Name: "btyd_x", Group: "Tenure and BTYD statistics", Kind: Count, Unit: "days",
	Meaning: "Frequency as buy-till-you-die models count it: distinct purchase days less one. One-time buyers have 0; several orders on one day count once.",
	Missing: noPurchase,
	Source:  sourceBTYD,
	value:   func(v *values) *float64 { return &v.tenure.btydX },
}, {
	Name: "btyd_t_x", Group: "Tenure and BTYD statistics", Kind: Days, Unit: "days",
	Meaning: "Recency as buy-till-you-die models count it: days from the first to the last purchase; 0 where `btyd_x` is 0. High is good.",
	Missing: noPurchase,
	Source:  sourceBTYD,
	value:   func(v *values) *float64 { return &v.tenure.btydTX },
}, {
	Name: "btyd_t", Group: "Tenure and BTYD statistics", Kind: Days, Unit: "days",
	Meaning: "Age T as buy-till-you-die models count it: days from the first purchase to the as-of day, the end of observation. The same number as `tenure_days`.",
	Missing: noPurchase,
	Source:  sourceBTYD,
	value:   func(v *values) *float64 { return &v.tenure.btydT },
}, {
	Name: "btyd_money", Group: "Tenure and BTYD statistics", Kind: Money, Unit: "currency a purchase day",
	Meaning: "Mean money of the repeat purchase days: the money of each distinct purchase day but the first, averaged. What Gamma-Gamma models take.",
	Missing: "fewer than two purchase days", Needs: Amount,
	Source: "P. Fader and B. Hardie, “The Gamma-Gamma Model of Monetary Value”, note 025, 2013; first purchase left out as in CLVTools",
	value:  func(v *values) *float64 { return &v.tenure.btydMoney },
}, {
	Name: "second_purchase_days", Group: "Tenure and BTYD statistics", Kind: Days, Unit: "days",
	Meaning: "Days from the first to the second distinct purchase day.",
	Missing: "fewer than two purchase days",
	value:   func(v *values) *float64 { return &v.tenure.secondPurchaseDays },
}, {
	Name: "money_first_90", Group: "Tenure and BTYD statistics", Kind: Money, Unit: currency,
	Meaning: "Gross money of the first 90 days of the tenure: the day of the first purchase and the 89 days after it.",
	Missing: "no purchase, or these 90 days are not over on the as-of day", Needs: Amount,
	value: func(v *values) *float64 { return &v.tenure.moneyFirst90 },
}, {
	Name: "active_months", Group: "Tenure and BTYD statistics", Kind: Count, Unit: "months",
	Meaning: "Number of distinct calendar months with a purchase.",
	Missing: never,
	value:   func(v *values) *float64 { return &v.tenure.activeMonths },
}, {
	Name: "active_month_share", Group: "Tenure and BTYD statistics", Kind: Share, Unit: "share of months",
	Meaning: "Month regularity: `active_months` / calendar months from that of the first purchase to that of the as-of day, both included.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.tenure.activeMonthShare },
}}

const sourceBTYD = "P. Fader, B. Hardie and K. L. Lee, “‘Counting Your Customers’ the Easy Way”, Marketing Science 24(2), 2005, pp. 275–284, doi:10.1287/mksc.1040.0098"

// tenureValues are the values of tenureFeatures.
type tenureValues struct {
	tenureDays, btydX, btydTX, btydT, btydMoney float64
	secondPurchaseDays, moneyFirst90            float64
	activeMonths, activeMonthShare              float64
}

// fill computes them.
func (v *tenureValues) fill(s *summary) {
	tenure := s.ofPurchases(float64(s.tenure()))
	v.tenureDays = tenure
	v.btydX = s.ofPurchases(float64(len(s.days) - 1))
	v.btydTX = s.ofPurchases(float64(s.last - s.first))
	v.btydT = tenure
	v.btydMoney, v.secondPurchaseDays = math.NaN(), math.NaN()
	if n := len(s.days); n > 1 {
		v.btydMoney = (s.gross - s.days[0].money).Float() / float64(n-1)
		v.secondPurchaseDays = float64(s.days[1].day - s.days[0].day)
	}
	v.moneyFirst90 = math.NaN()
	if s.has() && s.tenure() >= earlyDays-1 {
		v.moneyFirst90 = s.through(s.earlyDays).money.Float()
	}
	v.activeMonths = float64(s.calendar.months)
	v.activeMonthShare = share(s.calendar.months, s.calendar.elapsed)
}
