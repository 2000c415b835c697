package itemset

// room is the memory in which a worker writes and keeps the rules it finds, block
// after block: large pieces, since allocating a small piece for each block takes
// longer than filling it.
type room struct {
	least   int // rules of a piece
	entries []entry
	first   int // of the block at hand
}

// open begins a block.
func (r *room) open() { r.first = len(r.entries) }

// grow returns space for n more rules of the block; extend then adds the rules.
func (r *room) grow(n int) []entry {
	have := len(r.entries)
	if cap(r.entries)-have < n {
		r.renew(n)
		have = len(r.entries)
	}
	return r.entries[have : have+n]
}

func (r *room) renew(n int) {
	old := r.rules()
	size := max(r.least, 2*(len(old)+n))
	r.entries = append(make([]entry, 0, size), old...)
	r.first = 0
}

// extend makes the first n of what grow returned rules of the block.
func (r *room) extend(n int) { r.entries = r.entries[:len(r.entries)+n] }

// rules returns those of the block.
func (r *room) rules() []entry { return r.entries[r.first:len(r.entries):len(r.entries)] }

// number returns the number of rules of the block.
func (r *room) number() int { return len(r.entries) - r.first }

// shorten leaves the block its first n rules.
func (r *room) shorten(n int) { r.entries = r.entries[:r.first+n] }
