package history

import (
	"math"
	"math/bits"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets"
)

// partitionOf spreads ids evenly. The bits for the bucket are part of the format
// of a kept history.
func partitionOf(id []byte) uint32 {
	return uint32(xxhash.Sum64(id) >> (64 - partitionBits))
}

// partitionOfWord is partitionOf for an id of up to eight bytes, but not of none,
// as PackText has it.
func partitionOfWord(key uint64) uint32 {
	return uint32(sumOfWord(key) >> (64 - partitionBits))
}

// sumOfWord equals xxhash.Sum64 for the bytes of a word of PackText: XXH64 by Y.
// Collet without the parts for longer texts, in half the time.
func sumOfWord(key uint64) uint64 {
	const (
		prime1 = 0x9E3779B185EBCA87
		prime2 = 0xC2B2AE3D27D4EB4F
		prime3 = 0x165667B19E3779F9
		prime4 = 0x85EBCA77C2B2AE63
		prime5 = 0x27D4EB2F165667C5
	)
	n := 8 - bits.TrailingZeros64(key)/8
	rest := bits.ReverseBytes64(key) // the first byte is the lowest
	sum := prime5 + uint64(n)
	switch {
	case n == 8:
		sum ^= bits.RotateLeft64(rest*prime2, 31) * prime1
		sum = bits.RotateLeft64(sum, 27)*prime1 + prime4
		n = 0
	case n >= 4:
		sum ^= (rest & (1<<32 - 1)) * prime1
		sum = bits.RotateLeft64(sum, 23)*prime2 + prime3
		rest >>= 32
		n -= 4
	}
	for i := range 3 { // how many bytes are left cannot be foretold
		next := bits.RotateLeft64(sum^(rest&0xFF)*prime5, 11) * prime1
		if i < n {
			sum = next
		}
		rest >>= 8
	}
	sum ^= sum >> 33
	sum *= prime2
	sum ^= sum >> 29
	sum *= prime3
	return sum ^ sum>>32
}

// place is where a customer's slips go: a partition, and the number of the long
// id in it.
type place struct{ part, local uint32 }

// addresses are the short ids of a dictionary as words, and their partitions:
// computed once for each entry, in memory order, which is cheaper than once for
// each slip.
type addresses struct {
	id    *datasets.DictID
	keys  []uint64
	parts []uint16 // elsewhere for ids that are no word
}

const elsewhere = math.MaxUint16

// of adds the entries of the column's dictionary not seen in the batch before,
// each as the customer behind the id. The result is false where the column has
// no shared dictionary.
func (d *addresses) of(c *datasets.Column, aliases *datasets.Identities) bool {
	if c.Kind != datasets.Text || c.Codes == nil || c.DictID == nil {
		return false
	}
	if c.DictID != d.id {
		d.id, d.keys, d.parts = c.DictID, d.keys[:0], d.parts[:0]
	}
	from := len(d.keys)
	d.keys, d.parts = extend(d.keys, c.Dict.Len()), extend(d.parts, c.Dict.Len())
	asTheyAre := c.Dict.Trimmed && aliases == nil
	for i := from; i < len(d.keys); i++ {
		var key uint64
		var short bool
		if asTheyAre {
			key, short = c.Dict.Pack(i)
		} else {
			key, short = datasets.PackText(aliases.Customer(datasets.Trim(c.Dict.At(i))))
		}
		d.keys[i], d.parts[i] = key, elsewhere
		if short && key != 0 {
			d.parts[i] = uint16(partitionOfWord(key))
		}
	}
	return true
}

// extend returns s extended to length n; what is added is unspecified.
func extend[T any](s []T, n int) []T { return slices.Grow(s, max(0, n-len(s)))[:max(n, len(s))] }

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
		h.customer, h.part = key, partitionOfWord(key)
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
