package boost

import "math"

// lookup finds the bin of a value among at most 255 rising bounds.
type lookup struct {
	bounds [256]int64 // as sort keys, padded with one above any number's
}

// newLookup keeps the bounds, except a last bound of math.MaxFloat32, which
// every number passes.
func newLookup(bounds []float32) *lookup {
	l := new(lookup)
	for i := range l.bounds {
		l.bounds[i] = math.MaxUint32
		if i < len(bounds) && bounds[i] < math.MaxFloat32 {
			l.bounds[i] = int64(sortKey(bounds[i]))
		}
	}
	return l
}

// bin returns the number of bounds below v, or missingBin for a NaN. The search
// takes eight steps without a branch, since a mispredicted one costs more than
// all eight: a negative difference becomes a mask.
func (l *lookup) bin(v float32) uint8 {
	bits := math.Float32bits(v)
	key := int64(sortKeyOfBits(bits))
	b := (l.bounds[127] - key) >> 63 & 128
	b |= (l.bounds[(b+63)&255] - key) >> 63 & 64
	b |= (l.bounds[(b+31)&255] - key) >> 63 & 32
	b |= (l.bounds[(b+15)&255] - key) >> 63 & 16
	b |= (l.bounds[(b+7)&255] - key) >> 63 & 8
	b |= (l.bounds[(b+3)&255] - key) >> 63 & 4
	b |= (l.bounds[(b+1)&255] - key) >> 63 & 2
	b |= (l.bounds[b&255] - key) >> 63 & 1
	const infinity = 0xff000000 // its bits without the sign, doubled
	b |= (infinity - int64(bits<<1)) >> 63 & missingBin
	return uint8(b)
}

// sortKey maps numbers to integers in the same order; −0 is 0.
func sortKey(v float32) uint32 {
	if v == 0 {
		v = 0
	}
	return sortKeyOfBits(math.Float32bits(v))
}

func sortKeyOfBits(b uint32) uint32 {
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

func fromSortKey(k uint32) float32 {
	if k>>31 == 1 {
		return math.Float32frombits(k &^ (1 << 31))
	}
	return math.Float32frombits(^k)
}
