package features

import (
	"math"
	"slices"
)

// spreadOrders summarises the orders by value, by lines and by quantity.
func (c *Calculator) spreadOrders() {
	s := &c.s
	n := len(s.orders)
	c.numbers = slices.Grow(c.numbers[:0], 4*n)[:4*n]
	money, lines, items, scratch := c.numbers[:n], c.numbers[n:2*n], c.numbers[2*n:3*n], c.numbers[3*n:]
	for i := range s.orders {
		o := &s.orders[i]
		money[i], lines[i], items[i] = int64(o.money), int64(o.lines), int64(o.items)
	}
	s.value = spreadOf(money, scratch)
	s.valueSD = deviation(money, s.value.mean)
	s.basket = spreadOf(lines, scratch)
	s.content = spreadOf(items, scratch)
}

// measureGaps summarises the gaps between purchase days.
func (c *Calculator) measureGaps() {
	s := &c.s
	n := max(0, len(s.days)-1)
	c.numbers = slices.Grow(c.numbers[:0], 2*n)[:2*n]
	lengths, scratch := c.numbers[:n], c.numbers[n:]
	for i := range lengths {
		lengths[i] = int64(s.days[i+1].day - s.days[i].day)
	}
	if n > 0 {
		s.gaps.last = int(lengths[n-1])
	}
	s.gaps.spread = spreadOf(lengths, scratch)
	s.gaps.sd = deviation(lengths, s.gaps.mean)
	s.gaps.clumpiness = c.clumps.clumpiness(s.days, s.asOf)
}

// sumWindows adds up the days within each window, which holds all shorter ones.
func (s *summary) sumWindows() {
	var sum window
	i := len(s.days) - 1
	for w, length := range windowDays {
		for ; i >= 0 && s.asOf-int(s.days[i].day) < length; i-- {
			d := &s.days[i]
			sum.orders += int(d.orders)
			sum.activeDays++
			sum.money += d.money
			sum.items += d.items
		}
		sum.returned = s.windows[w].returned
		s.windows[w] = sum
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
	for i := len(s.days) - 1; i >= 0; i-- {
		d := &s.days[i]
		back := (s.asOf - int(d.day)) / slopeDays // periods before the last
		if back >= k {
			break
		}
		lever := float64(k-1-2*back) / 2
		orders += float64(lever * float64(d.orders))
		money += float64(lever * float64(d.money))
	}
	scale := float64(k * (k*k - 1))
	s.ordersSlope = float64(12*orders) / scale
	s.moneySlope = float64(12*money) / scale
}
