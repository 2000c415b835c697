package itemset

// factorials are logarithms of factorials met before, in the units of log2Factorial.
// Rules have few different counts, of single sets and of what two of these differ by:
// of 31,000 factorials for the rules of a shop, 2,500 differ.
type factorials struct {
	baskets int
	all     uint64   // of the baskets
	few     []uint64 // by number; 0 where not met yet
	most    []uint64 // by what the number lacks of the baskets
}

// newFactorials returns the factorials for the p-values of rules with the given
// number of baskets. It remembers those of the numbers below remembered, and of those
// that the baskets exceed by as little.
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
