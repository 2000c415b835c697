package itemset

import (
	"math"
	"math/bits"
)

// mostFactorial is the highest number whose factorial log2Factorial knows.
const mostFactorial = 1 << 17

// factorialBits is the number of fractional bits in the logarithm of a factorial.
// The bits before the point wrap: a result must be within ±2¹⁷. The logarithms of
// the probabilities of tables of mostFactorial baskets are within: the least
// probability is above 2 to the power of minus the baskets.
const factorialBits = 46

// log2Factorial returns log₂ m!, m ≤ mostFactorial, in units of 2⁻⁴⁶, within 2 of
// them, by Stirling:
//
//	ln m! = (m+½)·ln(m/e) + ½·(1 + ln 2π) + δ(m)
//
// In fixed point, a sum of such numbers that nearly cancel loses no digits.
func log2Factorial(m uint32) uint64 {
	if m == 0 {
		return 0
	}
	const (
		eTop, eRest = 1, 0x71547652b82fe177 // log₂ e, the rest in units of 2⁻⁶⁴
		half        = 0x83039d3388c2        // ½·log₂(2πe), in units of the result
	)
	power, rest := log2(m)
	rest, borrow := bits.Sub64(rest, eRest, 0)
	high, low := bits.Mul64(uint64(2*m+1), rest)
	high += uint64(2*m+1) * (power - eTop - borrow)
	return high<<(factorialBits-1) + low>>(65-factorialBits) + half + uint64(stirling(float64(m))*(math.Log2E*(1<<factorialBits)))
}

// log2 returns log₂ m, 0 < m < 2¹⁸: the whole part, and the rest in units of 2⁻⁶⁴,
// within 2 of them.
//
// m is 2ᵏ·(1+z), 0 ≤ z < 1, and the highest 7 bits of z tell a c of 12 bits behind
// the point, just not below 1/(1+z):
//
//	log₂ m = k − log₂ c + log₂(1+r), r = (1+z)·c − 1, 0 ≤ r < 2⁻⁷ + 2⁻¹¹
//
// Of log₂(1+r), the first term of the series is computed in integers.
func log2(m uint32) (whole, rest uint64) {
	k := bits.Len32(m) - 1
	t := &log2Table[m<<(31-k)>>24&0x7f]
	r := uint64(m)<<(17-k)*t.c - 1<<29                // in units of 2⁻²⁹, exactly
	first, _ := bits.Mul64(r<<36, 0xb8aa3b295c17f0bc) // r·log₂ e
	z := float64(r) * 0x1p-29
	s := float64(z * z)
	p := -1.0/2 + float64(z*(1.0/3)) + float64(s*(-1.0/4+float64(z*(1.0/5))+float64(s*(-1.0/6+float64(z*(1.0/7))-float64(s*(1.0/8))))))
	return uint64(k), t.rest + first + uint64(int64(float64(s*(math.Log2E*0x1p64))*p))
}

// log2Table holds, for 128 parts of [1,2), the least c, in units of 2⁻¹², that is
// not below the reciprocal of where the part begins, and −log₂ c.
var log2Table = makeLog2Table()

func makeLog2Table() (table [128]struct{ c, rest uint64 }) {
	for i := range table {
		table[i].c, table[i].rest = (1<<19+128+uint64(i)-1)/(128+uint64(i)), log2Rests[i]
	}
	return table
}

// exp2 returns 2 to the power of x, in units of 2⁻⁴⁶, x < 2⁹, and 0 where that is
// below 10⁻³⁰⁴. The relative error is below 4·10⁻¹⁶.
func exp2(x int64) float64 {
	const (
		least = -1010 << factorialBits
		below = factorialBits - expBits // bits of x beyond the table's
	)
	if x < least {
		return 0
	}
	r := float64(x&(1<<below-1)) * (math.Ln2 / (1 << factorialBits))
	p := r + float64(float64(r*r)*(1.0/2+float64(r*(1.0/6+float64(r*(1.0/24+float64(r*(1.0/120))))))))
	t := expTable[x>>below&(1<<expBits-1)]
	return math.Float64frombits(math.Float64bits(t+float64(t*p)) + uint64(x>>factorialBits)<<52)
}

// log2Rests holds −log₂ c for the table, in units of 2⁻⁶⁴, as computed to 600 bits.
var log2Rests = [128]uint64{
	0x0000000000000000, 0x02ce4c60cc7f9592, 0x05b9894c5eaa7e1d, 0x087b79f237ca2b57, 0x0b5a8714bd7e6703, 0x0e0f5e56d7b9e4b0,
	0x10e17bc6612983d3, 0x13a0cf56a06c4aa4, 0x164ce26c067156b4, 0x1916a59b80a2353e, 0x1bb4102f925393c6, 0x1e6f50c2d9f753de,
	0x2116871ca2f51884, 0x23a93a6b3b90a2a0, 0x26408cc40a3d07d0, 0x28dc8edea136bb17, 0x2b7d51cdedacb2a9, 0x2e08c0638f3f097c,
	0x307e6099b8b54d72, 0x3312ba14e65f2ca8, 0x359107fa1e2e697c, 0x3813ac8a8d6aa780, 0x3a7faa87495ab8f5, 0x3cefc02ab15633ac,
	0x3f63fb60e977edaa, 0x41dc6a5d9b8ef0ba, 0x443d561556b50e7d, 0x46a2344026b3245c, 0x490b120d700c17fb, 0x4b5bad0548c93d74,
	0x4db004d972352e48, 0x500825af9207b340, 0x52641be8e5a83722, 0x54a6eb7ed2993f6b, 0x56ed4bc76f71c92c, 0x59374812f5af2f70,
	0x5b84ebe7ce851b1f, 0x5db88194067426e2, 0x5fef786bd888fb78, 0x6229dadf9527164b, 0x6467b39035223510, 0x668a93bbae520d56,
	0x68b0a2635e0b3d10, 0x6ad9e90f90d5789f, 0x6d067173aaf76519, 0x6f36456f2dbec70e, 0x714a0f10ee246959, 0x7380684bd763447d,
	0x759a6cdac1a7df63, 0x77979b63840ee700, 0x79b7a2588884c711, 0x7bdacf4d112166b6, 0x7de0b51ca495c305, 0x7fe975273b98096f,
	0x81f517837b55e2bc, 0x8403a46aa15b8c3b, 0x85f3f5f5967d0c27, 0x880841358c3d4793, 0x89fe04473fef5313, 0x8bf674aaafeb9055,
	0x8df199b9f586f697, 0x8fcd670c3173f88e, 0x91cddc901de619a3, 0x93d11d02d43961d4, 0x95b48fc472d95dee, 0x979a7e9af3415156,
	0x9982f018cadbc3ac, 0x9b6deaeaa4fff1c9, 0x9d5b75d7ef0c87be, 0x9f28117d9d074c15, 0xa11aa14eb954eea2, 0xa2ebf23aef2b2839,
	0xa4bf904d4d843155, 0xa69581611f525df8, 0xa86dcb6827551a6c, 0xaa48746b1399dc2f, 0xac00ba5053860a04, 0xade003e603b7910c,
	0xaf9c99ee58905105, 0xb1809b6984510d01, 0xb341976dbda970cf, 0xb504b7de69c070f5, 0xb6ca01fdbb51861c, 0xb8917b2159b00495,
	0xba34ef359c692e4e, 0xbc00a6fe06138f6f, 0xbdce9dcc961871a7, 0xbf781356051739ec, 0xc12375353003554e, 0xc2d0c7e2b5d6c8f1,
	0xc4a75e0325724dbe, 0xc63151d9e901bc1c, 0xc7e492644d64237e, 0xc999d63f12e2e6a9, 0xcb5122341a04f11c, 0xcce245f1031e41fa,
	0xce9d805cd1275f64, 0xd0323f461df42dae, 0xd1f17a5621fb01ac, 0xd389e52b838d753b, 0xd524159ae54e754a, 0xd6c00f983d503d7c,
	0xd85dd724caeb3820, 0xd9fd704f528b961c, 0xdb9edf345ad0dd83, 0xdd1824dea7ed89d3, 0xdebd1bc5b40b1856, 0xe03995f0f4ff5b70,
	0xe1e22446ef0ffd18, 0xe361e102a4094ac2, 0xe50e169a678169ff, 0xe6912453639a9d63, 0xe815c95814ec8cfb, 0xe99c090536ece983,
	0xeb23e6c238d710b0, 0xecad66016b4850cc, 0xee388a402ed02a39, 0xefc55707237ab3b8, 0xf12774574f862838, 0xf2b76ccfda5e9366,
	0xf41c6168256455aa, 0xf5af92a5d45f8318, 0xf7176a49cbc09d3d, 0xf8ade1b1b9cbe286, 0xfa18a86e94f40c41, 0xfb84d4e1b2f18381,
	0xfcf269cf3e098f38, 0xfe616a039f9c7191,
}
