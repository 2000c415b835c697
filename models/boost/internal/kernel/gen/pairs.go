package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fix writes the kernel that rounds float pairs to fixed-point ones.
func fix(magic, low operand.Mem) {
	TEXT("fixAVX2", NOSPLIT, "func(dst *uint64, stride int, pairs *uint64, n int, perG float64, perH float64, sums *int64)")
	Doc("fixAVX2 is Fix for n rows, a multiple of 4 above 0; stride is in bytes.")
	dst, stride := GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("stride"), stride)
	pairs := Load(Param("pairs"), GP64())
	n := Load(Param("n"), GP64())
	perG, perH := YMM(), YMM()
	VBROADCASTSD(Load(Param("perG"), XMM()), perG)
	VBROADCASTSD(Load(Param("perH"), XMM()), perH)
	sums := Load(Param("sums"), GP64())
	SHRQ(operand.Imm(2), n)
	magics, lows, sumG, sumH := YMM(), YMM(), zero(), zero()
	VMOVUPD(magic, magics)
	VMOVDQU(low, lows)

	Label("fixRows")
	first, second, g32, h32 := XMM(), XMM(), XMM(), XMM()
	VMOVUPS(operand.Mem{Base: pairs}, first)
	VMOVUPS(operand.Mem{Base: pairs, Disp: 16}, second)
	VSHUFPS(operand.Imm(0xdd), second, first, g32)
	VSHUFPS(operand.Imm(0x88), second, first, h32)
	g, h, part := YMM(), YMM(), YMM()
	VCVTPS2PD(g32, g)
	VCVTPS2PD(h32, h)
	VMULPD(perG, g, g)
	VMULPD(perH, h, h)
	VADDPD(magics, g, g)
	VADDPD(magics, h, h)
	VPABSD(g, part)
	VPAND(lows, part, part)
	VPADDQ(part, sumG, sumG)
	VPAND(lows, h, part)
	VPADDQ(part, sumH, sumH)
	VPSLLQ(operand.Imm(32), g, g)
	VPOR(part, g, g)
	VMOVDQU(g, operand.Mem{Base: pairs})
	half := XMM()
	VEXTRACTF128(operand.Imm(1), g, half)
	scatter(dst, stride, g.AsX())
	scatter(dst, stride, half)
	ADDQ(operand.Imm(32), pairs)
	DECQ(n)
	JNZ(operand.LabelRef("fixRows"))
	storeSums(sums, sumG, sumH)
}

// scatter stores the two words of v at dst and one stride on, and moves dst past
// them.
func scatter(dst, stride reg.GPVirtual, v reg.Register) {
	VMOVLPD(v, operand.Mem{Base: dst})
	VMOVHPD(v, operand.Mem{Base: dst, Index: stride, Scale: 1})
	LEAQ(operand.Mem{Base: dst, Index: stride, Scale: 2}, dst)
}

func zero() reg.VecVirtual {
	v := YMM()
	VPXOR(v, v, v)
	return v
}

// storeSums stores four partial sums each of g and h, and returns.
func storeSums(sums reg.Register, g, h reg.VecVirtual) {
	VMOVDQU(g, operand.Mem{Base: sums})
	VMOVDQU(h, operand.Mem{Base: sums, Disp: 32})
	VZEROUPPER()
	RET()
}

// pack writes the kernel that sums pairs and rounds them to packed words.
func pack(low, sign operand.Mem) {
	TEXT("packAVX2", NOSPLIT, "func(pairs *uint64, n int, sums *int64)")
	Doc("packAVX2 is Pack for n rows, a multiple of 4 above 0; the sums of g are too large by 2³¹ a row.")
	pairs := Load(Param("pairs"), GP64())
	n := Load(Param("n"), GP64())
	sums := Load(Param("sums"), GP64())
	SHRQ(operand.Imm(2), n)
	lows, signs, tops, halves := YMM(), YMM(), YMM(), YMM()
	VMOVDQU(low, lows)
	VMOVDQU(sign, signs)
	VPSRLQ(operand.Imm(32), signs, tops)
	VMOVDQU(everywhere("packHalves", 1<<(12-1+32)|1<<(14-1)), halves)
	sumG, sumH := zero(), zero()

	Label("packRows")
	v, part := YMM(), YMM()
	VMOVDQU(operand.Mem{Base: pairs}, v)
	VPSRLQ(operand.Imm(32), v, part)
	VPXOR(tops, part, part)
	VPADDQ(part, sumG, sumG)
	VPAND(lows, v, part)
	VPADDQ(part, sumH, sumH)
	g, h, top := YMM(), YMM(), YMM()
	VPADDD(halves, v, v)
	VPSRAD(operand.Imm(12), v, g)
	VPSRLD(operand.Imm(14), v, h)
	VPAND(lows, h, h)
	VPANDN(g, lows, g) // g·2³²
	VPAND(signs, g, top)
	VPSRLQ(operand.Imm(1), g, g)
	VPOR(top, g, g)
	VPOR(h, g, g)
	VMOVDQU(g, operand.Mem{Base: pairs})
	ADDQ(operand.Imm(32), pairs)
	DECQ(n)
	JNZ(operand.LabelRef("packRows"))
	storeSums(sums, sumG, sumH)
}

// gather writes the kernel that copies four words of each row to four places.
func gather() {
	TEXT("gather4AVX2", NOSPLIT, "func(a *uint64, b *uint64, c *uint64, d *uint64, data *uint64, rows *uint32, n int, stride int)")
	Doc("gather4AVX2 is Gather4 for n rows, a multiple of 4 above 0; stride is in bytes.")
	var to [4]reg.Register
	for i, name := range []string{"a", "b", "c", "d"} {
		to[i] = Load(Param(name), GP64())
	}
	data := Load(Param("data"), GP64())
	rows := Load(Param("rows"), GP64())
	n := Load(Param("n"), GP64())
	stride := Load(Param("stride"), GP64())
	done := GP64()
	XORQ(done, done)

	Label("gatherRows")
	var v, w [4]reg.VecVirtual
	for i := range v {
		at := GP64()
		MOVL(operand.Mem{Base: rows, Index: done, Scale: 4, Disp: 4 * i}, at.As32())
		IMULQ(stride, at)
		v[i], w[i] = YMM(), YMM()
		VMOVDQU(operand.Mem{Base: data, Index: at, Scale: 1}, v[i])
	}
	VPUNPCKLQDQ(v[1], v[0], w[0]) // words 0 and 2 of rows 0 and 1
	VPUNPCKHQDQ(v[1], v[0], w[1])
	VPUNPCKLQDQ(v[3], v[2], w[2])
	VPUNPCKHQDQ(v[3], v[2], w[3])
	for i, half := range []uint64{0x20, 0x20, 0x31, 0x31} {
		out := YMM()
		VPERM2I128(operand.Imm(half), w[i%2+2], w[i%2], out)
		VMOVDQU(out, operand.Mem{Base: to[i], Index: done, Scale: 8})
	}
	ADDQ(operand.Imm(4), done)
	CMPQ(done, n)
	JLT(operand.LabelRef("gatherRows"))
	VZEROUPPER()
	RET()
}
