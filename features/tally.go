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
	slots  []uint64    // in the upper half the epoch, in the lower an index into counts
	counts []codeCount // in the order of first occurrence
	epoch  uint32
}

// codeCount tells how often a code occurs: its first occurrence, how many there
// are, and in the upper half of n how many of them are in another order.
type codeCount struct {
	first occurrence
	n     uint64
}

func (c *codeCount) count() int { return int(uint32(c.n)) }
func (c *codeCount) later() int { return int(c.n >> 32) }

// occurrence is a code and, in the lower half, the order in which it occurs.
type occurrence uint64

func occurrenceOf(code uint32, order int32) occurrence {
	return occurrence(code)<<32 | occurrence(uint32(order))
}

func (o occurrence) code() uint32 { return uint32(o >> 32) }
func (o occurrence) order() int   { return int(uint32(o)) }

// start begins a customer with at most n occurrences. There are eight times
// as many slots in reach, so that few codes collide, or twice where that would be
// many.
func (t *tally) start(n int) (slots []uint64, counts []codeCount) {
	size := 1 << bits.Len(uint(max(min(8*n, 2000), 2*n)|15))
	if size > len(t.slots) {
		t.slots, t.epoch = make([]uint64, size), 0
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
	epoch, distinct := uint64(t.epoch), 0
	for _, o := range occurrences {
		counts[distinct] = codeCount{first: o}
		for hash := uint64(o>>32) * 0x9E3779B97F4A7C15 >> 32; ; hash++ {
			slot := &slots[hash&uint64(len(slots)-1)]
			fresh, at := oneIf(*slot>>32 != epoch), int(uint32(*slot))
			at ^= (at ^ distinct) & -fresh // distinct if fresh
			c := &counts[at]
			differs := c.first ^ o
			if differs>>32 != 0 { // the slot has another code
				continue
			}
			*slot = epoch<<32 | uint64(at)
			distinct += fresh
			c.n += uint64(1 + oneIf(differs != 0)<<32)
			break
		}
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
	total, squares, later, repeated, top, nlogn := 0, 0, 0, 0, uint64(0), 0.0
	for i := range t.counts {
		c := &t.counts[i]
		n := c.count()
		top = max(top, uint64(n)<<32|uint64(^c.first.code()))
		total += n
		squares += n * n
		nlogn += logs.of(n)
		later += c.later()
		repeated += oneIf(c.later() > 0)
	}
	m := mix{distinct: len(t.counts), total: total, repeats: later, repeated: repeated}
	if total == 0 {
		return m
	}
	m.top, m.main = int(top>>32), ^uint32(top)
	n := float64(total)
	m.concentration = float64(squares) / float64(n*n)
	if m.distinct > 1 {
		m.entropy = max(0, (logs.of(total)-nlogn)/n)
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
