// Command gen writes the AVX2 kernels of package narrow. Run it with "go generate"
// in that package; it is a module of its own so that the project does not depend
// on the generator.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	whole()
	hundredths()
	Generate()
}

// all returns a vector of four times the same float.
func all(v float64) reg.VecVirtual {
	bits, x, y := GP64(), XMM(), YMM()
	MOVQ(operand.U64(math.Float64bits(v)), bits)
	VMOVQ(bits, x)
	VPBROADCASTQ(x, y)
	return y
}

// fits returns a mask of the values that come back as they were and are not what
// stands for NaN, or are NaN.
func fits(value, back, none reg.VecVirtual) reg.VecVirtual {
	same, not, nan := YMM(), YMM(), YMM()
	VPCMPEQQ(back, value, same) // tells the zeros apart
	VPCMPEQQ(none, value, not)
	VPANDN(same, not, same)
	VCMPPD(operand.Imm(3), value, value, nan)
	VPOR(nan, same, same)
	return same
}

// step moves on where every value of the mask fits.
func step(mask reg.VecVirtual, want uint64, store func(), values, dst, done, steps reg.GPVirtual, read, wrote uint64) {
	all := GP32()
	VMOVMSKPD(mask, all)
	CMPL(all, operand.Imm(want))
	JNE(operand.LabelRef("out"))
	store()
	ADDQ(operand.Imm(read), values)
	ADDQ(operand.Imm(wrote), dst)
	INCQ(done)
	CMPQ(done, steps)
	JB(operand.LabelRef("step"))
	Label("out")
	VZEROUPPER()
	Store(done, ReturnIndex(0))
	RET()
}

func whole() {
	TEXT("wholeAVX2", NOSPLIT, "func(dst *int16, values *float64, eights int) (done int)")
	Doc("wholeAVX2 packs so many times eight values; it stops at the first eight of which one does not fit.")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	values := Load(Param("values"), GP64()).(reg.GPVirtual)
	eights := Load(Param("eights"), GP64()).(reg.GPVirtual)
	none := all(math.MinInt16)
	done := GP64()
	XORQ(done, done)

	Label("step")
	low, high, x, upper := YMM(), YMM(), XMM(), XMM()
	VMOVUPD(operand.Mem{Base: values}, low)
	VMOVUPD(operand.Mem{Base: values, Disp: 32}, high)
	VCVTPD2DQY(low, x)
	VCVTPD2DQY(high, upper)
	VPACKSSDW(upper, x, x)
	wide, back := YMM(), YMM()
	VPMOVSXWD(x, wide)
	VCVTDQ2PD(wide.AsX(), back)
	lowFits := fits(low, back, none)
	VEXTRACTI128(operand.Imm(1), wide, upper)
	VCVTDQ2PD(upper, back)
	mask := fits(high, back, none)
	VPAND(lowFits, mask, mask)
	step(mask, 15, func() { VMOVDQU(x, operand.Mem{Base: dst}) }, values, dst, done, eights, 64, 16)
}

func hundredths() {
	TEXT("hundredthsAVX2", NOSPLIT, "func(dst *int32, values *float64, quads int) (done int)")
	Doc("hundredthsAVX2 packs so many times four values; it stops at the first four of which one does not fit.")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	values := Load(Param("values"), GP64()).(reg.GPVirtual)
	quads := Load(Param("quads"), GP64()).(reg.GPVirtual)
	hundred, none := all(100), all(math.MinInt32/100.0)
	done := GP64()
	XORQ(done, done)

	Label("step")
	value, scaled, x, back := YMM(), YMM(), XMM(), YMM()
	VMOVUPD(operand.Mem{Base: values}, value)
	VMULPD(hundred, value, scaled)
	VCVTPD2DQY(scaled, x)
	VCVTDQ2PD(x, back)
	VDIVPD(hundred, back, back)
	mask := fits(value, back, none)
	step(mask, 15, func() { VMOVDQU(x, operand.Mem{Base: dst}) }, values, dst, done, quads, 32, 16)
}
