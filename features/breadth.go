package features

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

const noProduct = "no purchase line with a known product"

var productFeatures = slices.Concat(
	mixFeatures(mixOf{
		group: "Products", many: "products", one: "product", of: datasets.Product, needs: Product, unit: "lines",
		counted: "purchase lines with a known product",
		mix:     func(v *values) *mixValues { return &v.products },
	}), []Feature{{
		Name: "product_repeat_share", Group: "Products", Kind: Share, Unit: "share of products",
		Meaning: "Distinct products that were bought in two orders or more / distinct products.",
		Missing: noProduct, Needs: Product,
		value: func(v *values) *float64 { return &v.products.repeatShare },
	}, {
		Name: "repeat_line_share", Group: "Products", Kind: Share, Unit: "share of lines",
		Meaning: "Purchase lines whose product was bought first in another, earlier order / purchase lines with a known product.",
		Missing: noProduct, Needs: Product,
		value: func(v *values) *float64 { return &v.repeatLineShare },
	}, {
		Name: "products_new_90", Group: "Products", Kind: Count, Unit: "products",
		Meaning: "Distinct products that were bought first in an order of the 90 days that end with the as-of day.",
		Missing: never, Needs: Product,
		value: func(v *values) *float64 { return &v.productsNew90 },
	}})

var categoryFeatures = slices.Concat(
	mixFeatures(mixOf{
		group: "Categories", many: "categories", one: "category", of: datasets.Category, needs: Category, unit: "lines",
		counted: "purchase lines with a known category",
		mix:     func(v *values) *mixValues { return &v.categories },
	}), []Feature{{
		Name: "category_repeat_share", Group: "Categories", Kind: Share, Unit: "share of categories",
		Meaning: "Distinct categories that were bought in two orders or more / distinct categories.",
		Missing: "no purchase line with a known category", Needs: Category,
		value: func(v *values) *float64 { return &v.categories.repeatShare },
	}})

const firstLine = " An order takes the value of its first purchase line."

var dimensionFeatures = slices.Concat(
	mixFeatures(mixOf{
		group: "Channels", many: "channels", one: "channel", of: datasets.Channel, needs: Channel, unit: "orders", note: firstLine,
		counted: "orders with a known channel",
		mix:     func(v *values) *mixValues { return &v.channels },
	}),
	mixFeatures(mixOf{
		group: "Stores", many: "stores", one: "store", of: datasets.Store, needs: Store, unit: "orders", note: firstLine,
		counted: "orders with a known store",
		mix:     func(v *values) *mixValues { return &v.stores },
	}),
	mixFeatures(mixOf{
		group: "Regions", many: "regions", one: "region", of: datasets.Region, needs: Region, unit: "orders", note: firstLine,
		counted: "orders with a known region",
		mix:     func(v *values) *mixValues { return &v.regions },
	}),
	mixFeatures(mixOf{
		group: "Salespeople", many: "salespeople", one: "salesperson", of: datasets.Salesperson, needs: Salesperson, unit: "orders", note: firstLine,
		counted: "orders with a known salesperson",
		mix:     func(v *values) *mixValues { return &v.salespeople },
	}),
	[]Feature{{
		Name: "campaign_order_share", Group: "Campaigns", Kind: Share, Unit: ofOrders,
		Meaning: "Orders with a known campaign / orders." + firstLine,
		Missing: noPurchase, Needs: Campaign,
		value: func(v *values) *float64 { return &v.campaignOrderShare },
	}, {
		Name: "campaigns_distinct", Group: "Campaigns", Kind: Count, Unit: "campaigns",
		Meaning: "Distinct campaigns among the orders." + firstLine,
		Missing: never, Needs: Campaign,
		value: func(v *values) *float64 { return &v.campaignsDistinct },
	}})

// mixOf says how the features of one column's mix are called.
type mixOf struct {
	group, many, one, unit string
	distinct, name         string // of the features: the whole name of the first, and how the others begin; "": by many and one
	counted                string // what is counted, with the condition
	note                   string
	of                     datasets.Dimension
	needs                  Columns
	mix                    func(v *values) *mixValues
}

// mixFeatures returns the features that every column of codes has.
func mixFeatures(of mixOf) []Feature {
	none := "no " + singular(of.counted)
	if of.name == "" {
		of.distinct, of.name = of.many+"_distinct", of.one
	}
	return []Feature{{
		Name: of.distinct, Group: of.group, Kind: Count, Unit: of.many,
		Meaning: "Distinct " + of.many + " among the " + of.counted + "." + of.note,
		Missing: never, Needs: of.needs,
		value: func(v *values) *float64 { return &of.mix(v).distinct },
	}, {
		Name: of.name + "_entropy", Group: of.group, Kind: Bits, Unit: "bits",
		Meaning: "Shannon entropy of the distribution of the " + of.counted + " over " + of.many + ", −Σ p log₂ p; 0 where there is one.",
		Missing: none, Needs: of.needs,
		Source: "C. Shannon, “A Mathematical Theory of Communication”, Bell System Technical Journal 27, 1948, pp. 379–423",
		value:  func(v *values) *float64 { return &of.mix(v).entropy },
	}, {
		Name: of.name + "_evenness", Group: of.group, Kind: Share, Unit: "index in [0,1]",
		Meaning: "`" + of.name + "_entropy` / log₂ of the distinct " + of.many + ": 1 where all are equally frequent.",
		Missing: "fewer than two distinct " + of.many, Needs: of.needs,
		Source: "E. Pielou, “The Measurement of Diversity in Different Types of Biological Collections”, Journal of Theoretical Biology 13, 1966, pp. 131–144",
		value:  func(v *values) *float64 { return &of.mix(v).evenness },
	}, {
		Name: of.name + "_concentration", Group: of.group, Kind: Share, Unit: "index in (0,1]",
		Meaning: "Herfindahl index Σ p² of the distribution of the " + of.counted + " over " + of.many + ".",
		Missing: none, Needs: of.needs,
		value: func(v *values) *float64 { return &of.mix(v).concentration },
	}, {
		Name: of.name + "_top_share", Group: of.group, Kind: Share, Unit: "share of " + of.unit,
		Meaning: "Share that the most frequent " + of.one + " has of the " + of.counted + ".",
		Missing: none, Needs: of.needs,
		value: func(v *values) *float64 { return &of.mix(v).topShare },
	}, {
		Name: of.name + "_main", Group: of.group, Kind: Code, Unit: "code of the dictionary",
		Meaning: "The most frequent " + of.one + " among the " + of.counted + ", as its code in the dictionary of the history; of several the smallest code, which is the first in the order of texts. Codes change as the dictionary grows: publish the text.",
		Missing: none, Needs: of.needs, Of: of.of,
		value: func(v *values) *float64 { return &of.mix(v).main },
	}}
}

// singular changes "orders with …" and "purchase lines with …" to the singular.
func singular(counted string) string {
	for _, many := range []string{"orders", "purchase lines"} {
		if len(counted) > len(many) && counted[:len(many)] == many {
			return many[:len(many)-1] + counted[len(many):]
		}
	}
	panic("features: BUG: no singular for " + counted)
}

// mixValues are the values of the features of every column of codes, and of one
// more feature that some columns have.
type mixValues struct {
	distinct, entropy, evenness, concentration, topShare, main float64
	repeatShare                                                float64
}

// fill computes them.
func (v *mixValues) fill(m *mix) {
	v.distinct = float64(m.distinct)
	v.entropy = m.entropy
	v.evenness = m.evenness
	v.concentration = m.concentration
	v.topShare = share(m.top, m.total)
	v.main = float64(m.main)
	v.repeatShare = share(m.repeated, m.distinct)
	if m.distinct < 2 {
		v.evenness = math.NaN()
	}
	if m.total == 0 {
		v.entropy, v.concentration, v.main = math.NaN(), math.NaN(), math.NaN()
	}
}
