package kernel

import "math"

// fma returns x·y + z rounded once to float32, as the instruction does.
//
// The product of two float32 is exact in float64, and rounding the sum to
// float64 and then to float32 differs from rounding once only if the float64 is
// exactly half way between two float32: its last 28 bits are then zero.
func fma(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	r := p + float64(z)
	if math.Float64bits(r)&0x0fffffff != 0 {
		return float32(r)
	}
	return fmaHalfway(p, float64(z), r)
}

// fmaHalfway rounds p+z to float32 where r, their sum in float64, may be a
// half-way case: r is first moved to the odd neighbour on the side of the exact
// sum, so that the tie is no tie.
//
//go:noinline
func fmaHalfway(p, z, r float64) float32 {
	t := r - p
	rest := (p - (r - t)) + (z - t) // r + rest = p + z exactly
	if rest == 0 || r == 0 || rest-rest != 0 {
		return float32(r)
	}
	b := math.Float64bits(r)
	if (rest > 0) == (r > 0) {
		b++
	} else {
		b--
	}
	return float32(math.Float64frombits(b))
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
