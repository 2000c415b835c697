package history

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets"
)

// partitionOf spreads ids evenly. It is part of the format of a kept history, as
// far as it tells the bucket.
func partitionOf(id []byte) uint32 {
	return uint32(xxhash.Sum64(id) >> (64 - partitionBits))
}

// place is where a customer's slips go: a partition, and the number of the long
// id in it.
type place struct{ part, local uint32 }

// addresses are the short ids of a dictionary as words, and their partitions:
// worked out once for each entry, in the order in which entries lie in memory,
// which is cheaper than once for each slip.
type addresses struct {
	id    *datasets.DictID
	keys  []uint64
	parts []uint16 // elsewhere for ids that are no word
}

const elsewhere = math.MaxUint16

// of adds the entries of the column's dictionary that it has not seen in the
// batch before, each as the customer that it stands for. It reports false where
// the column has no dictionary that others share.
func (d *addresses) of(c *datasets.Column, aliases *datasets.Identities) bool {
	if c.Kind != datasets.Text || c.Codes == nil || c.DictID == nil {
		return false
	}
	if c.DictID != d.id {
		d.id, d.keys, d.parts = c.DictID, d.keys[:0], d.parts[:0]
	}
	for i := len(d.keys); i < c.Dict.Len(); i++ {
		id := c.Dict.At(i)
		if !c.Dict.Trimmed {
			id = datasets.Trim(id)
		}
		id = aliases.Customer(id)
		key, short := datasets.PackText(id)
		p := uint16(elsewhere)
		if short && key != 0 {
			p = uint16(partitionOf(id))
		}
		d.keys, d.parts = append(d.keys, key), append(d.parts, p)
	}
	return true
}

// addressTo enters the customers and their partitions.
func (a *Appender) addressTo(customer *datasets.Column, rows []uint32) {
	if !a.known.of(customer, a.builder.config.Identities) {
		for i := range a.heads {
			a.address(&a.heads[i], customer, rows)
		}
		return
	}
	for i := range a.heads {
		h := &a.heads[i]
		entry := customer.Codes[rows[h.from]]
		if p := a.known.parts[entry]; p != elsewhere {
			h.customer, h.part = a.known.keys[entry], uint32(p)
		} else {
			a.address(h, customer, rows)
		}
	}
}

// address enters the customer of a slip and its partition.
func (a *Appender) address(h *head, customer *datasets.Column, rows []uint32) {
	var id []byte
	id, a.text = textOf(customer, int(rows[h.from]), a.text)
	id = a.builder.config.Identities.Customer(id)
	if key, short := datasets.PackText(id); short && key != 0 { // the empty id has no word of its own
		h.customer, h.part = key, partitionOf(id)
		return
	}
	code := a.longIDs.Code(id)
	if int(code) == len(a.places) { // seen for the first time
		p := partitionOf(id)
		members := &a.parts[p].members
		a.places = append(a.places, place{part: p, local: uint32(len(*members))})
		*members = append(*members, code)
	}
	place := a.places[code]
	h.part = place.part
	h.customer = uint64(place.local)
	h.info |= longIDBit
}

// addressByOrder marks the slips as those of nobody.
func (a *Appender) addressByOrder(order *datasets.Column, rows []uint32) {
	for i := range a.heads {
		h := &a.heads[i]
		h.info |= anonymousBit
		if order != nil {
			var number []byte
			number, a.text = textOf(order, int(rows[h.from]), a.text)
			h.part = partitionOf(number)
		}
	}
}
