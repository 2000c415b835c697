package boost

import (
	"math"

	"github.com/quintile-dev/quintile/models/boost/internal/kernel"
)

// The gradient g and the hessian h of a row are kept as a pair of 32-bit
// integers in one word, in units that are powers of two:
//
//	g ≈ g′·2^a, |g′| ≤ 2³⁰ − 2¹²    h ≈ h′·2^b, 0 ≤ h′ ≤ 2³¹ − 2¹⁴
//
// Sums of such integers are exact, so the sums of a child equal the sums of the
// parent less those of the sibling, to the bit, and leaf values carry 30 bits.
// Histograms round the integers further, to 19 and 17 bits, where the loss does
// not matter.
const (
	largestG     = 1<<30 - 1<<12
	largestH     = 1<<31 - 1<<14
	packedShiftG = kernel.ShiftG
	packedShiftH = kernel.ShiftH
)

// fixedPoint gives the meaning of the integers of one round.
type fixedPoint struct {
	unitG, unitH float64 // value of 1 in a row's pair
	packed       bool    // histograms use the rounded values
	histG, histH float64 // value of 1 in a histogram
	mostH        int64   // the largest hessian of a row, in histogram units
}

func pair(g, h int32) uint64 { return uint64(uint32(g))<<32 | uint64(uint32(h)) }

func unpackPair(v uint64) (g, h int64) { return int64(v) >> 32, int64(uint32(v)) }

// A row's gradient and hessian start as two float32 in the same word.
func floatPair(g, h float64) uint64 {
	return uint64(math.Float32bits(float32(g)))<<32 | uint64(math.Float32bits(float32(h)))
}

func unpackFloats(v uint64) (g, h float64) {
	return float64(math.Float32frombits(uint32(v >> 32))), float64(math.Float32frombits(uint32(v)))
}

// extent is the input for the choice of units: the largest absolute gradient,
// and the largest and least hessian, as the bits of float32. Numbers from 0 are
// ordered like their bits, and bits are faster to compare.
type extent struct {
	mostG, mostH, leastH uint32
}

const infinityBits = 0x7f800000

// noExtent is the extent of no row.
func noExtent() extent { return extent{leastH: infinityBits} }

// cover widens e to hold a float pair.
func (e *extent) cover(v uint64) {
	h := uint32(v)
	e.mostG = max(e.mostG, uint32(v>>32)&^(1<<31))
	e.mostH = max(e.mostH, h)
	e.leastH = min(e.leastH, h)
}

func (e *extent) merge(o extent) {
	e.mostG = max(e.mostG, o.mostG)
	e.mostH = max(e.mostH, o.mostH)
	e.leastH = min(e.leastH, o.leastH)
}

// constantH reports whether all hessians are equal, and not 0.
func (e *extent) constantH() bool { return e.leastH == e.mostH && e.mostH > 0 }

// overflows reports whether some gradient or hessian is no finite float32.
func (e *extent) overflows() bool {
	return e.mostG >= infinityBits || e.mostH >= infinityBits
}

// unitFor returns the smallest power of two u with most ≤ u·limit.
func unitFor(most, limit float64) float64 {
	if most == 0 {
		return 1
	}
	frac, exp := math.Frexp(most / limit) // in [½,1)
	if frac == 0.5 {
		exp--
	}
	return math.Ldexp(1, exp)
}

// A histogram may use the packed form if the means of |g| and of h are worth at
// least this many of its units: even if no rounding error cancelled another, all
// errors together would be 0.2 % of the sum.
const leastMeanUnits = 256

// unitsFor returns the units for gradients of an extent.
func unitsFor(e extent) fixedPoint {
	mostG, mostH := float64(math.Float32frombits(e.mostG)), float64(math.Float32frombits(e.mostH))
	f := fixedPoint{unitG: unitFor(mostG, largestG), unitH: unitFor(mostH, largestH)}
	if e.constantH() {
		f.unitH = mostH / (1 << packedShiftH) // a row counts 1 in a packed histogram
	}
	return f
}

// settle completes f, whose units are set, from the findings about n rows.
func (f *fixedPoint) settle(d derivation, n int) {
	least := leastMeanUnits * int64(n)
	f.packed = d.sizes.g>>packedShiftG >= least && (d.extent.constantH() || d.sizes.h>>packedShiftH >= least)
	mostH := float64(math.Float32frombits(d.extent.mostH))
	f.histG, f.histH, f.mostH = f.unitG, f.unitH, int64(math.RoundToEven(mostH/f.unitH))
	if f.packed {
		f.histG *= 1 << packedShiftG
		f.histH *= 1 << packedShiftH
		f.mostH = (f.mostH + 1<<(packedShiftH-1)) >> packedShiftH
	}
}

// blocks returns the number of blocks that n rows make, and block the t-th of s.
func blocks(n int) int { return (n + blockRows - 1) / blockRows }

func block[T any](s []T, t int) []T {
	return s[t*blockRows : min(len(s), (t+1)*blockRows)]
}
