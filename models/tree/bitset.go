package tree

import (
	"iter"
	"math/bits"
)

// bitset is a set of bins.
type bitset [4]uint64

func (b *bitset) add(bin int)      { b[bin>>6] |= 1 << (bin & 63) }
func (b *bitset) has(bin int) bool { return b[bin>>6]>>(bin&63)&1 != 0 }

// all yields the bins in b in ascending order.
func (b *bitset) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}
