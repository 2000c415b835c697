package datasets

import "slices"

// Identities maps ids to customers: an alias stands for another id, possibly
// also an alias. The zero Identities is empty. One goroutine fills the table;
// once settled, any number of goroutines may read.
type Identities struct {
	ids    idIndex
	stands []uint32 // by code: the code of the id that it stands for; NoCode for an id that is no alias
	count  int
}

// Add makes alias stand for customer. If the alias already stands for another id,
// nothing changes and the result is false.
func (x *Identities) Add(alias, customer []byte) (ok bool) {
	a, c := x.code(alias), x.code(customer)
	if x.stands[a] != NoCode {
		return x.stands[a] == c
	}
	x.stands[a] = c
	x.count++
	return true
}

// Number returns the number of an id, whether an alias or the target of an alias;
// false for any other id. Numbers count from 0 in the order of first addition.
func (x *Identities) Number(id []byte) (number uint32, known bool) { return x.ids.find(id) }

func (x *Identities) code(id []byte) uint32 {
	code, isNew := x.ids.number(id)
	if isNew {
		x.stands = append(x.stands, NoCode)
	}
	return code
}

// Settle follows every chain of aliases to the end, so that Customer need not. The
// result holds the numbers of aliases in a circle, ascending; with any such alias,
// the table must not be used.
func (x *Identities) Settle() (circular []uint32) {
	states := make([]chainState, len(x.stands))
	var chain []uint32
	for start := range x.stands {
		chain = chain[:0]
		at := uint32(start)
		for states[at] == unvisited && x.isAlias(at) {
			states[at] = underway
			chain = append(chain, at)
			at = x.stands[at]
		}
		end, state := at, settled
		switch {
		case states[at] == underway || states[at] == endless:
			state = endless
			circular = append(circular, chain...)
		case states[at] == settled && x.isAlias(at):
			end = x.stands[at]
		}
		for _, alias := range chain {
			states[alias] = state
			if state == settled {
				x.stands[alias] = end
			}
		}
	}
	slices.Sort(circular)
	return circular
}

// isAlias reports whether an id stands for another than itself.
func (x *Identities) isAlias(code uint32) bool {
	return x.stands[code] != NoCode && x.stands[code] != code
}

// chainState is how far the chain that begins with an id has been followed.
type chainState uint8

const (
	unvisited chainState = iota
	underway
	settled
	endless
)

// Len returns the number of aliases. A nil table has none.
func (x *Identities) Len() int {
	if x == nil {
		return 0
	}
	return x.count
}

// Bytes returns the memory held, in bytes.
func (x *Identities) Bytes() int64 {
	if x == nil {
		return 0
	}
	return x.ids.bytes() + 4*int64(cap(x.stands))
}

// Customer returns the id of the customer behind id: id itself where it is no
// alias. The bytes belong to id or to the table. The table must be settled. A
// nil table has no alias.
func (x *Identities) Customer(id []byte) []byte {
	if x == nil {
		return id
	}
	if code, known := x.ids.find(id); known && x.isAlias(code) {
		return x.ids.at(x.stands[code])
	}
	return id
}

// Each calls do with every alias and its customer, in the order of first
// appearance, until do returns an error; Each returns that error. The table must
// be settled. A nil table has no alias.
func (x *Identities) Each(do func(alias, customer []byte) error) error {
	if x == nil {
		return nil
	}
	for code, customer := range x.stands {
		if customer == NoCode {
			continue
		}
		if err := do(x.ids.at(uint32(code)), x.ids.at(customer)); err != nil {
			return err
		}
	}
	return nil
}
