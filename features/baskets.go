package features

var basketFeatures = []Feature{{
	Name: "basket_lines_mean", Group: "Basket size", Kind: Ratio, Unit: "lines an order",
	Meaning: "Mean number of purchase lines of an order.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.baskets.linesMean },
}, {
	Name: "basket_lines_median", Group: "Basket size", Kind: Ratio, Unit: "lines an order",
	Meaning: "Median number of purchase lines of an order; the mean of the middle two where their number is even.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.baskets.linesMedian },
}, {
	Name: "basket_lines_max", Group: "Basket size", Kind: Count, Unit: "lines",
	Meaning: "Purchase lines of the longest order.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.baskets.linesMax },
}, {
	Name: "basket_items_mean", Group: "Basket size", Kind: Quantity, Unit: "units of measure an order",
	Meaning: "Mean quantity of an order.",
	Missing: noPurchase, Needs: Units,
	value: func(v *values) *float64 { return &v.baskets.itemsMean },
}, {
	Name: "basket_items_median", Group: "Basket size", Kind: Quantity, Unit: "units of measure an order",
	Meaning: "Median quantity of an order; the mean of the middle two where their number is even.",
	Missing: noPurchase, Needs: Units,
	value: func(v *values) *float64 { return &v.baskets.itemsMedian },
}, {
	Name: "basket_items_max", Group: "Basket size", Kind: Quantity, Unit: "units of measure",
	Meaning: "Largest quantity of an order.",
	Missing: noPurchase, Needs: Units,
	value: func(v *values) *float64 { return &v.baskets.itemsMax },
}, {
	Name: "line_items_mean", Group: "Basket size", Kind: Quantity, Unit: "units of measure a line",
	Meaning: "Mean quantity of a purchase line: `items` / `lines`.",
	Missing: noPurchase, Needs: Units,
	value: func(v *values) *float64 { return &v.baskets.lineItemsMean },
}, {
	Name: "single_line_share", Group: "Basket size", Kind: Share, Unit: ofOrders,
	Meaning: "Orders with a single purchase line / orders.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.baskets.singleLineShare },
}}

// basketValues are the values of basketFeatures.
type basketValues struct {
	linesMean, linesMedian, linesMax float64
	itemsMean, itemsMedian, itemsMax float64
	lineItemsMean, singleLineShare   float64
}

// fill computes them.
func (v *basketValues) fill(s *summary) {
	v.linesMean = s.basket.mean
	v.linesMedian = s.basket.median
	v.linesMax = s.basket.most
	v.itemsMean = s.content.mean / millionths
	v.itemsMedian = s.content.median / millionths
	v.itemsMax = s.content.most / millionths
	v.lineItemsMean = ratio(s.items.Float(), float64(s.lines))
	v.singleLineShare = share(s.singleLineOrders, len(s.orders))
}
