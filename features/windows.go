package features

import (
	"fmt"
	"math"
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
		value:   func(s *summary) float64 { return float64(s.windows[w].orders) },
	}, {
		Name: name("money"), Group: group, Kind: Money, Unit: currency,
		Meaning: "Gross money of the purchase lines in " + within + ".",
		Missing: never,
		value:   func(s *summary) float64 { return s.windows[w].money.Float() },
	}, {
		Name: name("items"), Group: group, Kind: Quantity, Unit: "units of measure",
		Meaning: "Quantity of the purchase lines in " + within + ".",
		Missing: never,
		value:   func(s *summary) float64 { return s.windows[w].items.Float() },
	}, {
		Name: name("active_days"), Group: group, Kind: Count, Unit: "days",
		Meaning: "Days with a purchase among " + within + ".",
		Missing: never,
		value:   func(s *summary) float64 { return float64(s.windows[w].activeDays) },
	}}
}

const (
	trendMissing = "neither period has a purchase, or none of positive value"
	slopeMissing = "fewer than three whole periods of 30 days since the first purchase"
)

var trendFeatures = []Feature{{
	Name: "money_share_90", Group: "Trend", Kind: Ratio, Unit: "share of money",
	Meaning: "`money_90` / `monetary`.",
	Missing: noPositive,
	value:   func(s *summary) float64 { return ratio(float64(s.windows[1].money), float64(s.gross)) },
}, {
	Name: "money_trend_90", Group: "Trend", Kind: Ratio, Unit: "index in [−1,1]",
	Meaning: "(a − b) / (a + b) with a the gross money of the last 90 days and b that of the 90 days before; a negative sum counts as 0. 1: all new, 0: the same, −1: all gone.",
	Missing: trendMissing,
	value: func(s *summary) float64 {
		return balance(float64(s.windows[1].money), float64(s.windows[2].money-s.windows[1].money))
	},
}, {
	Name: "orders_trend_90", Group: "Trend", Kind: Ratio, Unit: "index in [−1,1]",
	Meaning: "(a − b) / (a + b) with a the orders of the last 90 days and b those of the 90 days before.",
	Missing: trendMissing,
	value: func(s *summary) float64 {
		return balance(float64(s.windows[1].orders), float64(s.windows[2].orders-s.windows[1].orders))
	},
}, {
	Name: "items_trend_90", Group: "Trend", Kind: Ratio, Unit: "index in [−1,1]",
	Meaning: "(a − b) / (a + b) with a the quantity of the last 90 days and b that of the 90 days before; a negative sum counts as 0.",
	Missing: trendMissing,
	value: func(s *summary) float64 {
		return balance(float64(s.windows[1].items), float64(s.windows[2].items-s.windows[1].items))
	},
}, {
	Name: "orders_slope_360", Group: "Trend", Kind: Ratio, Unit: "orders a period, a period",
	Meaning: "Least-squares slope of the orders per period of 30 days over the last k periods that end with the as-of day, k the whole periods since the first purchase, at most 12.",
	Missing: slopeMissing,
	value:   func(s *summary) float64 { return s.ordersSlope },
}, {
	Name: "money_slope_360", Group: "Trend", Kind: Money, Unit: "currency a period, a period",
	Meaning: "Least-squares slope of the gross money per period of 30 days, over the periods of `orders_slope_360`.",
	Missing: slopeMissing,
	value:   func(s *summary) float64 { return s.moneySlope / millionths },
}, {
	Name: "days_since_peak", Group: "Trend", Kind: Days, Unit: "days",
	Meaning: "Days from the purchase day with the most money to the as-of day; of several such days the latest.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		if !s.has() {
			return math.NaN()
		}
		return float64(s.asOf - s.peak)
	},
}}
