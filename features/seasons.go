package features

import "slices"

var calendarFeatures = slices.Concat([]Feature{{
	Name: "weekend_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
	Meaning: "Orders on a Saturday or a Sunday / orders. An order stands at the time of its first purchase line, here and below.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.calendar.weekend },
}, {
	Name: "weekday_entropy", Group: "Week and season", Kind: Bits, Unit: "bits",
	Meaning: "Shannon entropy of the distribution of the orders over the days of the week, −Σ p log₂ p, from 0 to log₂ 7.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.calendar.weekdayEntropy },
}, {
	Name: "weekday_top_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
	Meaning: "Orders on the customer's most frequent day of the week / orders.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.calendar.weekdayTop },
}, {
	Name: "year_end_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
	Meaning: "Orders in November or December / orders.",
	Missing: noPurchase,
	value:   func(v *values) *float64 { return &v.calendar.yearEnd },
}}, quarterFeatures("first", 0), quarterFeatures("second", 1), quarterFeatures("third", 2), quarterFeatures("fourth", 3))

func quarterFeatures(ordinal string, q int) []Feature {
	return []Feature{{
		Name: "q" + string(rune('1'+q)) + "_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
		Meaning: "Orders in the " + ordinal + " quarter of a calendar year / orders.",
		Missing: noPurchase,
		value:   func(v *values) *float64 { return &v.calendar.quarter[q] },
	}}
}

var clockFeatures = slices.Concat(
	hourFeatures("night", "from 22:00 to before 6:00", func(v *values) *float64 { return &v.clock.night }),
	hourFeatures("morning", "from 6:00 to before 12:00", func(v *values) *float64 { return &v.clock.morning }),
	hourFeatures("afternoon", "from 12:00 to before 18:00", func(v *values) *float64 { return &v.clock.afternoon }),
	hourFeatures("evening", "from 18:00 to before 22:00", func(v *values) *float64 { return &v.clock.evening }),
	[]Feature{{
		Name: "business_hours_share", Group: "Time of day", Kind: Share, Unit: ofOrders,
		Meaning: "Orders from Monday to Friday, from 9:00 to before 17:00 / orders.",
		Missing: noPurchase, Needs: Clock,
		value: func(v *values) *float64 { return &v.clock.business },
	}, {
		Name: "hour_top_share", Group: "Time of day", Kind: Share, Unit: ofOrders,
		Meaning: "Orders in the customer's most frequent hour of the day / orders.",
		Missing: noPurchase, Needs: Clock,
		value: func(v *values) *float64 { return &v.clock.top },
	}})

func hourFeatures(part, span string, value func(v *values) *float64) []Feature {
	return []Feature{{
		Name: part + "_share", Group: "Time of day", Kind: Share, Unit: ofOrders,
		Meaning: "Orders " + span + ", on the clock of the job's time zone / orders.",
		Missing: noPurchase, Needs: Clock,
		value: value,
	}}
}

// calendarValues are the values of calendarFeatures.
type calendarValues struct {
	weekend, weekdayEntropy, weekdayTop, yearEnd float64
	quarter                                      [4]float64
}

// fill computes them.
func (v *calendarValues) fill(s *summary) {
	k, orders := &s.calendar, len(s.orders)
	v.weekend = share(int(k.weekday[0]+k.weekday[6]), orders)
	v.weekdayEntropy = k.entropy
	v.weekdayTop = share(int(k.topWeekday), orders)
	v.yearEnd = share(int(k.yearEnd), orders)
	for q, n := range k.quarter {
		v.quarter[q] = share(int(n), orders)
	}
}

// clockValues are the values of clockFeatures.
type clockValues struct{ night, morning, afternoon, evening, business, top float64 }

// fill computes them.
func (v *clockValues) fill(s *summary) {
	k, orders := &s.clock, len(s.orders)
	v.night = share(k.between(22, 24)+k.between(0, 6), orders)
	v.morning = share(k.between(6, 12), orders)
	v.afternoon = share(k.between(12, 18), orders)
	v.evening = share(k.between(18, 22), orders)
	v.business = share(int(k.business), orders)
	v.top = share(int(k.topHour), orders)
}

// between returns the orders from one hour to before another.
func (k *clock) between(from, to int) int {
	n := int32(0)
	for _, orders := range k.hour[from:to] {
		n += orders
	}
	return int(n)
}
