package synth

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// line is one line item.
type line struct {
	time                  datasets.Moment
	order                 int64
	customer              int64 // 0 for none
	product               uint32
	quantity              int32 // negative for a return
	price, discount, cost int64 // in cents; discount and cost of the whole line
	channel, region       uint8
	returned              bool
}

// visitor is where a customer stands in the walk.
type visitor struct {
	at            float64 // share of the customer's purchases that lie behind
	stream        stream
	lines, orders uint32 // still to come
	next          uint32 // customer who buys next on the same day
}

// nobody ends a list of customers, and stands for the customer of an anonymous
// order.
const nobody = math.MaxUint32

// event is an order or a return of one day.
type event struct {
	stream   stream
	customer uint32
	lines    uint32
	back     int32 // index into the day's returns; −1 for an order
	extra    bool  // brought by a campaign: nothing of it is returned
}

// returned is a line that is going to be returned.
type returned struct {
	line   line
	second int
}

const (
	// returnDays is the number of days within which goods are returned.
	returnDays = 28
	ringDays   = 32 // > returnDays
	// batchLines is the number of lines handed on at a time.
	batchLines = 4096
	// firstOrder is the number before that of the first order.
	firstOrder = 500_000
)

// walk goes through the history day by day. For each day there is a list of the
// customers who buy next on that day.
type walk struct {
	r        *Retailer
	visitors []visitor
	heads    []uint32 // by day
	clock    clock
	draws    *draws
	pieces   [len(segments)]alias
	anon     stream

	day     int
	events  []event
	keys    []uint64 // second of the day << 32 | index of the event
	returns [ringDays][]returned
	ratio   float64 // returns for each line bought
	owed    float64 // returns that are to come about
	extras  []extra // still to come
	order   int64
	held    []uint32 // products of the order
	batch   []line
	emit    func([]line) error
}

// each hands all lines to emit, in batches whose memory is reused.
func (r *Retailer) each(ctx context.Context, emit func([]line) error) error {
	w := r.newWalk(emit)
	for day := range r.config.Days {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.goThrough(ctx, day); err != nil {
			return err
		}
	}
	return w.flush()
}

func (r *Retailer) newWalk(emit func([]line) error) *walk {
	c := &r.config
	w := &walk{
		r: r, visitors: make([]visitor, c.Customers), heads: make([]uint32, c.Days), clock: newClock(), draws: newDraws(),
		anon: streamOf(c.Seed, forAnonymous, 0), order: firstOrder, batch: make([]line, 0, batchLines), emit: emit,
	}
	w.pieces, w.extras = newPieces(), r.extras
	if known := float64(c.Lines - c.anonymousLines()); c.ReturnShare > 0 {
		back := min(c.ReturnShare*float64(c.Lines), known/2)
		w.ratio = back / (known - back)
	}
	for day := range w.heads {
		w.heads[day] = nobody
	}
	for i := range w.visitors {
		p := &r.people[i]
		w.visitors[i] = visitor{stream: streamOf(c.Seed, forVisits, ^uint64(i)), lines: p.lines, orders: p.orders}
		w.wait(uint32(i), w.nextDay(uint32(i)))
	}
	return w
}

// nextDay moves customer i on to the next order and returns the day of the
// order. The orders of a customer are distributed like so many uniform numbers
// in ascending order, each drawn given the last: on the customer's calendar, a
// Poisson process with a given number of events. A customer who drops out buys
// less and less before: at the end, at a third of the pace of the beginning.
func (w *walk) nextDay(i uint32) int {
	v, p := &w.visitors[i], &w.r.people[i]
	v.at = 1 - (1-v.at)*math.Exp(math.Log(v.stream.unit())/float64(v.orders))
	at := v.at
	if p.dropped {
		at = 1.5 - math.Sqrt(max(0.25, 2.25-2*at))
	}
	c := w.r.calendars[p.segment]
	return c.at(int(p.first), int(p.last), at*c.between(int(p.first), int(p.last)))
}

// wait puts customer i into the list of a day.
func (w *walk) wait(i uint32, day int) {
	w.visitors[i].next = w.heads[day]
	w.heads[day] = i
}

// goThrough emits the lines of one day.
func (w *walk) goThrough(ctx context.Context, day int) error {
	w.day, w.events, w.keys = day, w.events[:0], w.keys[:0]
	for i := w.heads[day]; i != nobody; {
		next := w.visitors[i].next
		w.visit(i)
		i = next
	}
	w.addAnonymous()
	back := w.returns[day%ringDays]
	for k := range back {
		w.add(back[k].second, event{back: int32(k)})
	}
	w.addExtras()
	slices.Sort(w.keys)
	for n, key := range w.keys {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w.order++
		e := &w.events[uint32(key)]
		at := datasets.Moment(w.r.config.Start+datasets.Day(day))*datasets.FullDay + datasets.Moment(key>>32)*datasets.Second
		if err := w.happen(e, at, back); err != nil {
			return err
		}
	}
	w.returns[day%ringDays] = back[:0]
	return nil
}

func (w *walk) happen(e *event, at datasets.Moment, back []returned) error {
	if e.back < 0 {
		return w.buy(e, at)
	}
	l := back[e.back].line
	l.order, l.time = w.order, at
	return w.put(l)
}

func (w *walk) add(second int, e event) {
	w.keys = append(w.keys, uint64(second)<<32|uint64(len(w.events)))
	w.events = append(w.events, e)
}

// visit adds the orders of customer i on this day, and lets it wait for the day
// of the next.
func (w *walk) visit(i uint32) {
	v := &w.visitors[i]
	for {
		lines := v.lines
		if v.orders > 1 {
			most := v.lines - v.orders + 1
			lines = uint32(min(v.stream.geometric(float64(v.lines)/float64(v.orders)), int(most)))
		}
		second := w.clock.draw(&v.stream)
		w.add(second, event{stream: stream(v.stream.Uint64()), customer: i, lines: lines, back: -1})
		v.lines -= lines
		v.orders--
		if v.orders == 0 {
			return
		}
		if day := w.nextDay(i); day != w.day {
			w.wait(i, day)
			return
		}
	}
}

// addAnonymous adds the day's orders without a customer. They have the calendar
// of the first segment.
func (w *walk) addAnonymous() {
	all := float64(w.r.config.anonymousLines())
	c := w.r.calendars[0]
	whole := c[len(c)-1]
	left := int(all*(c[w.day+1]/whole)) - int(all*(c[w.day]/whole))
	for left > 0 {
		lines := min(left, w.anon.geometric(w.r.config.LinesPerOrder))
		second := w.clock.draw(&w.anon)
		w.add(second, event{stream: stream(w.anon.Uint64()), customer: nobody, lines: uint32(lines), back: -1})
		left -= lines
	}
}

// put hands on a line.
func (w *walk) put(l line) error {
	w.batch = append(w.batch, l)
	if len(w.batch) == batchLines {
		return w.flush()
	}
	return nil
}

func (w *walk) flush() error {
	if len(w.batch) == 0 {
		return nil
	}
	err := w.emit(w.batch)
	w.batch = w.batch[:0]
	return err
}
