package boost

import "github.com/quintile-dev/quintile/models/boost/internal/kernel"

// A block is the number of rows that a goroutine sums at a time. At 2¹⁴ rows
// the sums of 19-bit gradients and 17-bit hessians just fit one 64-bit word.
const blockRows = 1 << 14

const (
	hessianBits = kernel.HessianBits // of the packed word; the gradient has the other 33
	hessianMask = 1<<hessianBits - 1
)

// groupSize is the number of columns whose bins share a word.
const groupSize = kernel.Columns

// entry is a sum of gradients and of hessians, in the units of its fixedPoint.
type entry struct{ g, h int64 }

// packedSums are the sums of one block for each bin of each column of a group,
// gradient and hessian in one word: a histogram costs a single addition per
// cell, and two separate sums would cost 1.4 times as much.
type packedSums kernel.Sums

// pairSums are the same with a word for each, for gradients whose range is too
// wide to be packed.
type pairSums [groupSize][256]entry

// add adds fixed-point pairs to the bins of the first columns of a group.
func (s *pairSums) add(words []uint64, stride int, pairs []uint64, columns int) {
	for i, v := range pairs {
		w := words[i*stride]
		g, h := unpackPair(v)
		for j := range columns {
			e := &s[j&7][uint8(w)]
			e.g += g
			e.h += h
			w >>= 8
		}
	}
}

// drain adds column j's sums to dst, with the missing values in the last entry
// of dst, and clears the sums.
func (s *packedSums) drain(j int, dst []entry) {
	last := len(dst) - 1
	for b := range last {
		dst[b].addPacked(s[j][uint8(b)])
	}
	dst[last].addPacked(s[j][missingBin])
	s[j] = [256]uint64{}
}

func (e *entry) addPacked(v uint64) {
	e.g += int64(v) >> hessianBits
	e.h += int64(v & hessianMask)
}

// drain is the same for pairs.
func (s *pairSums) drain(j int, dst []entry) {
	last := len(dst) - 1
	for b := range last {
		dst[b].add(s[j][uint8(b)])
	}
	dst[last].add(s[j][missingBin])
	s[j] = [256]entry{}
}

func (e *entry) add(o entry) {
	e.g += o.g
	e.h += o.h
}
