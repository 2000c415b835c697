package itemset

import (
	"math/bits"

	"github.com/quintile-dev/quintile/models/itemset/internal/kernel"
)

// memory holds the p-values of counts met before, and factorials for new counts. Rules
// of rare items in particular have few different counts: two thirds of the counts of a
// supermarket's rules recur. Each place keeps the last counts assigned to it.
type memory struct {
	known []remembered
	factorials
}

type remembered struct {
	both, less, more uint32 // less and more frequent side; both is 0 in an empty place
	p                float64
}

// memoryBits bounds the places of a memory to 8192, of 192 KiB: more would soon be
// slower to look up than p-values are to compute.
const memoryBits = 13

// newMemory returns a memory for the p-values of about n rules, and the factorials
// that f has room for.
func newMemory(n int, f factorials) *memory {
	return &memory{known: make([]remembered, 1<<min(memoryBits, bits.Len(uint(n/8)))), factorials: f}
}

// fisherP returns FisherP of the counts.
func (m *memory) fisherP(both, x, y uint32) float64 {
	x, y = min(x, y), max(x, y)
	r := m.place(both, x, y)
	if r.both != both || r.less != x || r.more != y {
		*r = remembered{both: both, less: x, more: y, p: m.factorials.fisherP(both, x, y)}
	}
	return r.p
}

// place returns the place of the counts.
func (m *memory) place(both, x, y uint32) *remembered {
	hash := uint64(both)*0x9e3779b97f4a7c15 + uint64(x)*0xc2b2ae3d27d4eb4f + uint64(y)*0x165667b19e3779f9
	return &m.known[hash>>(64-memoryBits)&uint64(len(m.known)-1)]
}

// fisherPs sets p to FisherP of the rules: of four at a time where the machine can, to
// the same bits.
func (m *memory) fisherPs(p []float64, rules []entry) {
	if !kernel.Fast() || m.baskets > mostFactorial {
		for i := range p {
			p[i] = m.fisherP(rules[i].Both, rules[i].Antecedent, rules[i].Consequent)
		}
		return
	}
	var q quartet
	for i := range p {
		e := &rules[i]
		x, y := min(e.Antecedent, e.Consequent), max(e.Antecedent, e.Consequent)
		r := m.place(e.Both, x, y)
		if r.both == e.Both && r.less == x && r.more == y {
			p[i] = r.p
			continue
		}
		if uint64(e.Both)+uint64(m.baskets) <= uint64(x)+uint64(y) {
			p[i] = 1
			continue
		}
		q.tables[q.n], q.places[q.n], q.to[q.n] = &e.Table, r, &p[i]
		q.logs[q.n] = m.logProb(e.Both, x, y)
		if q.n++; q.n == kernel.Rules {
			m.four(&q)
		}
	}
	for k := range q.n {
		t := q.tables[k]
		*q.to[k] = m.fisherP(t.Both, t.Antecedent, t.Consequent)
	}
}

// quartet is up to four rules without known p-values, with the logarithms of the
// probabilities of their tables.
type quartet struct {
	n      int
	tables [kernel.Rules]*kernel.Table
	places [kernel.Rules]*remembered
	to     [kernel.Rules]*float64
	logs   [kernel.Rules]int64
}

// four finds the p-values of a full quartet, and empties it.
func (m *memory) four(q *quartet) {
	var p [kernel.Rules]float64
	fast := kernel.SetP(&p, q.tables, &q.logs, &expTable, float64(m.baskets))
	for k, t := range q.tables {
		if !fast {
			p[k] = m.factorials.fisherP(t.Both, t.Antecedent, t.Consequent)
		}
		*q.to[k] = p[k]
		*q.places[k] = remembered{
			both: t.Both, less: min(t.Antecedent, t.Consequent), more: max(t.Antecedent, t.Consequent), p: p[k],
		}
	}
	q.n = 0
}

// factorials are logarithms of factorials met before, in the units of log2Factorial.
// Rules have few different counts, of single sets and of differences of two counts:
// of 31,000 factorials for the rules of a shop, 2,500 differ.
type factorials struct {
	baskets int
	all     uint64   // of the baskets
	few     []uint64 // by number; 0 where not met yet
	most    []uint64 // by what the number lacks of the baskets
}

// newFactorials returns the factorials for the p-values of rules with the given
// number of baskets. Remembered are the factorials of the numbers below remembered,
// and of the numbers less than remembered below the number of baskets.
func newFactorials(baskets, remembered int) factorials {
	f := factorials{baskets: baskets}
	if baskets <= mostFactorial {
		f.all = log2Factorial(uint32(baskets))
		words := make([]uint64, 2*remembered)
		f.few, f.most = words[:remembered], words[remembered:]
	}
	return f
}

// low returns log₂ m!.
func (f *factorials) low(m uint32) uint64 {
	if int(m) < len(f.few) && f.few[m] > 0 {
		return f.few[m]
	}
	return f.newLow(m)
}

// high returns log₂ (n−m)!, for n baskets.
func (f *factorials) high(m uint32) uint64 {
	if int(m) < len(f.most) && f.most[m] > 0 {
		return f.most[m]
	}
	return f.newHigh(m)
}

//go:noinline
func (f *factorials) newLow(m uint32) uint64 {
	v := log2Factorial(m)
	if int(m) < len(f.few) {
		f.few[m] = v
	}
	return v
}

//go:noinline
func (f *factorials) newHigh(m uint32) uint64 {
	v := log2Factorial(uint32(f.baskets) - m)
	if int(m) < len(f.most) {
		f.most[m] = v
	}
	return v
}
