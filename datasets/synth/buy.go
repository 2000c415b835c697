package synth

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// mostPieces is the most packs of a line.
const mostPieces = 40

// newPieces returns the tables of packs in a line: geometric, cut off.
func newPieces() (tables [len(segments)]alias) {
	for i := range segments {
		p := 1 / segments[i].quantity
		var weights [mostPieces]float64
		for n := range weights {
			weights[n] = p * math.Pow(1-p, float64(n))
		}
		tables[i] = newAlias(weights[:])
	}
	return tables
}

// discountSteps are the reductions, in percent.
var discountSteps = [...]int64{5, 10, 10, 15, 20, 20, 30, 50}

// buy emits the lines of an order. Some of an order's lines come later, as
// returns.
func (w *walk) buy(e *event, at datasets.Moment) error {
	s, k := e.stream, w.r.catalogue
	l := line{time: at, order: w.order}
	segment := w.who(e, &l, &s)
	of := &segments[segment]
	together := w.group(int(e.lines), &s)
	w.held = w.held[:0]
	for left := e.lines; left > 0; {
		if len(together) > 0 {
			l.product, together = together[0], together[1:]
			if !s.chance(groupHold) {
				continue
			}
		} else {
			l.product = w.choose(e.customer, k.taste[segment], &s)
		}
		w.held = append(w.held, l.product)
		l.quantity = int32(of.pack * (1 + w.pieces[segment].draw(&s)))
		l.price, l.discount = k.price[l.product], 0
		if s.chance(of.discount) {
			l.reduce(discountSteps[s.below(len(discountSteps))])
		}
		l.cost = k.cost[l.product] * int64(l.quantity)
		if err := w.put(l); err != nil {
			return err
		}
		left--
		if e.customer == nobody || e.extra {
			continue
		}
		w.owed += w.ratio
		if left > 0 && w.owed >= 1 && s.chance(of.returns) && w.giveBack(&l, &s) {
			left--
		}
	}
	return nil
}

// who fills in the customer, channel and region of an order, and returns the
// segment.
func (w *walk) who(e *event, l *line, s *stream) int {
	if e.customer == nobody {
		l.region = uint8(w.draws.regions.draw(s))
		l.channel = uint8(w.draws.channels[1].draw(s))
		return 0
	}
	p := &w.r.people[e.customer]
	l.customer = w.r.ids.id(int(e.customer))
	l.region, l.channel = p.region, p.channel
	if !s.chance(favour) {
		l.channel = uint8(w.draws.channels[p.segment].draw(s))
	}
	return int(p.segment)
}

// group returns the products of the group that an order of so many lines has,
// nil for none.
func (w *walk) group(lines int, s *stream) []uint32 {
	g := w.r.catalogue.pick.draw(s)
	if g == len(w.r.catalogue.groups) || len(w.r.catalogue.groups[g].products) > lines {
		return nil
	}
	return w.r.catalogue.groups[g].products
}

// choose draws a product, once more if the order has it.
func (w *walk) choose(customer uint32, taste alias, s *stream) uint32 {
	if product, ok := w.habit(customer, taste, s); ok {
		return product
	}
	product := w.drawOffered(taste, s)
	for _, p := range w.held[max(0, len(w.held)-32):] {
		if p == product {
			return w.drawOffered(taste, s)
		}
	}
	return product
}

// favourites is the number of products that a customer likes best.
const favourites = 8

// habit draws one of a customer's favourites, or returns false where no favourite is
// bought: none is wanted, the order has the product already, or the product is not sold.
func (w *walk) habit(customer uint32, taste alias, s *stream) (product uint32, ok bool) {
	c := &w.r.config
	if c.HabitShare == 0 || customer == nobody || !s.chance(c.HabitShare) {
		return 0, false
	}
	own := streamOf(c.Seed, forHabits, uint64(customer)*favourites+uint64(s.below(favourites)))
	product = uint32(taste.draw(&own))
	return product, w.r.catalogue.offers(product, w.day) && !slices.Contains(w.held, product)
}

// drawOffered draws a product that is sold on the day.
func (w *walk) drawOffered(taste alias, s *stream) uint32 {
	const tries = 200 // at 80 % not sold, none is found once in 10^19 draws
	k := w.r.catalogue
	for range tries {
		if p := uint32(taste.draw(s)); k.offers(p, w.day) {
			return p
		}
	}
	for p := range uint32(len(k.sold)) {
		if k.offers(p, w.day) {
			return p
		}
	}
	return 0
}

// reduce takes that many percent off the price.
func (l *line) reduce(percent int64) {
	full := l.price
	l.price -= (full*percent + 50) / 100
	l.discount = (full - l.price) * int64(l.quantity)
}

// giveBack notes that the line will be returned. The result is false if the
// history ends before the return.
func (w *walk) giveBack(l *line, s *stream) bool {
	day := w.day + 1 + s.below(returnDays)
	if day >= w.r.config.Days {
		return false
	}
	w.owed--
	back := *l
	back.returned = true
	pieces := 1 + s.below(int(l.quantity))
	back.cost = -l.cost / int64(l.quantity) * int64(pieces)
	back.discount = 0
	back.quantity = -int32(pieces)
	ring := &w.returns[day%ringDays]
	*ring = append(*ring, returned{line: back, second: w.clock.draw(s)})
	return true
}
