package features

import "math"

var returnFeatures = []Feature{{
	Name: "returns_money", Group: "Returns", Kind: Money, Unit: currency, Signed: true,
	Meaning: "Returned money: minus the sum of the amounts of all return lines, so positive as a rule.",
	Missing: never, Needs: Amount,
	value: func(v *values) *float64 { return &v.returns.money },
}, {
	Name: "returns_share", Group: "Returns", Kind: Ratio, Unit: "ratio of money", Signed: true,
	Meaning: "Returned money / gross money. It may pass 1 where goods come back that were bought before the history begins.",
	Missing: noPositive, Needs: Amount,
	value: func(v *values) *float64 { return &v.returns.share },
}, {
	Name: "returns_money_365", Group: "Returns", Kind: Money, Unit: currency, Signed: true,
	Meaning: "Returned money of the 365 days that end with the as-of day.",
	Missing: never, Needs: Amount,
	value: func(v *values) *float64 { return &v.returns.money365 },
}, {
	Name: "return_lines", Group: "Returns", Kind: Count, Unit: "lines",
	Meaning: "Number of return lines.",
	Missing: never,
	value:   func(v *values) *float64 { return &v.returns.lines },
}, {
	Name: "return_line_share", Group: "Returns", Kind: Share, Unit: "share of lines",
	Meaning: "Return rate: return lines / all lines, purchase and return.",
	Missing: "no line at all up to the as-of day",
	value:   func(v *values) *float64 { return &v.returns.lineShare },
}, {
	Name: "return_orders", Group: "Returns", Kind: Count, Unit: "orders",
	Meaning: "Number of distinct orders with at least one return line.",
	Missing: never,
	value:   func(v *values) *float64 { return &v.returns.orders },
}, {
	Name: "returned_items", Group: "Returns", Kind: Quantity, Unit: "units of measure", Signed: true,
	Meaning: "Returned quantity: minus the sum of the quantities of all return lines.",
	Missing: never, Needs: Units,
	value: func(v *values) *float64 { return &v.returns.items },
}, {
	Name: "returned_items_share", Group: "Returns", Kind: Ratio, Unit: "ratio of quantity", Signed: true,
	Meaning: "Returned quantity / purchased quantity.",
	Missing: "no purchase, or quantities that add up to nothing", Needs: Units,
	value: func(v *values) *float64 { return &v.returns.itemsShare },
}, {
	Name: "days_since_return", Group: "Returns", Kind: Days, Unit: "days",
	Meaning: "Days from the last return to the as-of day.",
	Missing: "no return up to the as-of day",
	value:   func(v *values) *float64 { return &v.returns.daysSince },
}}

// returnValues are the values of returnFeatures.
type returnValues struct {
	money, share, money365       float64
	lines, lineShare, orders     float64
	items, itemsShare, daysSince float64
}

// fill computes them.
func (v *returnValues) fill(s *summary) {
	r := &s.returns
	v.money = r.money.Float()
	v.share = ratio(float64(r.money), float64(s.gross))
	v.money365 = r.windows[3].Float()
	v.lines = float64(r.lines)
	v.lineShare = share(r.lines, s.lines+r.lines)
	v.orders = float64(r.orders)
	v.items = r.items.Float()
	v.itemsShare = ratio(float64(r.items), float64(s.items))
	v.daysSince = math.NaN()
	if r.lines > 0 {
		v.daysSince = float64(s.asOf - r.last)
	}
}
