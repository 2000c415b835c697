// Command gen writes the AVX2 kernel of package millionths. Run it with "go
// generate" in that package; it is a module of its own so that the project does
// not depend on the generator.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	ofFloats()
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

func ofFloats() {
	TEXT("ofFloatsAVX2", NOSPLIT, "func(dst *int64, values *float64, quads int) (done int)")
	Doc("ofFloatsAVX2 is OfFloats for so many times four values; it stops at the first four of",
		"which one is unusual.")
	dst := Load(Param("dst"), GP64())
	values := Load(Param("values"), GP64())
	quads := Load(Param("quads"), GP64())
	micro, rounder, limit := all(1e6), all(3<<51), all(1<<51)
	relative, absolute, sign := all(1e-9), all(1e-6), all(math.Copysign(0, -1))
	done, mask := GP64(), GP32()
	XORQ(done, done)

	Label("quad")
	scaled, sum, rest, size, small := YMM(), YMM(), YMM(), YMM(), YMM()
	VMULPD(operand.Mem{Base: values}, micro, scaled)
	VADDPD(rounder, scaled, sum)
	VSUBPD(rounder, sum, rest)
	VSUBPD(rest, scaled, rest)
	VANDNPD(rest, sign, rest)
	VANDNPD(scaled, sign, size)
	VCMPPD(operand.Imm(0x11), limit, size, small) // less, and not NaN
	VMULPD(relative, size, size)
	VADDPD(absolute, size, size)
	VCMPPD(operand.Imm(0x12), size, rest, rest) // at most, and not NaN
	VANDPD(rest, small, small)
	VMOVMSKPD(small, mask)
	CMPL(mask, operand.Imm(15))
	JNE(operand.LabelRef("out"))
	VPSUBQ(rounder, sum, sum) // the difference of the bits is that of the numbers
	VMOVDQU(sum, operand.Mem{Base: dst})
	ADDQ(operand.Imm(32), values)
	ADDQ(operand.Imm(32), dst)
	INCQ(done)
	CMPQ(done, quads)
	JB(operand.LabelRef("quad"))

	Label("out")
	VZEROUPPER()
	Store(done, ReturnIndex(0))
	RET()
}
