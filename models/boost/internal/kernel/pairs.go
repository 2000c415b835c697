package kernel

import "math"

// A pair is a gradient above and a hessian below, 32 bits each, in one word: two
// float32, or two integers (fixed point). A packed word is the sum of a gradient,
// rounded by ShiftG bits and moved up by HessianBits, and of a hessian, rounded by
// ShiftH bits.
const (
	ShiftG      = 12
	ShiftH      = 14
	HessianBits = 31
)

// Fix turns float pairs into fixed-point ones, perG and perH units to 1, writes
// them to every stride-th word of dst as well, and returns the sums of |g| and h.
// The inputs must satisfy |g| < 2³¹ and 0 ≤ h < 2³¹; otherwise the pairs are
// invalid.
func Fix(dst []uint64, stride int, pairs []uint64, perG, perH float64) (sumG, sumH int64) {
	n, sumG, sumH := fixFast(dst, stride, pairs, perG, perH)
	for i, v := range pairs[n:] {
		g := round32(float64(math.Float32frombits(uint32(v>>32))) * perG)
		h := round32(float64(math.Float32frombits(uint32(v))) * perH)
		v = uint64(uint32(g))<<32 | uint64(uint32(h))
		pairs[n+i], dst[(n+i)*stride] = v, v
		sumG += int64(max(g, -g))
		sumH += int64(h)
	}
	return sumG, sumH
}

// round32 returns the integer next to v, for |v| < 2³¹: a sum of that size has
// no bits left for a fraction, and ends in the bits of the integer.
func round32(v float64) int32 {
	const magic = 1.5 * (1 << 52)
	return int32(uint32(math.Float64bits(float64(v) + magic)))
}

// Pack turns fixed-point pairs into packed words and returns the sums of the
// pairs. It wants |g| < 2³¹ − 2¹² and 0 ≤ h < 2³¹ − 2¹⁴.
func Pack(pairs []uint64) (sumG, sumH int64) {
	n, sumG, sumH := packFast(pairs)
	for i, v := range pairs[n:] {
		g, h := int64(v)>>32, int64(uint32(v))
		sumG += g
		sumH += h
		g = (g + 1<<(ShiftG-1)) >> ShiftG
		h = (h + 1<<(ShiftH-1)) >> ShiftH
		pairs[n+i] = uint64(g<<HessianBits) + uint64(h)
	}
	return sumG, sumH
}

// Gather4 sets a to d to the first four words of each row; row r of data starts
// at r·stride. a to d have as many words as there are rows.
func Gather4(a, b, c, d, data []uint64, rows []uint32, stride int) {
	a, b, c, d = a[:len(rows)], b[:len(rows)], c[:len(rows)], d[:len(rows)]
	n := gather4Fast(a, b, c, d, data, rows, stride)
	for i, r := range rows[n:] {
		w := (*[4]uint64)(data[int(r)*stride:])
		a[n+i], b[n+i], c[n+i], d[n+i] = w[0], w[1], w[2], w[3]
	}
}
