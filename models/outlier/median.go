package outlier

import (
	"context"
	"math"
)

// sample is the input of a median: the values without NaNs, or their distances
// from a centre.
type sample struct {
	values   []float32
	distance bool
	centre   float64
}

// key maps value v to a key of the order wanted. Negative zero is zero.
func (s *sample) key(v float32) uint64 {
	f := float64(v) + 0
	if s.distance {
		f = math.Abs(f - s.centre)
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

func fromKey(key uint64) float64 {
	if key>>63 == 1 {
		return math.Float64frombits(key &^ (1 << 63))
	}
	return math.Float64frombits(^key)
}

// median returns the middle one, or the mean of the middle two, and NaN of
// nothing.
//
// The lower middle is found by counting 16 bits of the keys at a time from the
// top, each time only among keys that agree in the bits so far. The four passes
// move nothing and can be interrupted, unlike a sort of a copy. A fifth pass
// finds the next value above where two values are in the middle.
func (s *sample) median(ctx context.Context) (float64, error) {
	n := 0
	for _, v := range s.values {
		if v == v {
			n++
		}
	}
	if n == 0 {
		return math.NaN(), nil
	}
	var prefix uint64
	k, same := (n-1)/2, n // of the keys that agree so far, the k-th is sought
	counts := make([]int, 1<<16)
	for shift := 48; shift >= 0; shift -= 16 {
		clear(counts)
		if err := s.count(ctx, counts, prefix, shift); err != nil {
			return 0, err
		}
		digit := 0
		for k >= counts[digit] {
			k -= counts[digit]
			digit++
		}
		prefix, same = prefix<<16|uint64(digit), counts[digit]
	}
	low := fromKey(prefix)
	if n%2 == 1 || k+1 < same {
		return low, nil
	}
	high, err := s.above(ctx, prefix)
	return low + (high-low)/2, err
}

// lookEvery is the number of values between two looks at the context.
const lookEvery = 1 << 16

// count counts the 16 bits above shift of the keys whose higher bits are
// prefix.
func (s *sample) count(ctx context.Context, counts []int, prefix uint64, shift int) error {
	for from := 0; from < len(s.values); from += lookEvery {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, v := range s.values[from:min(len(s.values), from+lookEvery)] {
			if v != v {
				continue
			}
			if key := s.key(v); shift == 48 || key>>(shift+16) == prefix {
				counts[uint16(key>>shift)]++
			}
		}
	}
	return nil
}

// above returns the least value whose key is greater.
func (s *sample) above(ctx context.Context, key uint64) (float64, error) {
	least := uint64(math.MaxUint64)
	for from := 0; from < len(s.values); from += lookEvery {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for _, v := range s.values[from:min(len(s.values), from+lookEvery)] {
			if v != v {
				continue
			}
			if k := s.key(v); k > key {
				least = min(least, k)
			}
		}
	}
	return fromKey(least), nil
}
