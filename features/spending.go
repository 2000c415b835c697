package features

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
)

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
	value:   func(v *values) *float64 { return &v.spending.recencyDays },
}, {
	Name: "frequency", Group: "Recency, frequency, money", Kind: Count, Unit: "orders",
	Meaning: "Number of distinct orders with at least one purchase line. One-time buyers have 1. Not the frequency of BTYD models: see `btyd_x`.",
	Missing: never,
	value:   func(v *values) *float64 { return &v.spending.frequency },
}, {
	Name: "monetary", Group: "Recency, frequency, money", Kind: Money, Unit: currency,
	Meaning: "Gross money: sum of the amounts of all purchase lines, returns not deducted.",
	Missing: never, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.monetary },
}, {
	Name: "net_money", Group: "Recency, frequency, money", Kind: Money, Unit: currency, Signed: true,
	Meaning: "Gross money less returned money.",
	Missing: never, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.netMoney },
}, {
	Name: "money_per_year", Group: "Recency, frequency, money", Kind: Money, Unit: "currency a year",
	Meaning: "Gross money × 365.25 / (tenure in days + 1).",
	Missing: shortTenure, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.moneyPerYear },
}, {
	Name: "orders_per_year", Group: "Recency, frequency, money", Kind: Ratio, Unit: "orders a year",
	Meaning: "Orders × 365.25 / (tenure in days + 1).",
	Missing: shortTenure,
	value:   func(v *values) *float64 { return &v.spending.ordersPerYear },
}, {
	Name: "lines", Group: "Recency, frequency, money", Kind: Count, Unit: "lines",
	Meaning: "Number of purchase lines.",
	Missing: never,
	value:   func(v *values) *float64 { return &v.spending.lines },
}, {
	Name: "items", Group: "Recency, frequency, money", Kind: Quantity, Unit: "units of measure",
	Meaning: "Sum of the quantities of all purchase lines.",
	Missing: never, Needs: Units,
	value: func(v *values) *float64 { return &v.spending.items },
}, {
	Name: "purchase_days", Group: "Recency, frequency, money", Kind: Count, Unit: "days",
	Meaning: "Number of distinct days with a purchase.",
	Missing: never,
	value:   func(v *values) *float64 { return &v.spending.purchaseDays },
}, {
	Name: "order_value_mean", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Mean money of an order: gross money / orders.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueMean },
}, {
	Name: "order_value_median", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Median money of an order; the mean of the middle two where their number is even.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueMedian },
}, {
	Name: "order_value_min", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the smallest order.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueMin },
}, {
	Name: "order_value_max", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the largest order.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueMax },
}, {
	Name: "order_value_sd", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Sample standard deviation (divisor n − 1) of the money of an order.",
	Missing: "fewer than two orders", Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueSD },
}, {
	Name: "order_value_cv", Group: "Order value", Kind: Ratio, Unit: "ratio",
	Meaning: "Coefficient of variation of the money of an order: `order_value_sd` / `order_value_mean`.",
	Missing: "fewer than two orders, or a mean that is not positive", Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueCV },
}, {
	Name: "order_value_first", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the first order.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueFirst },
}, {
	Name: "order_value_last", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Money of the last order.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueLast },
}, {
	Name: "order_value_last_ratio", Group: "Order value", Kind: Ratio, Unit: "ratio",
	Meaning: "Money of the last order / mean money of an order.",
	Missing: noPositive, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.orderValueLastRatio },
}, {
	Name: "top_order_share", Group: "Order value", Kind: Ratio, Unit: "share of money",
	Meaning: "Money of the largest order / gross money.",
	Missing: noPositive, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.topOrderShare },
}, {
	Name: "line_value_max", Group: "Order value", Kind: Money, Unit: currency,
	Meaning: "Amount of the largest purchase line.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.spending.lineValueMax },
}, {
	Name: "unit_price_mean", Group: "Order value", Kind: Money, Unit: "currency a unit of measure",
	Meaning: "Average unit price: gross money / items.",
	Missing: "no purchase, or quantities that add up to nothing", Needs: Amount | Units,
	value: func(v *values) *float64 { return &v.spending.unitPriceMean },
}}

// outerOrders returns the money of the first order and of the last, or 0 without
// one.
func (s *summary) outerOrders() (first, last datasets.Money) {
	if n := len(s.orders); n > 0 {
		first, last = s.orders[0].money, s.orders[n-1].money
	}
	return first, last
}

// aYear scales what happened in the tenure to a year.
func (s *summary) aYear(v float64) float64 {
	if !s.has() || s.tenure() < minRateTenure {
		return math.NaN()
	}
	return float64(v*yearDays) / float64(s.tenure()+1)
}

// spendingValues are the values of spendingFeatures.
type spendingValues struct {
	recencyDays, frequency, monetary, netMoney                                       float64
	moneyPerYear, ordersPerYear, lines, items, purchaseDays                          float64
	orderValueMean, orderValueMedian, orderValueMin, orderValueMax                   float64
	orderValueSD, orderValueCV, orderValueFirst, orderValueLast, orderValueLastRatio float64
	topOrderShare, lineValueMax, unitPriceMean                                       float64
}

// fill computes them.
func (v *spendingValues) fill(s *summary) {
	gross, orders := s.gross.Float(), float64(len(s.orders))
	v.recencyDays = s.ofPurchases(float64(s.recency()))
	v.frequency = orders
	v.monetary = gross
	v.netMoney = (s.gross - s.returns.money).Float()
	v.moneyPerYear = s.aYear(gross)
	v.ordersPerYear = s.aYear(orders)
	v.lines = float64(s.lines)
	v.items = s.items.Float()
	v.purchaseDays = float64(len(s.days))

	first, last := s.outerOrders()
	v.orderValueMean = s.value.mean / millionths
	v.orderValueMedian = s.value.median / millionths
	v.orderValueMin = s.value.smallest / millionths
	v.orderValueMax = s.value.most / millionths
	v.orderValueSD = s.valueSD / millionths
	v.orderValueCV = ratio(s.valueSD, s.value.mean)
	v.orderValueFirst = s.ofPurchases(first.Float())
	v.orderValueLast = s.ofPurchases(last.Float())
	v.orderValueLastRatio = ratio(float64(last), s.value.mean)
	v.topOrderShare = ratio(s.value.most, float64(s.gross))
	v.lineValueMax = s.ofPurchases(s.largestLine.Float())
	v.unitPriceMean = ratio(float64(s.gross), float64(s.items))
}
