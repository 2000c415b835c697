// Command gen writes the AVX2 kernels of package kernel. Run it with "go generate"
// in that package; it is a module of its own so that the project does not depend on
// the generator.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	measures()
	fisher()
	Generate()
}

// vector is what a VEX instruction with two sources and a destination makes of them.
func vector(op func(...operand.Op), b, a operand.Op) reg.VecVirtual {
	v := YMM()
	op(b, a, v)
	return v
}

func mul(a reg.Register, b operand.Op) reg.VecVirtual  { return vector(mulpd, b, a) }
func div(a reg.Register, b operand.Op) reg.VecVirtual  { return vector(divpd, b, a) }
func plus(a reg.Register, b operand.Op) reg.VecVirtual { return vector(addpd, b, a) }
func less(a reg.Register, b operand.Op) reg.VecVirtual { return vector(subpd, b, a) }

func mulpd(ops ...operand.Op) { VMULPD(ops[0], ops[1], ops[2]) }
func divpd(ops ...operand.Op) { VDIVPD(ops[0], ops[1], ops[2]) }
func addpd(ops ...operand.Op) { VADDPD(ops[0], ops[1], ops[2]) }
func subpd(ops ...operand.Op) { VSUBPD(ops[0], ops[1], ops[2]) }

func root(a operand.Op) reg.VecVirtual {
	v := YMM()
	VSQRTPD(a, v)
	return v
}

func load(a operand.Op) reg.VecVirtual {
	v := YMM()
	VMOVUPD(a, v)
	return v
}

// spread returns a number of memory in every lane.
func spread(a operand.Op) reg.VecVirtual {
	v := YMM()
	VBROADCASTSD(a, v)
	return v
}

// constant returns a number in every lane.
func constant(name string, value float64) reg.VecVirtual {
	return integers(name, math.Float64bits(value))
}

// integers returns an integer in every lane.
func integers(name string, value uint64) reg.VecVirtual {
	at, ok := constants[name]
	if !ok {
		at = ConstData(name, operand.U64(value))
		constants[name] = at
	}
	return spread(at)
}

var constants = map[string]operand.Mem{}

// counts returns three vectors of numbers, of the tables of four rules: with both
// sides, with the antecedent, with the consequent. The arguments are called as given.
func counts(names [4]string) (both, x, y reg.VecVirtual) {
	var row [4]reg.VecVirtual
	for i, name := range names {
		row[i] = XMM()
		VMOVDQU(operand.Mem{Base: Load(Param(name), GP64())}, row[i])
	}
	low, high := [2]reg.VecVirtual{XMM(), XMM()}, [2]reg.VecVirtual{XMM(), XMM()}
	for i := range 2 {
		VPUNPCKLDQ(row[2*i+1], row[2*i], low[i])
		VPUNPCKHDQ(row[2*i+1], row[2*i], high[i])
	}
	VPUNPCKLQDQ(low[1], low[0], row[0])
	VPUNPCKHQDQ(low[1], low[0], row[1])
	VPUNPCKLQDQ(high[1], high[0], row[2])
	both, x, y = YMM(), YMM(), YMM()
	VCVTDQ2PD(row[0], both)
	VCVTDQ2PD(row[1], x)
	VCVTDQ2PD(row[2], y)
	return both, x, y
}

// positive returns in every lane whether all the numbers are.
func positive(numbers ...reg.VecVirtual) reg.Register {
	least, zero, mask := YMM(), YMM(), GP32()
	VMOVAPD(numbers[0], least)
	for _, v := range numbers[1:] {
		VMINPD(v, least, least)
	}
	VXORPD(zero, zero, zero)
	VCMPPD(operand.Imm(1), least, zero, least) // 0 < least
	VMOVMSKPD(least, mask)
	return mask
}
