package features

import (
	"math"
	"math/bits"

	"github.com/quintile-dev/quintile/datasets"
)

// tally counts codes within one customer. It is an open-addressing table whose
// slots carry the number of the customer that last wrote them, so that starting
// a new customer clears nothing, and whose reach follows the customer's number
// of lines, so that a usual customer stays in the first-level cache however
// large the dictionary is.
type tally struct {
	slots   []tallySlot
	used    []int32 // slots in use, in the order of first occurrence
	epoch   uint32
	shift   uint // 64 − log2 of the slots in reach
	total   int  // sum of the counts
	repeats int  // occurrences in another order than the first
}

type tallySlot struct {
	epoch uint32
	code  uint32
	count int32
	first int32 // the order in which the code occurred first; its complement once there was another
}

// order returns the order in which the code occurred first.
func (s *tallySlot) order() int32 { return s.first ^ s.first>>31 }

// start begins a customer with at most n occurrences.
func (t *tally) start(n int) {
	size := 1 << bits.Len(uint(2*n|15))
	t.shift = uint(64 - bits.TrailingZeros(uint(size)))
	if size > len(t.slots) {
		t.slots, t.epoch = make([]tallySlot, size), 0
	}
	if t.epoch++; t.epoch == 0 {
		clear(t.slots)
		t.epoch = 1
	}
	t.used, t.total, t.repeats = t.used[:0], 0, 0
}

// add counts code once, as part of order, and returns its slot.
func (t *tally) add(code uint32, order int32) *tallySlot {
	t.total++
	epoch, mask := t.epoch, uint64(1)<<(64-t.shift&63)-1
	slots := t.slots[:mask+1]
	for i := uint64(code) * 0x9E3779B97F4A7C15 >> (t.shift & 63); ; i = (i + 1) & mask {
		s := &slots[i&mask]
		if s.epoch != epoch {
			*s = tallySlot{epoch: epoch, code: code, count: 1, first: order}
			t.used = append(t.used, int32(i))
			return s
		}
		if s.code == code {
			s.occurIn(order, t)
			return s
		}
	}
}

// addLines counts the known codes of the lines that are part of an order, which
// is not negative. It is add in a loop, with what add loads and stores each time
// kept in registers.
func (t *tally) addLines(codes []uint32, orders []int32) {
	epoch, shift, used := t.epoch, t.shift&63, t.used
	mask := uint64(1)<<(64-shift&63) - 1
	slots, orders := t.slots[:mask+1], orders[:len(codes)]
	for i, code := range codes {
		order := orders[i]
		if order < 0 || code == datasets.NoCode {
			continue
		}
		t.total++
		for at := uint64(code) * 0x9E3779B97F4A7C15 >> shift; ; at++ {
			s := &slots[at&mask]
			if s.epoch != epoch {
				*s = tallySlot{epoch: epoch, code: code, count: 1, first: order}
				used = append(used, int32(at&mask))
				break
			}
			if s.code == code {
				s.occurIn(order, t)
				break
			}
		}
	}
	t.used = used
}

// occurIn counts another occurrence.
func (s *tallySlot) occurIn(order int32, t *tally) {
	s.count++
	if s.order() != order {
		s.first = ^s.order()
		t.repeats++
	}
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
	m := mix{distinct: len(t.used), total: t.total}
	if m.total == 0 {
		return m
	}
	nlogn, squares, top := 0.0, 0, uint64(0)
	for _, i := range t.used {
		s := &t.slots[i]
		n := int(s.count)
		top = max(top, uint64(n)<<32|uint64(^s.code))
		squares += n * n
		if n > 1 {
			nlogn += logs.of(n)
		}
		m.repeated -= int(s.first >> 31) // −1 where it occurred in two orders
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
func (t *logTable) entropy(counts []int) float64 {
	total, distinct, nlogn := 0, 0, 0.0
	for _, n := range counts {
		total += n
		nlogn += t.of(n)
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
