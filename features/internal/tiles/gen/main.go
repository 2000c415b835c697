// Command gen writes the AVX2 kernel of package tiles. Run it with "go generate"
// in that package; it is a module of its own so that the project does not depend
// on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	turn()
	Generate()
}

// turn makes two columns of eight rows at a time. A register takes two entries of
// each of two rows, and two such registers, interleaved, are half a line of the
// cache of either column.
func turn() {
	TEXT("turnAVX2", NOSPLIT, "func(dst *float64, stride int, tile *float64, d, pairs int)")
	Doc("turnAVX2 turns two columns, pairs times, of a tile of eight rows of d entries into columns that are stride entries apart.")
	dst := Load(Param("dst"), GP64())
	stride := Load(Param("stride"), GP64())
	top := Load(Param("tile"), GP64())
	row := Load(Param("d"), GP64())
	pairs := Load(Param("pairs"), GP64())
	SHLQ(operand.Imm(3), stride)
	SHLQ(operand.Imm(3), row)
	row3, bottom := GP64(), GP64()
	LEAQ(operand.Mem{Base: row, Index: row, Scale: 2}, row3)
	LEAQ(operand.Mem{Base: top, Index: row, Scale: 4}, bottom)

	Label("pair")
	upper0, upper1 := turnFour(top, row, row3)
	lower0, lower1 := turnFour(bottom, row, row3)
	VMOVUPD(upper0, operand.Mem{Base: dst})
	VMOVUPD(lower0, operand.Mem{Base: dst, Disp: 32})
	VMOVUPD(upper1, operand.Mem{Base: dst, Index: stride, Scale: 1})
	VMOVUPD(lower1, operand.Mem{Base: dst, Index: stride, Scale: 1, Disp: 32})
	LEAQ(operand.Mem{Base: dst, Index: stride, Scale: 2}, dst)
	ADDQ(operand.Imm(16), top)
	ADDQ(operand.Imm(16), bottom)
	DECQ(pairs)
	JNZ(operand.LabelRef("pair"))
	VZEROUPPER()
	RET()
}

// turnFour returns two columns of the four rows from an address on.
func turnFour(at, row, row3 reg.Register) (first, second reg.VecVirtual) {
	even, odd := YMM(), YMM()
	VMOVUPD(operand.Mem{Base: at}, even.AsX())
	VINSERTF128(operand.Imm(1), operand.Mem{Base: at, Index: row, Scale: 2}, even, even)
	VMOVUPD(operand.Mem{Base: at, Index: row, Scale: 1}, odd.AsX())
	VINSERTF128(operand.Imm(1), operand.Mem{Base: at, Index: row3, Scale: 1}, odd, odd)
	first, second = YMM(), YMM()
	VUNPCKLPD(odd, even, first)
	VUNPCKHPD(odd, even, second)
	return first, second
}
