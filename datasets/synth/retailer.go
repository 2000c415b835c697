package synth

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// Retailer is one synthetic retailer: with a catalogue, customers and the truth
// about each. A Retailer does not change, and several goroutines may read at
// once.
type Retailer struct {
	config    Config
	catalogue *catalogue
	people    []person
	calendars [len(segments)]calendar
	ids       numbering
	shares    alias // of the segments

	invited    [][]invitation // by campaign
	extras     []extra        // by day
	extraLines int
}

// New makes the retailer. Memory is 16 bytes a customer, and 32 more while the
// lines are written.
//
// Errors: every fault of c at once.
//
// Cost: some 0.2 µs a customer.
func New(c Config) (*Retailer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := &Retailer{config: c, catalogue: newCatalogue(&c), ids: newNumbering(c.Seed, c.Customers)}
	for i := range segments {
		r.calendars[i] = newCalendar(&c, &segments[i])
	}
	r.populate()
	r.invite()
	return r, nil
}

// Config returns the config of the retailer.
func (r *Retailer) Config() Config { return r.config }

// Truth is what no column tells of a customer.
type Truth struct {
	Segment string // one of Segments
	// Arrival is the first day on which the customer may buy.
	Arrival datasets.Day
	// Dropped says whether the customer leaves within the history. From the day
	// DropOut on, the customer buys nothing, but may still return goods.
	// DropOut is 0 where Dropped is false.
	Dropped bool
	DropOut datasets.Day
	Lines   int // of the customer, returns included, those that campaigns bring left out; ≥ 1
	Orders  int // without returns and without those that campaigns bring; ≥ 1
}

// Customer returns the id of customer i, in [0, Config.Customers).
func (r *Retailer) Customer(i int) int64 { return r.ids.id(i) }

// Truth returns the truth about a customer by id, or false where there is none
// of that id.
func (r *Retailer) Truth(id int64) (Truth, bool) {
	i, ok := r.ids.index(id)
	if !ok {
		return Truth{}, false
	}
	p := &r.people[i]
	t := Truth{
		Segment: segments[p.segment].name,
		Arrival: r.config.Start + datasets.Day(p.first),
		Dropped: p.dropped,
		Lines:   int(p.lines), Orders: int(p.orders),
	}
	if p.dropped {
		t.DropOut = r.config.Start + datasets.Day(p.last) + 1
	}
	return t, true
}

// Affinity is a group of products that are bought together.
type Affinity struct {
	Products []string // two to four codes, in no group but this
	// Share of the orders, in (0,1). An order with fewer lines than the group
	// has products cannot hold the group.
	Share float64
	// Hold is the chance of each product to be in an order that has the group.
	Hold float64
}

// Affinities returns the groups that were planted, the most frequent first.
func (r *Retailer) Affinities() []Affinity {
	var out []Affinity
	for _, g := range r.catalogue.groups {
		a := Affinity{Share: g.share, Hold: groupHold}
		for _, p := range g.products {
			a.Products = append(a.Products, string(r.catalogue.codes[p]))
		}
		slices.Sort(a.Products)
		out = append(out, a)
	}
	return out
}

// numbering gives customers their ids: base + (a·i + b) mod n, with a and n
// coprime.
type numbering struct {
	base, n, a, b uint64
	back          uint64 // the inverse of a modulo n
}

func newNumbering(seed uint64, customers int) numbering {
	s := streamOf(seed, forIDs, 0)
	n := numbering{base: 100_000, n: uint64(customers)}
	for 9*n.base < n.n {
		n.base *= 10
	}
	n.b = uint64(s.below(customers))
	for {
		n.a = uint64(1 + s.below(customers))
		back, ok := inverse(n.a, n.n)
		if ok { // for every fifth number or more
			n.back = back
			return n
		}
	}
}

// inverse returns the inverse of a modulo n by the algorithm of Euclid, or false
// where they have a common factor.
func inverse(a, n uint64) (uint64, bool) {
	t, next := int64(0), int64(1)
	r, rest := int64(n), int64(a%n)
	for rest != 0 {
		q := r / rest
		t, next = next, t-q*next
		r, rest = rest, r-q*rest
	}
	if r != 1 {
		return 0, false
	}
	if t < 0 {
		t += int64(n)
	}
	return uint64(t), true
}

func (n *numbering) id(i int) int64 { return int64(n.base + (n.a*uint64(i)+n.b)%n.n) }

func (n *numbering) index(id int64) (int, bool) {
	at := uint64(id) - n.base
	if id < int64(n.base) || at >= n.n {
		return 0, false
	}
	return int((at + n.n - n.b) % n.n * n.back % n.n), true
}
