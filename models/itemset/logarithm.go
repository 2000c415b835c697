package itemset

import "math"

// ln returns the logarithm of v + d, where v > 0 is neither tiny nor infinite and d,
// below an ulp of v, holds the digits that v cannot hold near 1. The relative error
// is below 4·10⁻¹⁶.
//
// v is 2ᵏ·m with m in [0.6875,1.375), where the table has a c near 1/m:
//
//	ln(v) = k·ln 2 − ln(c) + ln(1+r), r = m·c − 1, |r| ≤ 2⁻⁷
//
// c is 1 around v = 1, so that nothing cancels there. ln takes a third of the time
// of math.Log1p and returns the same bits on every processor.
func ln(v, d float64) float64 {
	bits := math.Float64bits(v)
	offset := bits - lnFrom
	t := &lnTable[offset>>(52-lnBits)%(1<<lnBits)]
	k := float64(int64(offset) >> 52)
	down := offset & (0xfff << 52) // 2⁻ᵏ, as bits to be taken off
	r := math.FMA(math.Float64frombits(bits-down), t.c, -1) + float64(d*float64(t.c*math.Float64frombits(1023<<52-down)))
	s := float64(r * r)
	p := s * (-1.0/2 + float64(r*(1.0/3)) + float64(s*(-1.0/4+float64(r*(1.0/5))+float64(s*(-1.0/6+float64(r*(1.0/7))-float64(s*(1.0/8)))))))
	w := float64(k*ln2Top) + t.ln
	high := w + r
	return high + (w - high + r + float64(k*ln2Rest) + p)
}

// ln 2, cut after 32 digits, so that multiples of the first part are exact up to 2²¹.
const (
	ln2Top  = 0x1.62e42feep-1
	ln2Rest = 0x1.a39ef35793c76p-33
)

const (
	lnBits = 7
	lnFrom = 0x3fe6 << 48 // the bits of 0.6875
)

// lnTable holds, for each part of [0.6875,1.375), a c near the reciprocals of its
// numbers, and −ln(c).
var lnTable = makeLnTable()

func makeLnTable() (table [1 << lnBits]struct{ c, ln float64 }) {
	for i := range table {
		from := math.Float64frombits(lnFrom + uint64(i)<<(52-lnBits))
		to := math.Float64frombits(lnFrom + uint64(i+1)<<(52-lnBits))
		c := math.Round(2/(from+to)*(1<<20)) / (1 << 20) // few digits: 1 ± c are exact
		if from == 1 || to == 1 {
			c = 1
		}
		// ln(1/c) = 2·artanh(z) = 2·(z + z³/3 + z⁵/5 + …), z = (1−c)/(1+c), |z| < 0.2.
		z := (1 - c) / (1 + c)
		sum := 0.0
		for power := 25; power >= 3; power -= 2 {
			sum = float64(sum*float64(z*z)) + 1/float64(power)
		}
		table[i].c, table[i].ln = c, 2*(z+float64(z*float64(float64(z*z)*sum)))
	}
	return table
}

// exp returns eˣ for x ≤ 0, and 0 where that is below 10⁻³⁰⁴. The relative error is
// below 4·10⁻¹⁶.
//
//	eˣ = 2ᵏ·2^(i/128)·eʳ, 128·k + i = round(x·128/ln 2), |r| ≤ ln 2/256
func exp(x float64) float64 {
	const (
		parts = 1 << expBits
		top   = ln2Top / parts
		rest  = ln2Rest / parts
	)
	if x < -700 {
		return 0
	}
	n := int64(x*(parts/math.Ln2) - 0.5) // towards 0, which rounds where x < 0
	r := x - float64(float64(n)*top) - float64(float64(n)*rest)
	p := r + float64(float64(r*r)*(1.0/2+float64(r*(1.0/6+float64(r*(1.0/24+float64(r*(1.0/120))))))))
	t := expTable[n&(parts-1)]
	return math.Float64frombits(math.Float64bits(t+float64(t*p)) + uint64(n>>expBits)<<52)
}

const expBits = 7

// expTable holds 2^(i/128).
var expTable = makeExpTable()

func makeExpTable() (table [1 << expBits]float64) {
	for i := range table {
		x, sum := float64(i)*(math.Ln2/(1<<expBits)), 0.0
		for power := 20; power > 0; power-- {
			sum = float64(x/float64(power)) * (1 + sum)
		}
		table[i] = 1 + sum
	}
	return table
}
