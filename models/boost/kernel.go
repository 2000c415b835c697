package boost

// A block is what one goroutine sums at a time. At 2¹⁴ rows the sums of 19-bit
// gradients and 17-bit hessians just fit one 64-bit word.
const blockRows = 1 << 14

const (
	hessianBits = 31 // of the packed word; the gradient has the other 33
	hessianMask = 1<<hessianBits - 1
)

// groupSize is the number of columns whose bins share a word.
const groupSize = 8

// entry is a sum of gradients and of hessians, in the units of its fixedPoint.
type entry struct{ g, h int64 }

// packedSums are the sums of one block for each bin of each column of a group,
// gradient and hessian in one word: a histogram costs a single addition per
// cell, where two sums would cost 1.4 times as much.
type packedSums [groupSize][256]uint64

// pairSums are the same with a word for each, for gradients whose range is too
// wide to be packed.
type pairSums [groupSize][256]entry

// add8 adds values[i] to the bins in words[i], of eight columns.
func (s *packedSums) add8(words, values []uint64) {
	values = values[:len(words)]
	for i, w := range words {
		v := values[i]
		s[0][uint8(w)] += v
		s[1][uint8(w>>8)] += v
		s[2][uint8(w>>16)] += v
		s[3][uint8(w>>24)] += v
		s[4][uint8(w>>32)] += v
		s[5][uint8(w>>40)] += v
		s[6][uint8(w>>48)] += v
		s[7][uint8(w>>56)] += v
	}
}

// add4 is add8 for a group of at most four columns.
func (s *packedSums) add4(words, values []uint64) {
	values = values[:len(words)]
	for i, w := range words {
		v := values[i]
		s[0][uint8(w)] += v
		s[1][uint8(w>>8)] += v
		s[2][uint8(w>>16)] += v
		s[3][uint8(w>>24)] += v
	}
}

// add adds fixed-point pairs to the bins of the first columns of a group.
func (s *pairSums) add(words, pairs []uint64, columns int) {
	pairs = pairs[:len(words)]
	for i, w := range words {
		g, h := unpackPair(pairs[i])
		for j := range columns {
			e := &s[j&7][uint8(w)]
			e.g += g
			e.h += h
			w >>= 8
		}
	}
}

// drain adds column j's sums to dst, whose last entry is that of the missing
// values, and clears them.
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
