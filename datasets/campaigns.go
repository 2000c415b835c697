package datasets

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// Arm says which group of a campaign a customer was drawn into.
type Arm uint8

// The arms of a campaign.
const (
	NoArm    Arm = iota // the files name no arms
	Treated             // was contacted
	Control             // was held out
	Disputed            // rows of the customer disagree
)

// Response says whether a customer responded, as far as the files know.
type Response uint8

// The responses to a campaign.
const (
	NoAnswer Response = iota // the files do not say
	Refrained
	Responded
)

// Contact holds the facts in the files about one customer in one campaign.
type Contact struct {
	Campaign uint32 // its name is Campaigns.Name
	Time     Moment // of the first row
	Cost     Money  // of all rows together; 0 where none is known
	Arm      Arm
	Response Response
	customer uint32 // number; once settled, rank of the id
}

// Campaigns holds the customers of each campaign. One goroutine fills the table; once
// settled, any number of goroutines may read.
//
// Determinism: the contents of a settled table depend neither on the order of rows nor
// on their distribution over files.
//
// Cost: beside the ids, 16 to 28 bytes a customer and 32 a row.
type Campaigns struct {
	ids      idIndex
	names    Interner
	sorted   Strings // names, once settled
	contacts []Contact
	rank     []uint32 // of each customer number, once settled
	starts   []uint32 // of the contacts of each rank, and the end
	byRank   []uint32 // customer numbers
	rows     int64
}

// Add enters a row: a customer who was drawn into a campaign. Contact.Campaign does not
// count.
func (c *Campaigns) Add(customer, campaign []byte, contact Contact) {
	contact.customer, _ = c.ids.number(customer)
	contact.Campaign = c.names.Code(campaign)
	c.contacts = append(c.contacts, contact)
	c.rows++
}

// Settle ends the filling: rows of one customer in one campaign become one contact, and
// contacts are sorted by the ids of customers, then by the names of campaigns, compared
// byte by byte.
func (c *Campaigns) Settle() {
	c.settleNames()
	c.byRank = make([]uint32, c.ids.len())
	for i := range c.byRank {
		c.byRank[i] = uint32(i)
	}
	slices.SortFunc(c.byRank, func(x, y uint32) int { return bytes.Compare(c.ids.at(x), c.ids.at(y)) })
	c.rank = make([]uint32, len(c.byRank))
	for rank, number := range c.byRank {
		c.rank[number] = uint32(rank)
	}
	for i := range c.contacts {
		c.contacts[i].customer = c.rank[c.contacts[i].customer]
	}
	slices.SortFunc(c.contacts, func(x, y Contact) int {
		return cmp.Or(cmp.Compare(x.customer, y.customer), cmp.Compare(x.Campaign, y.Campaign))
	})
	c.merge()
	c.starts = make([]uint32, len(c.byRank)+1)
	for _, x := range c.contacts {
		c.starts[x.customer+1]++
	}
	for r := range c.byRank {
		c.starts[r+1] += c.starts[r]
	}
}

// settleNames turns the codes of campaigns into ranks of their names.
func (c *Campaigns) settleNames() {
	order := make([]uint32, c.names.Len())
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return bytes.Compare(c.names.Text(x), c.names.Text(y)) })
	ranks := make([]uint32, len(order))
	for rank, code := range order {
		c.sorted.Append(c.names.Text(code))
		ranks[code] = uint32(rank)
	}
	for i := range c.contacts {
		c.contacts[i].Campaign = ranks[c.contacts[i].Campaign]
	}
	c.names.Reset()
}

// merge makes one contact of neighbouring rows of a customer and campaign.
func (c *Campaigns) merge() {
	kept := c.contacts[:0]
	for _, x := range c.contacts {
		if n := len(kept); n > 0 && kept[n-1].customer == x.customer && kept[n-1].Campaign == x.Campaign {
			kept[n-1].join(x)
			continue
		}
		kept = append(kept, x)
	}
	c.contacts = kept
}

// join adds what another row says of the same customer and campaign.
func (x *Contact) join(o Contact) {
	x.Time = min(x.Time, o.Time)
	x.Response = max(x.Response, o.Response)
	switch {
	case x.Arm == NoArm:
		x.Arm = o.Arm
	case o.Arm != NoArm && o.Arm != x.Arm:
		x.Arm = Disputed
	}
	if x.Cost > 0 && o.Cost > math.MaxInt64-x.Cost {
		x.Cost = math.MaxInt64
		return
	}
	x.Cost += o.Cost
}

// Len returns the number of contacts; 0 for a nil table.
func (c *Campaigns) Len() int {
	if c == nil {
		return 0
	}
	return len(c.contacts)
}

// Rows returns the number of rows entered.
func (c *Campaigns) Rows() int64 { return c.rows }

// Customers returns the number of customers.
func (c *Campaigns) Customers() int { return c.ids.len() }

// Names returns how many campaigns there are.
func (c *Campaigns) Names() int { return c.sorted.Len() }

// Name returns the name of a campaign.
func (c *Campaigns) Name(campaign uint32) string { return string(c.sorted.At(int(campaign))) }

// At returns contact i, in the order of the ids of customers, then of the names of
// campaigns. The table must be settled.
func (c *Campaigns) At(i int) Contact { return c.contacts[i] }

// ID returns the id of the customer of contact i. It is valid as long as the table.
func (c *Campaigns) ID(i int) []byte { return c.ids.at(c.byRank[c.contacts[i].customer]) }

// Of returns the contacts from to to (excluded) of the customer with an id; none where
// there is none. It may be called by several goroutines at once.
func (c *Campaigns) Of(id []byte) (from, to int) {
	number, found := c.ids.find(id)
	if !found {
		return 0, 0
	}
	rank := c.rank[number]
	return int(c.starts[rank]), int(c.starts[rank+1])
}

// Bytes returns the memory held, in bytes; 0 for a nil table.
func (c *Campaigns) Bytes() int64 {
	if c == nil {
		return 0
	}
	return c.ids.bytes() + c.names.Bytes() + 32*int64(cap(c.contacts)) + 12*int64(c.ids.len())
}

// Contact returns what the table says of a customer in a campaign, false where that is nothing.
func (c *Campaigns) Contact(id []byte, campaign string) (Contact, bool) {
	if c == nil {
		return Contact{}, false
	}
	from, to := c.Of(id)
	for i := from; i < to; i++ {
		if x := c.At(i); c.Name(x.Campaign) == campaign {
			return x, true
		}
	}
	return Contact{}, false
}
