package features

import "math"

const (
	noPurchase    = "no purchase up to the as-of day"
	noPositive    = "no purchase, or purchases that add up to nothing"
	never         = "never"
	currency      = "currency"
	shortTenure   = "no purchase, or a tenure of less than 30 days, too short to extrapolate"
	ofOrders      = "share of orders"
	millionths    = 1e6
	yearDays      = 365.25
	minRateTenure = 30 // days
)

var spendingFeatures = []Feature{{
	Name: "recency_days", Group: "Recency, frequency, money", Kind: Days, Unit: "days",
	Meaning: "Days from the last purchase to the as-of day; 0 for a purchase on the day itself. Low is good. Not the recency of BTYD models: see `btyd_t_x`.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		return s.ofPurchases(float64(s.recency()))
	},
}, {
	Name: "frequency", Group: "Recency, frequency, money", Kind: Count, Unit: "orders",
	Meaning: "Number of distinct orders with at least one purchase line. One-time buyers have 1. Not the frequency of BTYD models: see `btyd_x`.",
	Missing: never,
	value:   func(s *summary) float64 { return float64(len(s.orders)) },
}, {
	Name: "monetary", Group: "Recency, frequency, money", Kind: Money, Unit: currency,
	Meaning: "Gross money: sum of the amounts of all purchase lines, returns not deducted.",
	Missing: never,
	value:   func(s *summary) float64 { return s.gross.Float() },
}, {
	Name: "net_money", Group: "Recency, frequency, money", Kind: Money, Unit: currency,
	Meaning: "Gross money less returned money.",
	Missing: never,
	value:   func(s *summary) float64 { return (s.gross - s.returns.money).Float() },
}, {
	Name: "money_per_year", Group: "Recency, frequency, money", Kind: Money, Unit: "currency a year",
	Meaning: "Gross money × 365.25 / (tenure in days + 1).",
	Missing: shortTenure,
	value:   func(s *summary) float64 { return s.aYear(s.gross.Float()) },
}, {
	Name: "orders_per_year", Group: "Recency, frequency, money", Kind: Ratio, Unit: "orders a year",
	Meaning: "Orders × 365.25 / (tenure in days + 1).",
	Missing: shortTenure,
	value:   func(s *summary) float64 { return s.aYear(float64(len(s.orders))) },
}, {
	Name: "lines", Group: "Recency, frequency, money", Kind: Count, Unit: "lines",
	Meaning: "Number of purchase lines.",
	Missing: never,
	value:   func(s *summary) float64 { return float64(s.lines) },
}, {
	Name: "items", Group: "Recency, frequency, money", Kind: Quantity, Unit: "units of measure",
	Meaning: "Sum of the quantities of all purchase lines; the number of lines where the job maps no quantity.",
	Missing: never,
	value:   func(s *summary) float64 { return s.items.Float() },
}, {
	Name: "purchase_days", Group: "Recency, frequency, money", Kind: Count, Unit: "days",
	Meaning: "Number of distinct days with a purchase.",
	Missing: never,
	value:   func(s *summary) float64 { return float64(len(s.days)) },
}, {
	Name: "order_value_mean", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Mean money of an order: gross money / orders.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.value.mean / millionths },
}, {
	Name: "order_value_median", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Median money of an order; the mean of the middle two where their number is even.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.value.median / millionths },
}, {
	Name: "order_value_min", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the smallest order.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.value.smallest / millionths },
}, {
	Name: "order_value_max", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the largest order.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.value.most / millionths },
}, {
	Name: "order_value_sd", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Sample standard deviation (divisor n − 1) of the money of an order.",
	Missing: "fewer than two orders",
	value:   func(s *summary) float64 { return s.valueSD / millionths },
}, {
	Name: "order_value_cv", Group: "Order value", Kind: Ratio, Unit: "ratio",
	Meaning: "Coefficient of variation of the money of an order: `order_value_sd` / `order_value_mean`.",
	Missing: "fewer than two orders, or a mean that is not positive",
	value:   func(s *summary) float64 { return ratio(s.valueSD, s.value.mean) },
}, {
	Name: "order_value_first", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the first order.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		if !s.has() {
			return math.NaN()
		}
		return s.orders[0].money.Float()
	},
}, {
	Name: "order_value_last", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the last order.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		if !s.has() {
			return math.NaN()
		}
		return s.orders[len(s.orders)-1].money.Float()
	},
}, {
	Name: "order_value_last_ratio", Group: "Order value", Kind: Ratio, Unit: "ratio",
	Meaning: "Money of the last order / mean money of an order.",
	Missing: noPositive,
	value: func(s *summary) float64 {
		if !s.has() {
			return math.NaN()
		}
		return ratio(float64(s.orders[len(s.orders)-1].money), s.value.mean)
	},
}, {
	Name: "top_order_share", Group: "Order value", Kind: Ratio, Unit: "share of money",
	Meaning: "Money of the largest order / gross money.",
	Missing: noPositive,
	value:   func(s *summary) float64 { return ratio(s.value.most, float64(s.gross)) },
}, {
	Name: "line_value_max", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Amount of the largest purchase line.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.ofPurchases(s.largestLine.Float()) },
}, {
	Name: "unit_price_mean", Group: "Order value", Kind: Money, Unit: "currency a unit of measure",
	Meaning: "Average unit price: gross money / items.",
	Missing: "no purchase, or quantities that add up to nothing",
	value:   func(s *summary) float64 { return ratio(float64(s.gross), float64(s.items)) },
}}

// aYear scales what happened in the tenure to a year.
func (s *summary) aYear(v float64) float64 {
	if !s.has() || s.tenure() < minRateTenure {
		return math.NaN()
	}
	return float64(v*yearDays) / float64(s.tenure()+1)
}
