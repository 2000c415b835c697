package features

// spreadOrders summarises the orders by value, by lines and by quantity.
func (c *Calculator) spreadOrders() {
	s := &c.s
	of := func(value func(o *order) int64) spread {
		c.values = c.values[:0]
		for i := range s.orders {
			c.values = append(c.values, value(&s.orders[i]))
		}
		return spreadOf(c.values)
	}
	s.value = of(func(o *order) int64 { return int64(o.money) })
	s.valueSD = deviation(c.values, s.value.mean)
	s.basket = of(func(o *order) int64 { return int64(o.lines) })
	s.content = of(func(o *order) int64 { return int64(o.items) })
}

// measureGaps summarises the gaps between purchase days.
func (c *Calculator) measureGaps() {
	s := &c.s
	c.gapLengths = c.gapLengths[:0]
	for i := 1; i < len(s.days); i++ {
		c.gapLengths = append(c.gapLengths, int64(s.days[i].day-s.days[i-1].day))
	}
	if n := len(c.gapLengths); n > 0 {
		s.gaps.last = int(c.gapLengths[n-1])
	}
	s.gaps.spread = spreadOf(c.gapLengths)
	s.gaps.sd = deviation(c.gapLengths, s.gaps.mean)
	s.gaps.clumpiness = c.clumps.clumpiness(s.days, s.asOf)
}

// sumWindows adds up the days within each window.
func (s *summary) sumWindows() {
	for i := len(s.days) - 1; i >= 0; i-- {
		d := &s.days[i]
		age := s.asOf - int(d.day)
		if age >= windowDays[len(windowDays)-1] {
			break
		}
		for w, length := range windowDays {
			if age < length {
				win := &s.windows[w]
				win.orders += int(d.orders)
				win.activeDays++
				win.money += d.money
				win.items += d.items
			}
		}
	}
}

// slopePeriods and slopeDays cut the time before the as-of day into periods for
// the slopes.
const (
	slopePeriods = 12
	slopeDays    = 30
)

// slope returns the least-squares slope of value over the last whole periods of
// 30 days since the first purchase, 12 at most, in units of value a period, or
// NaN if there are fewer than three.
//
//	slope = 12 Σᵢ (i − (k−1)/2)·yᵢ / (k(k²−1))
func (s *summary) slope(value func(d *day) float64) float64 {
	if !s.has() {
		return ratio(0, 0)
	}
	k := min(slopePeriods, (s.tenure()+1)/slopeDays)
	if k < 3 {
		return ratio(0, 0)
	}
	sum := 0.0
	for i := len(s.days) - 1; i >= 0; i-- {
		d := &s.days[i]
		back := (s.asOf - int(d.day)) / slopeDays // periods before the last
		if back >= k {
			break
		}
		lever := float64(k-1-2*back) / 2
		sum += float64(lever * value(d))
	}
	return float64(12*sum) / float64(k*(k*k-1))
}
