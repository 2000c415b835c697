package itemset

import "math/bits"

// memory holds p-values of counts met before. Rules of rare items in particular
// have few different counts: two thirds of those of a supermarket's rules recur. A
// place is taken by the last counts that it fell to.
type memory []remembered

type remembered struct {
	both, less, more uint32 // less and more frequent side; both is 0 in an empty place
	p                float64
}

// memoryBits bounds the places of a memory to 8192, of 192 KiB: more would soon be
// slower to look up than p-values are to compute.
const memoryBits = 13

// newMemory returns a memory for the p-values of about n rules.
func newMemory(n int) memory {
	return make(memory, 1<<min(memoryBits, bits.Len(uint(n/8))))
}

// fisherP returns FisherP(c), of counts below 2³².
func (m memory) fisherP(c Counts) float64 {
	less, more := uint32(min(c.WithAntecedent, c.WithConsequent)), uint32(max(c.WithAntecedent, c.WithConsequent))
	both := uint32(c.Both)
	hash := uint64(both)*0x9e3779b97f4a7c15 + uint64(less)*0xc2b2ae3d27d4eb4f + uint64(more)*0x165667b19e3779f9
	r := &m[hash>>(64-memoryBits)&uint64(len(m)-1)]
	if r.both != both || r.less != less || r.more != more {
		*r = remembered{both: both, less: less, more: more, p: FisherP(c)}
	}
	return r.p
}
