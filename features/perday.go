package features

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
)

// walkDays reads the days: the calendar, the windows, the peak and the early
// purchases. No branch in it depends on a day.
func (c *Calculator) walkDays() {
	s := &c.s
	k := &s.calendar
	*k = calendar{}
	var within [len(windowDays) + 1]int // days that lie in so many windows
	months, yearEnd, early, peak := 0, int32(0), 0, 0
	month, most, before := math.MinInt, datasets.Money(math.MinInt64), day{}
	first, asOf, dates := s.first, s.asOf, c.dates
	for i := range s.days {
		d := s.days[i]
		orders, money := d.orders-before.orders, d.money-before.money
		before = d
		at := int(d.day)

		date := dates.of(at)
		k.weekday[date.weekday()] += orders
		k.quarter[date.quarter()] += orders
		yearEnd += orders * date.yearEnd()
		months += oneIf(date.month() != month)
		month = date.month()

		if money >= most {
			peak = at
		}
		most = max(most, money)
		early += oneIf(at-first < earlyDays)
		age := asOf - at
		within[oneIf(age < windowDays[0])+oneIf(age < windowDays[1])+oneIf(age < windowDays[2])+oneIf(age < windowDays[3])]++
	}
	k.months, k.yearEnd = months, yearEnd
	for _, n := range k.weekday {
		k.topWeekday = max(k.topWeekday, n)
	}
	k.entropy = c.logs.entropy(k.weekday[:])
	if len(s.days) > 0 {
		k.elapsed = dates.of(asOf).month() - dates.of(first).month() + 1
	}
	s.peak, s.earlyDays = peak, early
	s.sumWindows(&within)
}

// sumWindows adds up what lies within each window: the last days, as many as lie
// in enough windows.
func (s *summary) sumWindows(within *[len(windowDays) + 1]int) {
	all, days := s.through(len(s.days)), 0
	for w := range s.windows {
		days += within[len(windowDays)-w]
		before := s.through(len(s.days) - days)
		s.windows[w] = window{
			orders: int(all.orders - before.orders), activeDays: days,
			money: all.money - before.money, items: all.items - before.items,
		}
	}
}

// slopePeriods and slopeDays cut the time before the as-of day into periods for
// the slopes.
const (
	slopePeriods = 12
	slopeDays    = 30
)

// fitSlopes finds the least-squares slopes of orders and money over the last
// whole periods of 30 days since the first purchase, 12 at most, in units of the
// value a period; they are NaN if there are fewer than three.
//
//	slope = 12 Σᵢ (i − (k−1)/2)·yᵢ / (k(k²−1))
func (s *summary) fitSlopes() {
	s.ordersSlope, s.moneySlope = math.NaN(), math.NaN()
	if !s.has() {
		return
	}
	k := min(slopePeriods, (s.tenure()+1)/slopeDays)
	if k < 3 {
		return
	}
	orders, money := 0.0, 0.0
	through := s.through(len(s.days))
	for i := len(s.days) - 1; i >= 0; i-- {
		back := (s.asOf - int(s.days[i].day)) / slopeDays // periods before the last
		if back >= k {
			break
		}
		before := s.through(i)
		lever := float64(k-1-2*back) / 2
		orders += float64(lever * float64(through.orders-before.orders))
		money += float64(lever * float64(through.money-before.money))
		through = before
	}
	scale := float64(k * (k*k - 1))
	s.ordersSlope = float64(12*orders) / scale
	s.moneySlope = float64(12*money) / scale
}
