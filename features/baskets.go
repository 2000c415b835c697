package features

import "math"

var basketFeatures = []Feature{{
	Name: "basket_lines_mean", Group: "Basket size", Kind: Ratio, Unit: "lines an order",
	Meaning: "Mean number of purchase lines of an order.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.basket.mean },
}, {
	Name: "basket_lines_median", Group: "Basket size", Kind: Ratio, Unit: "lines an order",
	Meaning: "Median number of purchase lines of an order; the mean of the middle two where their number is even.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.basket.median },
}, {
	Name: "basket_lines_max", Group: "Basket size", Kind: Count, Unit: "lines",
	Meaning: "Purchase lines of the longest order.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.basket.most },
}, {
	Name: "basket_items_mean", Group: "Basket size", Kind: Quantity, Unit: "units of measure an order",
	Meaning: "Mean quantity of an order.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.content.mean / millionths },
}, {
	Name: "basket_items_median", Group: "Basket size", Kind: Quantity, Unit: "units of measure an order",
	Meaning: "Median quantity of an order; the mean of the middle two where their number is even.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.content.median / millionths },
}, {
	Name: "basket_items_max", Group: "Basket size", Kind: Quantity, Unit: "units of measure",
	Meaning: "Largest quantity of an order.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.content.most / millionths },
}, {
	Name: "line_items_mean", Group: "Basket size", Kind: Quantity, Unit: "units of measure a line",
	Meaning: "Mean quantity of a purchase line: `items` / `lines`.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return ratio(s.items.Float(), float64(s.lines)) },
}, {
	Name: "single_line_share", Group: "Basket size", Kind: Share, Unit: ofOrders,
	Meaning: "Orders with a single purchase line / orders.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		return share(s.singleLineOrders, len(s.orders))
	},
}}

var returnFeatures = []Feature{{
	Name: "returns_money", Group: "Returns", Kind: Money, Unit: currency,
	Meaning: "Returned money: minus the sum of the amounts of all return lines, so positive as a rule.",
	Missing: never,
	value:   func(s *summary) float64 { return s.returns.money.Float() },
}, {
	Name: "returns_share", Group: "Returns", Kind: Ratio, Unit: "ratio of money",
	Meaning: "Returned money / gross money. It may pass 1 where goods come back that were bought before the history begins.",
	Missing: noPositive,
	value:   func(s *summary) float64 { return ratio(float64(s.returns.money), float64(s.gross)) },
}, {
	Name: "returns_money_365", Group: "Returns", Kind: Money, Unit: currency,
	Meaning: "Returned money of the 365 days that end with the as-of day.",
	Missing: never,
	value:   func(s *summary) float64 { return s.returns.windows[3].Float() },
}, {
	Name: "return_lines", Group: "Returns", Kind: Count, Unit: "lines",
	Meaning: "Number of return lines.",
	Missing: never,
	value:   func(s *summary) float64 { return float64(s.returns.lines) },
}, {
	Name: "return_line_share", Group: "Returns", Kind: Share, Unit: "share of lines",
	Meaning: "Return rate: return lines / all lines, purchase and return.",
	Missing: "no line at all up to the as-of day",
	value:   func(s *summary) float64 { return share(s.returns.lines, s.lines+s.returns.lines) },
}, {
	Name: "return_orders", Group: "Returns", Kind: Count, Unit: "orders",
	Meaning: "Number of distinct orders with at least one return line.",
	Missing: never,
	value:   func(s *summary) float64 { return float64(s.returns.orders) },
}, {
	Name: "returned_items", Group: "Returns", Kind: Quantity, Unit: "units of measure",
	Meaning: "Returned quantity: minus the sum of the quantities of all return lines.",
	Missing: never,
	value:   func(s *summary) float64 { return s.returns.items.Float() },
}, {
	Name: "returned_items_share", Group: "Returns", Kind: Ratio, Unit: "ratio of quantity",
	Meaning: "Returned quantity / purchased quantity.",
	Missing: "no purchase, or quantities that add up to nothing",
	value:   func(s *summary) float64 { return ratio(float64(s.returns.items), float64(s.items)) },
}, {
	Name: "days_since_return", Group: "Returns", Kind: Days, Unit: "days",
	Meaning: "Days from the last return to the as-of day.",
	Missing: "no return up to the as-of day",
	value: func(s *summary) float64 {
		if s.returns.lines == 0 {
			return math.NaN()
		}
		return float64(s.asOf - s.returns.last)
	},
}}
