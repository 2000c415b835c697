package features

import (
	"math"
	"slices"
)

const noProduct = "no purchase line with a known product"

var productFeatures = slices.Concat(
	mixFeatures(mixOf{
		group: "Products", many: "products", one: "product", needs: Product, unit: "lines",
		counted: "purchase lines with a known product",
		mix:     func(s *summary) *mix { return &s.products },
	}), []Feature{{
		Name: "product_repeat_share", Group: "Products", Kind: Share, Unit: "share of products",
		Meaning: "Distinct products that were bought in two orders or more / distinct products.",
		Missing: noProduct, Needs: Product,
		value: func(s *summary) float64 { return share(s.products.repeated, s.products.distinct) },
	}, {
		Name: "repeat_line_share", Group: "Products", Kind: Share, Unit: "share of lines",
		Meaning: "Purchase lines whose product was bought first in another, earlier order / purchase lines with a known product.",
		Missing: noProduct, Needs: Product,
		value: func(s *summary) float64 { return share(s.repeatLines, s.products.total) },
	}, {
		Name: "products_new_90", Group: "Products", Kind: Count, Unit: "products",
		Meaning: "Distinct products that were bought first in an order of the 90 days that end with the as-of day.",
		Missing: never, Needs: Product,
		value: func(s *summary) float64 { return float64(s.newProducts) },
	}})

var categoryFeatures = slices.Concat(
	mixFeatures(mixOf{
		group: "Categories", many: "categories", one: "category", needs: Category, unit: "lines",
		counted: "purchase lines with a known category",
		mix:     func(s *summary) *mix { return &s.categories },
	}), []Feature{{
		Name: "category_repeat_share", Group: "Categories", Kind: Share, Unit: "share of categories",
		Meaning: "Distinct categories that were bought in two orders or more / distinct categories.",
		Missing: "no purchase line with a known category", Needs: Category,
		value: func(s *summary) float64 { return share(s.categories.repeated, s.categories.distinct) },
	}})

const firstLine = " An order takes the value of its first purchase line."

var dimensionFeatures = slices.Concat(
	mixFeatures(mixOf{
		group: "Channels", many: "channels", one: "channel", needs: Channel, unit: "orders", note: firstLine,
		counted: "orders with a known channel",
		mix:     func(s *summary) *mix { return &s.channels },
	}),
	mixFeatures(mixOf{
		group: "Stores", many: "stores", one: "store", needs: Store, unit: "orders", note: firstLine,
		counted: "orders with a known store",
		mix:     func(s *summary) *mix { return &s.stores },
	}),
	mixFeatures(mixOf{
		group: "Regions", many: "regions", one: "region", needs: Region, unit: "orders", note: firstLine,
		counted: "orders with a known region",
		mix:     func(s *summary) *mix { return &s.regions },
	}),
	mixFeatures(mixOf{
		group: "Salespeople", many: "salespeople", one: "salesperson", needs: Salesperson, unit: "orders", note: firstLine,
		counted: "orders with a known salesperson",
		mix:     func(s *summary) *mix { return &s.salespeople },
	}),
	[]Feature{{
		Name: "campaign_order_share", Group: "Campaigns", Kind: Share, Unit: ofOrders,
		Meaning: "Orders with a known campaign / orders." + firstLine,
		Missing: noPurchase, Needs: Campaign,
		value: func(s *summary) float64 { return share(s.camps.total, len(s.orders)) },
	}, {
		Name: "campaigns_distinct", Group: "Campaigns", Kind: Count, Unit: "campaigns",
		Meaning: "Distinct campaigns among the orders." + firstLine,
		Missing: never, Needs: Campaign,
		value: func(s *summary) float64 { return float64(s.camps.distinct) },
	}})

// mixOf says how the features of one column's mix are called.
type mixOf struct {
	group, many, one, unit string
	counted                string // what is counted, with the condition
	note                   string
	needs                  Columns
	mix                    func(s *summary) *mix
}

// mixFeatures returns the features that every column of codes has.
func mixFeatures(of mixOf) []Feature {
	none := "no " + singular(of.counted)
	known := func(m *mix, v float64) float64 {
		if m.total == 0 {
			return math.NaN()
		}
		return v
	}
	return []Feature{{
		Name: of.many + "_distinct", Group: of.group, Kind: Count, Unit: of.many,
		Meaning: "Distinct " + of.many + " among the " + of.counted + "." + of.note,
		Missing: never, Needs: of.needs,
		value: func(s *summary) float64 { return float64(of.mix(s).distinct) },
	}, {
		Name: of.one + "_entropy", Group: of.group, Kind: Bits, Unit: "bits",
		Meaning: "Shannon entropy of the distribution of the " + of.counted + " over " + of.many + ", −Σ p log₂ p; 0 where there is one.",
		Missing: none, Needs: of.needs,
		Source: "C. Shannon, “A Mathematical Theory of Communication”, Bell System Technical Journal 27, 1948, pp. 379–423",
		value:  func(s *summary) float64 { m := of.mix(s); return known(m, m.entropy) },
	}, {
		Name: of.one + "_evenness", Group: of.group, Kind: Share, Unit: "index in [0,1]",
		Meaning: "`" + of.one + "_entropy` / log₂ of the distinct " + of.many + ": 1 where all are equally frequent.",
		Missing: "fewer than two distinct " + of.many, Needs: of.needs,
		Source: "E. Pielou, “The Measurement of Diversity in Different Types of Biological Collections”, Journal of Theoretical Biology 13, 1966, pp. 131–144",
		value: func(s *summary) float64 {
			m := of.mix(s)
			if m.distinct < 2 {
				return math.NaN()
			}
			return m.evenness
		},
	}, {
		Name: of.one + "_concentration", Group: of.group, Kind: Share, Unit: "index in (0,1]",
		Meaning: "Herfindahl index Σ p² of the distribution of the " + of.counted + " over " + of.many + ".",
		Missing: none, Needs: of.needs,
		value: func(s *summary) float64 { m := of.mix(s); return known(m, m.concentration) },
	}, {
		Name: of.one + "_top_share", Group: of.group, Kind: Share, Unit: "share of " + of.unit,
		Meaning: "Share that the most frequent " + of.one + " has of the " + of.counted + ".",
		Missing: none, Needs: of.needs,
		value: func(s *summary) float64 { m := of.mix(s); return share(m.top, m.total) },
	}, {
		Name: of.one + "_main", Group: of.group, Kind: Code, Unit: "code of the dictionary",
		Meaning: "The most frequent " + of.one + " among the " + of.counted + ", as its code in the dictionary of the history; of several the smallest code, which is the first in the order of texts. Codes change as the dictionary grows: publish the text.",
		Missing: none, Needs: of.needs,
		value: func(s *summary) float64 { m := of.mix(s); return known(m, float64(m.main)) },
	}}
}

// singular turns "orders with …" and "purchase lines with …" into one of them.
func singular(counted string) string {
	for _, many := range []string{"orders", "purchase lines"} {
		if len(counted) > len(many) && counted[:len(many)] == many {
			return many[:len(many)-1] + counted[len(many):]
		}
	}
	panic("features: BUG: no singular for " + counted)
}
