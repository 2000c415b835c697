package features

import (
	"math"
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// tally counts codes within one customer. It is an open-addressing table whose
// slots carry the number of the customer that last wrote them, so that starting
// a new customer clears nothing, and whose reach follows the customer's number
// of lines, so that a usual customer stays in the first-level cache however
// large the dictionary is.
type tally struct {
	slots   []tallySlot
	counts  []codeCount // in the order of first occurrence
	epoch   uint32
	total   int // sum of the counts
	repeats int // occurrences in another order than the first
}

// tallySlot leads from a code to its count.
type tallySlot struct {
	key uint64 // epoch and code
	at  int    // index into counts
}

// codeCount tells how often a code occurs.
type codeCount struct {
	code  uint32
	count int32
	first int32 // the order in which it occurred first
	again int32 // 1 if it occurred in another order, else 0
}

// start begins a customer with at most n occurrences and returns the slots in
// reach: eight times as many as codes, so that few codes collide, or twice where
// that would take many.
func (t *tally) start(n int) []tallySlot {
	size := 1 << bits.Len(uint(max(min(8*n, 1000), 2*n)|15))
	if size > len(t.slots) {
		t.slots, t.epoch = make([]tallySlot, size), 0
	}
	if t.epoch++; t.epoch == 0 {
		clear(t.slots)
		t.epoch = 1
	}
	t.counts = slices.Grow(t.counts[:0], n+1)
	return t.slots[:size]
}

// count counts the known codes of the lines that are part of an order, which
// is not negative. Whether a code has occurred before cannot be foretold, so that
// no branch depends on it: the count of a new code is made ready for every line.
func (t *tally) count(codes []uint32, orders []int32) {
	slots := t.start(len(codes))
	counts, orders := t.counts[:len(codes)+1], orders[:len(codes)]
	shift, mask, epoch := 64-bits.Len(uint(len(slots)-1)), len(slots)-1, uint64(t.epoch)<<32
	distinct, total, repeats := 0, 0, 0
	for i, code := range codes {
		order := orders[i]
		if order < 0 || code == datasets.NoCode {
			continue
		}
		total++
		key := epoch | uint64(code)
		at := int(uint64(code) * 0x9E3779B97F4A7C15 >> (shift & 63))
		slot := &slots[at&mask]
		for slot.key != key && slot.key >= epoch { // another code of this customer
			at++
			slot = &slots[at&mask]
		}
		counts[distinct] = codeCount{code: code, first: order}
		to, fresh := slot.at, 0
		if slot.key != key {
			to, fresh = distinct, 1
		}
		*slot = tallySlot{key: key, at: to}
		distinct += fresh

		n, other := &counts[to], int32(0)
		if n.first != order {
			other = 1
		}
		n.count++
		n.again |= other
		repeats += int(other)
	}
	t.counts, t.total, t.repeats = counts[:distinct], total, repeats
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
	repeated      int     // values that occurred in two orders or more
}

// mix summarises the counts.
func (t *tally) mix(logs *logTable) mix {
	m := mix{distinct: len(t.counts), total: t.total}
	if m.total == 0 {
		return m
	}
	nlogn, squares, top := 0.0, 0, uint64(0)
	for i := range t.counts {
		c := &t.counts[i]
		n := int(c.count)
		top = max(top, uint64(n)<<32|uint64(^c.code))
		squares += n * n
		nlogn += logs.of(n)
		m.repeated += int(c.again)
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
