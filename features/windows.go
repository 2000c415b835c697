package features

import (
	"fmt"
	"slices"
)

// windowFeatures holds four features for each of windowDays.
var windowFeatures = slices.Concat(
	featuresOfWindow(0), featuresOfWindow(1), featuresOfWindow(2), featuresOfWindow(3))

// featuresOfWindow returns the features of window w.
func featuresOfWindow(w int) []Feature {
	days := windowDays[w]
	const group = "Windows before the as-of day"
	within := fmt.Sprintf("the %d days that end with the as-of day", days)
	name := func(what string) string { return fmt.Sprintf("%s_%d", what, days) }
	return []Feature{{
		Name: name("orders"), Group: group, Kind: Count, Unit: "orders",
		Meaning: "Orders whose first purchase line lies in " + within + ".",
		Missing: never,
		value:   func(v *values) *float64 { return &v.windows[w].orders },
	}, {
		Name: name("money"), Group: group, Kind: Money, Unit: currency,
		Meaning: "Gross money of the purchase lines in " + within + ".",
		Missing: never, Needs: Amount,
		value: func(v *values) *float64 { return &v.windows[w].money },
	}, {
		Name: name("items"), Group: group, Kind: Quantity, Unit: "units of measure",
		Meaning: "Quantity of the purchase lines in " + within + ".",
		Missing: never, Needs: Units,
		value: func(v *values) *float64 { return &v.windows[w].items },
	}, {
		Name: name("active_days"), Group: group, Kind: Count, Unit: "days",
		Meaning: "Days with a purchase among " + within + ".",
		Missing: never,
		value:   func(v *values) *float64 { return &v.windows[w].activeDays },
	}}
}

const (
	trendMissing = "neither period has a purchase, or none of positive value"
	slopeMissing = "fewer than three whole periods of 30 days since the first purchase"
)

var trendFeatures = []Feature{{
	Name: "money_share_90", Group: "Trend", Kind: Ratio, Unit: "share of money",
	Meaning: "`money_90` / `monetary`.",
	Missing: noPositive, Needs: Amount,
	value: func(v *values) *float64 { return &v.trend.moneyShare90 },
}, {
	Name: "money_trend_90", Group: "Trend", Kind: Ratio, Unit: "index in [−1,1]", Signed: true,
	Meaning: "(a − b) / (a + b) with a the gross money of the last 90 days and b that of the 90 days before; a negative sum counts as 0. 1: all new, 0: the same, −1: all gone.",
	Missing: trendMissing, Needs: Amount,
	value: func(v *values) *float64 { return &v.trend.moneyTrend90 },
}, {
	Name: "orders_trend_90", Group: "Trend", Kind: Ratio, Unit: "index in [−1,1]", Signed: true,
	Meaning: "(a − b) / (a + b) with a the orders of the last 90 days and b those of the 90 days before.",
	Missing: trendMissing,
	value:   func(v *values) *float64 { return &v.trend.ordersTrend90 },
}, {
	Name: "items_trend_90", Group: "Trend", Kind: Ratio, Unit: "index in [−1,1]", Signed: true,
	Meaning: "(a − b) / (a + b) with a the quantity of the last 90 days and b that of the 90 days before; a negative sum counts as 0.",
	Missing: trendMissing, Needs: Units,
	value: func(v *values) *float64 { return &v.trend.itemsTrend90 },
}, {
	Name: "orders_slope_360", Group: "Trend", Kind: Ratio, Unit: "orders a period, a period", Signed: true,
	Meaning: "Least-squares slope of the orders per period of 30 days over the last k periods that end with the as-of day, k the whole periods since the first purchase, at most 12.",
	Missing: slopeMissing,
	value:   func(v *values) *float64 { return &v.trend.ordersSlope },
}, {
	Name: "money_slope_360", Group: "Trend", Kind: Money, Unit: "currency a period, a period", Signed: true,
	Meaning: "Least-squares slope of the gross money per period of 30 days, over the periods of `orders_slope_360`.",
	Missing: slopeMissing, Needs: Amount,
	value: func(v *values) *float64 { return &v.trend.moneySlope },
}, {
	Name: "days_since_peak", Group: "Trend", Kind: Days, Unit: "days",
	Meaning: "Days from the purchase day with the most money to the as-of day; of several such days the latest.",
	Missing: noPurchase, Needs: Amount,
	value: func(v *values) *float64 { return &v.trend.daysSincePeak },
}}

// windowValues are the values of featuresOfWindow.
type windowValues struct{ orders, money, items, activeDays float64 }

func (v *windowValues) fill(w *window) {
	v.orders = float64(w.orders)
	v.money = w.money.Float()
	v.items = w.items.Float()
	v.activeDays = float64(w.activeDays)
}

// trendValues are the values of trendFeatures.
type trendValues struct {
	moneyShare90, moneyTrend90, ordersTrend90, itemsTrend90 float64
	ordersSlope, moneySlope, daysSincePeak                  float64
}

// fill computes them.
func (v *trendValues) fill(s *summary) {
	near, both := &s.windows[1], &s.windows[2]
	v.moneyShare90 = ratio(float64(near.money), float64(s.gross))
	v.moneyTrend90 = balance(float64(near.money), float64(both.money-near.money))
	v.ordersTrend90 = balance(float64(near.orders), float64(both.orders-near.orders))
	v.itemsTrend90 = balance(float64(near.items), float64(both.items-near.items))
	v.ordersSlope = s.ordersSlope
	v.moneySlope = s.moneySlope / millionths
	v.daysSincePeak = s.ofPurchases(float64(s.asOf - s.peak))
}
