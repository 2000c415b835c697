package features

import (
	"math"
	"math/bits"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// tally counts codes within one customer. What it has counted, it finds by the
// code itself where the dictionary is of a usual size, else in an open-addressing
// table, whose reach follows the customer's number of lines, so that a usual
// customer stays in the first-level cache however large the dictionary is.
//
// The slots of either table tell an index into counts. Each customer's indices
// lie above those of all before, so that starting a new customer clears nothing.
type tally struct {
	counts []codeCount         // in the order of first occurrence
	total  int                 // occurrences
	first  uint32              // what slots hold for the first of counts; 0 is in no slot that was written
	direct *[mostDirect]uint32 // by code
	hashed []uint32
}

// mostDirect bounds the codes that are found by the code itself: the table of them
// takes 256 KiB.
const mostDirect = 1 << 16

// codeCount tells how often a code occurs: its first occurrence, how many there
// are, and in the upper half of n how many of them are in another order.
type codeCount struct {
	first occurrence
	n     uint64
}

func (c *codeCount) count() int { return int(uint32(c.n)) }

// occurrence is a code and, in the lower half, the order in which it occurs.
type occurrence uint64

func occurrenceOf(code uint32, order int32) occurrence {
	return occurrence(code)<<32 | occurrence(uint32(order))
}

func (o occurrence) code() uint32 { return uint32(o >> 32) }
func (o occurrence) order() int   { return int(uint32(o)) }

// count counts the codes that are known and occur in an order ≥ 0; orders has one
// entry for each.
func (t *tally) count(codes []uint32, orders []int32) {
	n := uint32(len(codes))
	if t.first += uint32(len(t.counts)); t.first == 0 || t.first > math.MaxUint32-n {
		t.direct = nil
		clear(t.hashed)
		t.first = 1
	}
	t.counts = slices.Grow(t.counts[:0], len(codes)+1)[:len(codes)+1]
	if !t.countDirect(codes, orders) {
		t.countHashed(codes, orders)
	}
}

// countDirect counts where codes are small, or else reports false. Whether a code
// has occurred before cannot be foretold, so that no branch depends on it: for each
// occurrence the next count is made ready, should the code be new.
func (t *tally) countDirect(codes []uint32, orders []int32) bool {
	if t.direct == nil {
		t.direct = new([mostDirect]uint32)
	}
	slots, counts, orders := t.direct, t.counts, orders[:len(codes)]
	first, next, total := t.first, t.first, 0
	for i, code := range codes {
		order := orders[i]
		if order < 0 || code == datasets.NoCode {
			continue
		}
		if code >= mostDirect {
			return false
		}
		counts[next-first] = codeCount{first: occurrenceOf(code, order)}
		at := slots[code]
		fresh := uint32(oneIf(at < first))
		at ^= (at ^ next) & -fresh // next if fresh
		slots[code] = at
		next += fresh
		total++
		c := &counts[at-first]
		c.n += uint64(1 + oneIf(int32(c.first) != order)<<32)
	}
	t.counts, t.total = counts[:next-first], total
	return true
}

// countHashed counts where codes may be large. There are eight times as many slots
// in reach as lines, so that few codes collide, or twice where that would be many.
func (t *tally) countHashed(codes []uint32, orders []int32) {
	n := len(codes)
	size := 1 << bits.Len(uint(max(min(8*n, 2000), 2*n)|15))
	if size > len(t.hashed) {
		t.hashed = make([]uint32, size)
	}
	slots, counts, orders := t.hashed[:size], t.counts, orders[:n]
	first, next, total := t.first, t.first, 0
	for i, code := range codes {
		order := orders[i]
		if order < 0 || code == datasets.NoCode {
			continue
		}
		counts[next-first] = codeCount{first: occurrenceOf(code, order)}
		total++
		for hash := uint64(code) * 0x9E3779B97F4A7C15 >> 32; ; hash++ {
			slot := &slots[hash&uint64(len(slots)-1)]
			at := *slot
			fresh := uint32(oneIf(at < first))
			at ^= (at ^ next) & -fresh // next if fresh
			c := &counts[at-first]
			if c.first.code() != code { // the slot has another code
				continue
			}
			*slot = at
			next += fresh
			c.n += uint64(1 + oneIf(int32(c.first) != order)<<32)
			break
		}
	}
	t.counts, t.total = counts[:next-first], total
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
	if t.total == 0 {
		return mix{}
	}
	squares, later, repeated, top, nlogn := uint64(0), uint64(0), uint64(0), uint64(0), 0.0
	for i := range t.counts {
		c := &t.counts[i]
		n, others := c.n&math.MaxUint32, c.n>>32
		nlogn += logs.nlogn[uint8(n)] // as a rule n is in the table
		squares += n * n
		top = max(top, n<<32|uint64(^c.first.code()))
		later += others
		repeated += (others + math.MaxUint32) >> 32 // 1 but for 0
	}
	m := mix{
		distinct: len(t.counts), total: t.total, top: int(top >> 32), main: ^uint32(top),
		repeats: int(later), repeated: int(repeated),
	}
	if m.top >= len(logs.nlogn) {
		nlogn = t.nlogn(logs)
	}
	n := float64(m.total)
	m.concentration = float64(int(squares)) / float64(n*n)
	if m.distinct > 1 {
		m.entropy = max(0, (logs.of(m.total)-nlogn)/n)
		m.evenness = min(1, m.entropy/logs.log2(m.distinct))
	}
	return m
}

// nlogn returns the sum of n·log₂ n over the counts, of whatever size.
func (t *tally) nlogn(logs *logTable) float64 {
	sum := 0.0
	for i := range t.counts {
		sum += logs.of(t.counts[i].count())
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
