package features

// values are the values of all features of one customer, group by group. All
// values are computed together, in straight-line code: a function call for each
// of a hundred features takes longer than the computing.
type values struct {
	spending spendingValues
	tenure   tenureValues
	rhythm   rhythmValues
	windows  [len(windowDays)]windowValues
	trend    trendValues
	baskets  basketValues
	returns  returnValues
	calendar calendarValues
	clock    clockValues
	prices   priceValues

	products, categories, channels, stores, regions, salespeople mixValues
	repeatLineShare, productsNew90                               float64
	campaignOrderShare, campaignsDistinct                        float64
	further                                                      *furtherValues // nil where none is needed
}

// fill computes the values that need only the given columns.
func (v *values) fill(s *summary, columns Columns) {
	v.spending.fill(s)
	v.tenure.fill(s)
	v.rhythm.fill(s)
	for w := range v.windows {
		v.windows[w].fill(&s.windows[w])
	}
	v.trend.fill(s)
	v.baskets.fill(s)
	v.returns.fill(s)
	v.calendar.fill(s)
	if columns.Has(Clock) {
		v.clock.fill(s)
	}
	if columns&(Cost|Discount) != 0 {
		v.prices.fill(s)
	}
	if columns.Has(Product) {
		v.products.fill(&s.products)
		v.repeatLineShare = share(s.products.repeats, s.products.total)
		v.productsNew90 = float64(s.newProducts)
	}
	if columns.Has(Category) {
		v.categories.fill(&s.categories)
	}
	if columns&(Channel|Store|Region|Salesperson|Campaign) != 0 {
		v.channels.fill(&s.channels)
		v.stores.fill(&s.stores)
		v.regions.fill(&s.regions)
		v.salespeople.fill(&s.salespeople)
		v.campaignOrderShare = share(s.camps.total, len(s.orders))
		v.campaignsDistinct = float64(s.camps.distinct)
	}
	if columns&allFurther != 0 {
		for k := range v.further.values {
			if columns.Has(Further(k)) {
				v.further.values[k].fill(&v.further.mixes[k])
			}
		}
	}
}
