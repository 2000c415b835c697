package features

// spreadOrders summarises the orders by value, by lines and by quantity, and the
// gaps between the purchase days.
func (c *Calculator) spreadOrders() {
	s := &c.s
	orders, days := len(s.orders), len(s.days)
	rows := c.sorter.Start(max(orders, days))
	single := 0
	for i := range s.orders {
		o, r := &s.orders[i], &rows[i]
		r[valueColumn], r[basketColumn], r[contentColumn] = int64(o.money), int64(o.lines), int64(o.items)
		if o.lines == 1 {
			single++
		}
	}
	s.singleLineOrders = single
	closed := max(0, days-1)
	s.gaps.last = 0
	for i := range closed {
		s.gaps.last = int(s.days[i+1].day - s.days[i].day)
		rows[i][gapColumn] = int64(s.gaps.last)
	}
	c.sorter.Sort()
	s.value.fill(rows, valueColumn, orders, int64(s.gross))
	s.valueSD = deviation(rows, valueColumn, orders, s.value.mean)
	s.basket.fill(rows, basketColumn, orders, int64(s.lines))
	s.content.fill(rows, contentColumn, orders, int64(s.items))
	s.gaps.spread.fill(rows, gapColumn, closed, int64(s.last-s.first))
	s.gaps.sd = deviation(rows, gapColumn, closed, s.gaps.mean)
}
