package features

import (
	"math"
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/internal/counting"
)

// tally counts codes within one customer. A count is found by the code itself for
// a dictionary of usual size, else in an open-addressing table. The reach of the
// table follows the customer's number of lines, so that a usual customer stays in
// the first-level cache, however large the dictionary.
//
// The slots of either table hold an index into counts. Each customer's indices
// are above all earlier indices, so that a new customer needs no clearing.
type tally struct {
	counts []counting.Count // in the order of first occurrence
	first  uint32           // what slots hold for the first of counts; 0 is in no slot that was written
	direct *counting.Slots  // by code
	hashed []uint32
}

// occurrence is a code and, in the lower half, the number of its order.
type occurrence uint64

func occurrenceOf(code uint32, order int32) occurrence {
	return occurrence(code)<<32 | occurrence(uint32(order))
}

func (o occurrence) code() uint32 { return uint32(o >> 32) }
func (o occurrence) order() int   { return int(uint32(o)) }

// count counts the codes known and occurring in an order ≥ 0; orders has one
// entry for each code.
func (t *tally) count(codes []uint32, orders []int32) {
	n := uint32(len(codes))
	if t.first += uint32(len(t.counts)); t.first == 0 || t.first > math.MaxUint32-n {
		t.direct = nil
		clear(t.hashed)
		t.first = 1
	}
	t.counts = slices.Grow(t.counts[:0], len(codes)+1)[:len(codes)+1]
	if t.direct == nil {
		t.direct = new(counting.Slots)
	}
	if distinct, ok := counting.Lines(t.counts, t.direct, t.first, codes, orders); ok {
		t.counts = t.counts[:distinct]
	} else {
		t.countHashed(codes, orders)
	}
}

// countHashed counts where codes may be large. There are eight times as many slots
// in reach as lines, so that few codes collide, or twice as many where eight times
// would be too many.
func (t *tally) countHashed(codes []uint32, orders []int32) {
	n := len(codes)
	size := 1 << bits.Len(uint(max(min(8*n, 2000), 2*n)|15))
	if size > len(t.hashed) {
		t.hashed = make([]uint32, size)
	}
	slots, counts, orders := t.hashed[:size], t.counts, orders[:n]
	first, distinct := t.first, uint32(0)
	for i, code := range codes {
		order := orders[i]
		if order < 0 || code == datasets.NoCode {
			continue
		}
		// As in package counting, no branch depends on whether the code is new.
		counts[distinct] = counting.Count{Order: uint32(order), Code: code}
		for hash := uint64(code) * 0x9E3779B97F4A7C15 >> 32; ; hash++ {
			slot := &slots[hash&uint64(len(slots)-1)]
			at, fresh := *slot-first, uint32(oneIf(*slot < first))
			at ^= (at ^ distinct) & -fresh // distinct if fresh
			c := &counts[at]
			if c.Code != code { // the slot has another code
				continue
			}
			*slot = first + at
			distinct += fresh
			c.N++
			c.Later += uint32(oneIf(c.Order != uint32(order)))
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

// mixTo summarises the counts. m is filled in place: a copy would wait for each
// field to be stored.
func (t *tally) mixTo(m *mix, logs *logTable) {
	*m = mix{}
	if len(t.counts) == 0 {
		return
	}
	sums := counting.Sum(t.counts, &logs.nlogn)
	m.distinct, m.total, m.repeats, m.repeated = len(t.counts), sums.Total, sums.Later, sums.Repeated
	m.top, m.main = int(sums.Top>>32), ^uint32(sums.Top)
	nlogn := sums.Weighed
	if m.top >= len(logs.nlogn) { // some logarithms are not in the table
		nlogn = t.nlogn(logs)
	}
	n := float64(m.total)
	m.concentration = float64(sums.Squares) / float64(n*n)
	if m.distinct > 1 {
		m.entropy = max(0, (logs.of(m.total)-nlogn)/n)
		m.evenness = min(1, m.entropy/logs.log2(m.distinct))
	}
}

// nlogn returns the sum of n·log₂ n over the counts, of whatever size.
func (t *tally) nlogn(logs *logTable) float64 {
	sum := 0.0
	for i := range t.counts {
		sum += logs.of(int(t.counts[i].N))
	}
	return sum
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
