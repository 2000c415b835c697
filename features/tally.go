package features

import (
	"math"
	"math/bits"
	"slices"
)

// tally counts codes within one customer. It is an open-addressing table whose
// slots carry the number of the customer that last wrote them, so that starting
// a new customer clears nothing, and whose reach follows the customer's number
// of lines, so that a usual customer stays in the first-level cache however
// large the dictionary is.
type tally struct {
	slots  []tallySlot
	counts []codeCount // in the order of first occurrence
	epoch  uint32
}

// tallySlot leads from a code to its count.
type tallySlot struct {
	key uint64 // epoch and code
	at  int    // index into counts
}

// codeCount tells how often a code occurs.
type codeCount struct {
	code  uint32
	first uint32 // the order in which it occurred first
	count int32
	later int32 // occurrences in other orders
}

// occurrence is a code and, in the lower half, the order in which it occurs.
type occurrence uint64

func occurrenceOf(code uint32, order int32) occurrence {
	return occurrence(code)<<32 | occurrence(uint32(order))
}

// start begins a customer with at most n occurrences. There are four times
// as many slots in reach, so that few codes collide, or two where that would be
// many.
func (t *tally) start(n int) (slots []tallySlot, counts []codeCount) {
	size := 1 << bits.Len(uint(max(min(4*n, 1000), 2*n)|15))
	if size > len(t.slots) {
		t.slots, t.epoch = make([]tallySlot, size), 0
	}
	if t.epoch++; t.epoch == 0 {
		clear(t.slots)
		t.epoch = 1
	}
	t.counts = slices.Grow(t.counts[:0], n+1)
	return t.slots[:size], t.counts[:n+1]
}

// count counts occurrences. Whether a code has occurred before cannot be
// foretold, so that no branch depends on it: for each occurrence the next count
// is made ready, should the code be new.
func (t *tally) count(occurrences []occurrence) {
	slots, counts := t.start(len(occurrences))
	epoch, distinct := uint64(t.epoch)<<32, 0
	for _, o := range occurrences {
		code, order := uint32(o>>32), uint32(o)
		key, hash := epoch|uint64(code), int(uint64(code)*0x9E3779B97F4A7C15>>32)
		slot := &slots[hash&(len(slots)-1)]
		differs := slot.key ^ key
		for differs-1 < math.MaxUint32 { // of this customer, but another code
			hash++
			slot = &slots[hash&(len(slots)-1)]
			differs = slot.key ^ key
		}
		fresh := oneIf(differs != 0)
		ready := &counts[distinct]
		ready.code, ready.first, ready.count, ready.later = code, order, 0, 0
		at := slot.at ^ (slot.at^distinct)&-fresh // distinct if fresh
		slot.key, slot.at = key, at
		distinct += fresh

		c := &counts[at]
		c.count++
		c.later += int32(oneIf(c.first != order))
	}
	t.counts = counts[:distinct]
}

// oneIf returns 1 or 0, without a branch.
func oneIf(holds bool) int {
	n := 0
	if holds {
		n = 1
	}
	return n
}

// mix is how a customer's lines or orders spread over the values of a column.
type mix struct {
	distinct      int
	total         int     // occurrences with a known value
	top           int     // occurrences of the most frequent value
	main          uint32  // that value; of several the smallest code
	entropy       float64 // bits
	evenness      float64 // entropy in units of the largest possible; 0 unless there are two values or more
	concentration float64 // sum of squared shares
	repeats       int     // occurrences in another order than the first of the same value
	repeated      int     // values that occurred in two orders or more
}

// mix summarises the counts.
func (t *tally) mix(logs *logTable) mix {
	m := mix{distinct: len(t.counts)}
	nlogn, squares, top := 0.0, 0, uint64(0)
	for i := range t.counts {
		c := &t.counts[i]
		n := int(c.count)
		top = max(top, uint64(n)<<32|uint64(^c.code))
		m.total += n
		squares += n * n
		nlogn += logs.of(n)
		m.repeats += int(c.later)
		m.repeated += oneIf(c.later > 0)
	}
	if m.total == 0 {
		return m
	}
	m.top, m.main = int(top>>32), ^uint32(top)
	n := float64(m.total)
	m.concentration = float64(squares) / float64(n*n)
	if m.distinct > 1 {
		m.entropy = max(0, (logs.of(m.total)-nlogn)/n)
		m.evenness = min(1, m.entropy/logs.log2(m.distinct))
	}
	return m
}

// logTable holds n·log₂ n and log₂ n for small n.
type logTable struct{ nlogn, log [256]float64 }

func newLogTable() *logTable {
	t := new(logTable)
	for n := 2; n < len(t.log); n++ {
		t.log[n] = math.Log2(float64(n))
		t.nlogn[n] = float64(float64(n) * t.log[n])
	}
	return t
}

// of returns n·log₂ n, or 0 for 0.
func (t *logTable) of(n int) float64 {
	if uint(n) < uint(len(t.nlogn)) {
		return t.nlogn[n]
	}
	return float64(float64(n) * math.Log2(float64(n)))
}

// log2 returns log₂ n for n ≥ 1.
func (t *logTable) log2(n int) float64 {
	if uint(n) < uint(len(t.log)) {
		return t.log[n]
	}
	return math.Log2(float64(n))
}

// entropy returns the Shannon entropy of counts in bits, or NaN if all are 0.
func (t *logTable) entropy(counts []int32) float64 {
	total, distinct, nlogn := 0, 0, 0.0
	for _, n := range counts {
		total += int(n)
		nlogn += t.of(int(n))
		if n > 0 {
			distinct++
		}
	}
	switch {
	case total == 0:
		return math.NaN()
	case distinct == 1:
		return 0
	}
	return max(0, (t.of(total)-nlogn)/float64(total))
}
