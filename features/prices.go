package features

const (
	noDiscount = "no purchase line with a known discount"
	noCost     = "no line with a known cost"
)

var priceFeatures = []Feature{{
	Name: "discount_money", Group: "Discount and margin", Kind: Money, Unit: currency,
	Meaning: "Sum of the discounts of the purchase lines whose discount is known.",
	Missing: noDiscount, Needs: Discount,
	value: func(v *values) *float64 { return &v.prices.discountMoney },
}, {
	Name: "discount_share", Group: "Discount and margin", Kind: Ratio, Unit: "share of list money",
	Meaning: "d / (a + d), with d the discounts and a the amounts of the purchase lines whose discount is known.",
	Missing: "no purchase line with a known discount, or nothing to pay", Needs: Discount | Amount,
	value: func(v *values) *float64 { return &v.prices.discountShare },
}, {
	Name: "discount_line_share", Group: "Discount and margin", Kind: Share, Unit: "share of lines",
	Meaning: "Purchase lines with a discount above 0 / purchase lines whose discount is known.",
	Missing: noDiscount, Needs: Discount,
	value: func(v *values) *float64 { return &v.prices.discountLineShare },
}, {
	Name: "discount_order_share", Group: "Discount and margin", Kind: Share, Unit: ofOrders,
	Meaning: "Orders with at least one purchase line with a discount above 0 / orders.",
	Missing: noDiscount, Needs: Discount,
	value: func(v *values) *float64 { return &v.prices.discountOrderShare },
}, {
	Name: "margin_money", Group: "Discount and margin", Kind: Money, Unit: currency, Signed: true,
	Meaning: "Amount less cost, summed over all lines whose cost is known; returns count with their negative amount and cost.",
	Missing: noCost, Needs: Cost | Amount,
	value: func(v *values) *float64 { return &v.prices.marginMoney },
}, {
	Name: "margin_share", Group: "Discount and margin", Kind: Ratio, Unit: "ratio of money", Signed: true,
	Meaning: "`margin_money` / amount of the same lines. Negative where the customer is served at a loss.",
	Missing: "no line with a known cost, or amounts that add up to nothing", Needs: Cost | Amount,
	value: func(v *values) *float64 { return &v.prices.marginShare },
}, {
	Name: "cost_known_share", Group: "Discount and margin", Kind: Share, Unit: "share of lines",
	Meaning: "Lines whose cost is known / all lines, purchase and return: how far the margin can be trusted.",
	Missing: "no line at all up to the as-of day", Needs: Cost,
	value: func(v *values) *float64 { return &v.prices.costKnownShare },
}}

// ofKnown returns v, or NaN where it rests on no line.
func ofKnown(v float64, lines int) float64 {
	if lines == 0 {
		return ratio(0, 0)
	}
	return v
}

// priceValues are the values of priceFeatures.
type priceValues struct {
	discountMoney, discountShare, discountLineShare, discountOrderShare float64
	marginMoney, marginShare, costKnownShare                            float64
}

// fill computes them.
func (v *priceValues) fill(s *summary) {
	v.discountMoney = ofKnown(s.deducted.Float(), s.discountLines)
	v.discountShare = ratio(float64(s.deducted), float64(s.discountAmount+s.deducted))
	v.discountLineShare = share(s.discounted, s.discountLines)
	v.discountOrderShare = ofKnown(share(s.discountedOrders, len(s.orders)), s.discountLines)
	v.marginMoney = ofKnown((s.costAmount - s.costMoney).Float(), s.costLines)
	v.marginShare = ratio(float64(s.costAmount-s.costMoney), float64(s.costAmount))
	v.costKnownShare = share(s.costLines, s.lines+s.returns.lines)
}
