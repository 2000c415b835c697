package features

import "slices"

var calendarFeatures = slices.Concat([]Feature{{
	Name: "weekend_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
	Meaning: "Orders on a Saturday or a Sunday / orders. An order stands at the time of its first purchase line, here and below.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		return share(int(s.calendar.weekday[0]+s.calendar.weekday[6]), len(s.orders))
	},
}, {
	Name: "weekday_entropy", Group: "Week and season", Kind: Bits, Unit: "bits",
	Meaning: "Shannon entropy of the distribution of the orders over the days of the week, −Σ p log₂ p, from 0 to log₂ 7.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return s.calendar.entropy },
}, {
	Name: "weekday_top_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
	Meaning: "Orders on the customer's most frequent day of the week / orders.",
	Missing: noPurchase,
	value: func(s *summary) float64 {
		return share(int(s.calendar.topWeekday), len(s.orders))
	},
}, {
	Name: "year_end_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
	Meaning: "Orders in November or December / orders.",
	Missing: noPurchase,
	value:   func(s *summary) float64 { return share(int(s.calendar.yearEnd), len(s.orders)) },
}}, quarterFeatures("first", 0), quarterFeatures("second", 1), quarterFeatures("third", 2), quarterFeatures("fourth", 3))

func quarterFeatures(ordinal string, q int) []Feature {
	return []Feature{{
		Name: "q" + string(rune('1'+q)) + "_share", Group: "Week and season", Kind: Share, Unit: ofOrders,
		Meaning: "Orders in the " + ordinal + " quarter of a calendar year / orders.",
		Missing: noPurchase,
		value:   func(s *summary) float64 { return share(int(s.calendar.quarter[q]), len(s.orders)) },
	}}
}

var clockFeatures = slices.Concat(
	hourFeatures("night", "from 22:00 to before 6:00", 22, 23, 0, 1, 2, 3, 4, 5),
	hourFeatures("morning", "from 6:00 to before 12:00", 6, 7, 8, 9, 10, 11),
	hourFeatures("afternoon", "from 12:00 to before 18:00", 12, 13, 14, 15, 16, 17),
	hourFeatures("evening", "from 18:00 to before 22:00", 18, 19, 20, 21),
	[]Feature{{
		Name: "business_hours_share", Group: "Time of day", Kind: Share, Unit: ofOrders,
		Meaning: "Orders from Monday to Friday, from 9:00 to before 17:00 / orders.",
		Missing: noPurchase, Needs: Clock,
		value: func(s *summary) float64 { return share(int(s.clock.business), len(s.orders)) },
	}, {
		Name: "hour_top_share", Group: "Time of day", Kind: Share, Unit: ofOrders,
		Meaning: "Orders in the customer's most frequent hour of the day / orders.",
		Missing: noPurchase, Needs: Clock,
		value: func(s *summary) float64 { return share(int(s.clock.topHour), len(s.orders)) },
	}})

func hourFeatures(part, span string, hours ...int) []Feature {
	return []Feature{{
		Name: part + "_share", Group: "Time of day", Kind: Share, Unit: ofOrders,
		Meaning: "Orders " + span + ", on the clock of the job's time zone / orders.",
		Missing: noPurchase, Needs: Clock,
		value: func(s *summary) float64 {
			n := 0
			for _, h := range hours {
				n += int(s.clock.hour[h])
			}
			return share(n, len(s.orders))
		},
	}}
}
