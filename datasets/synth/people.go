package synth

import "math"

// person is what is decided about a customer before the first day.
type person struct {
	lines, orders            uint32
	first, last              uint16 // days of the history on which they may buy
	segment, region, channel uint8
	dropped                  bool
}

// favour is the share of the orders that come by a customer's usual channel.
const favour = 0.85

// populate draws the customers and deals out the lines among them.
func (r *Retailer) populate() {
	c := &r.config
	d := newDraws()
	r.shares = d.segments
	r.people = make([]person, c.Customers)
	expected := make([]float32, c.Customers) // lines, relative to one another
	total := 0.0
	for i := range r.people {
		s := streamOf(c.Seed, forCustomer, uint64(i))
		expected[i] = r.drawPerson(&r.people[i], d, &s)
		total += float64(expected[i])
	}
	known := c.Lines - c.anonymousLines()
	r.dealLines(expected, float64(known-c.Customers)/total, known)
	r.dealOrders()
}

// draws are the tables to draw customers from.
type draws struct {
	segments, regions alias
	channels          [len(segments)]alias
}

func newDraws() *draws {
	d := new(draws)
	var shares, weights []float64
	for i := range segments {
		shares = append(shares, segments[i].share)
		d.channels[i] = newAlias(segments[i].channels[:])
	}
	for _, region := range regions {
		weights = append(weights, region.weight)
	}
	d.segments, d.regions = newAlias(shares), newAlias(weights)
	return d
}

// drawPerson fills p and returns the expected number of lines, in relation to
// other customers.
func (r *Retailer) drawPerson(p *person, d *draws, s *stream) float32 {
	days := r.config.Days
	k := d.segments.draw(s)
	of := &segments[k]
	p.segment, p.region, p.channel = uint8(k), uint8(d.regions.draw(s)), uint8(d.channels[k].draw(s))
	first := 0
	if !s.chance(of.existing) {
		first = s.below(days)
	}
	last := days - 1
	if stay := s.exponential() / of.leaving * 365.25; stay < float64(last-first) {
		last, p.dropped = first+int(stay), true
	}
	p.first, p.last = uint16(first), uint16(last)
	rate := of.rate * math.Exp(of.spread*(s.normal()-of.spread/2)) // of mean of.rate
	return float32(rate * of.basket * r.calendars[k].between(first, last))
}

// dealLines gives every customer one line, and the rest by chance: a Poisson
// number of orders at scale times the expected lines, scaled to the exact
// total.
func (r *Retailer) dealLines(expected []float32, scale float64, known int) {
	c := &r.config
	lines := make([]float32, c.Customers)
	total := 0.0
	for i := range lines {
		s := streamOf(c.Seed, forVisits, uint64(i))
		basket := c.LinesPerOrder * segments[r.people[i].segment].basket
		orders := s.poisson(float64(expected[i]) * scale / basket)
		lines[i] = float32((float64(orders) + 0.01) * basket) // never 0 in all
		total += float64(lines[i])
	}
	spare, sum, dealt := float64(known-c.Customers), 0.0, 0
	for i := range r.people {
		sum += float64(lines[i])
		upTo := int(spare*(sum/total) + 0.5)
		if i == c.Customers-1 {
			upTo = known - c.Customers
		}
		r.people[i].lines = uint32(1 + upTo - dealt)
		dealt = upTo
	}
}

// dealOrders divides every customer's lines into orders, at most one order per
// line, with about Config.LinesPerOrder lines on average.
func (r *Retailer) dealOrders() {
	want, got := 0.0, 0.0
	for i := range r.people {
		p := &r.people[i]
		want += float64(p.lines) / r.config.LinesPerOrder
		got += float64(p.lines) / segments[p.segment].basket
	}
	scale := want / got
	sum, dealt := 0.0, 0
	for i := range r.people {
		p := &r.people[i]
		sum += scale * float64(p.lines) / segments[p.segment].basket
		orders := min(max(1, int(sum+0.5)-dealt), int(p.lines))
		p.orders = uint32(orders)
		dealt += orders
	}
}
