// Command gen writes the AVX2 indexer of package index. Run it with
// "go generate" in that package; it is a module of its own so that the project
// does not depend on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	fields()
	quoted()
	positions()
	Generate()
}

// first is the number of positions written for every 64 bytes without a branch:
// most files have fewer fields than that in them.
const first = 12

// more is the number written at a time after that.
const more = 4

func fields() {
	TEXT("fieldsAVX2", NOSPLIT, "func(pos *uint32, data *byte, base, blocks int, delim, newline byte, edge uint64) (n, lines int, wide, padded uint64)")
	Doc("fieldsAVX2 is Fields for whole blocks of 64 bytes; base is the position of the first.",
		"Bit 0 of edge says that the byte before ends a field, bit 1 that it is white space that does not.")
	pos := Load(Param("pos"), GP64())
	data := Load(Param("data"), GP64())
	at := Load(Param("base"), GP64())
	blocks := Load(Param("blocks"), GP64())
	delims, newlines, blanks := spread("delim"), spread("newline"), YMM()
	space := GP32()
	MOVL(operand.U32(0x20202020), space)
	x := XMM()
	VMOVD(space, x)
	VPBROADCASTD(x, blanks)

	edge := Load(Param("edge"), GP64())
	ended, blank := GP64(), GP64() // of the byte before
	MOVQ(edge, ended)
	ANDQ(operand.Imm(1), ended)
	MOVQ(edge, blank)
	SHRQ(operand.Imm(1), blank)
	begin, lines, padded := GP64(), GP64(), GP64()
	MOVQ(pos, begin)
	XORQ(lines, lines)
	XORQ(padded, padded)
	all := YMM()
	VPXOR(all, all, all)

	Label("block")
	a, b := YMM(), YMM()
	VMOVDQU(operand.Mem{Base: data}, a)
	VMOVDQU(operand.Mem{Base: data, Disp: 32}, b)
	VPOR(a, all, all)
	VPOR(b, all, all)
	la, lb, ends, m := YMM(), YMM(), GP64(), GP64()
	VPCMPEQB(newlines, a, la)
	VPCMPEQB(newlines, b, lb)
	mask(la, lb, m)
	POPCNTQ(m, m)
	ADDQ(m, lines)
	da, db := YMM(), YMM()
	VPCMPEQB(delims, a, da)
	VPCMPEQB(delims, b, db)
	VPOR(la, da, da)
	VPOR(lb, db, db)
	mask(da, db, ends)
	VPMINUB(blanks, a, la)
	VPMINUB(blanks, b, lb)
	VPCMPEQB(la, a, la)
	VPCMPEQB(lb, b, lb)
	white := GP64()
	mask(la, lb, white)
	ANDNQ(white, ends, white) // white space that ends no field

	// White space after the end of a field, or before it.
	near, before := GP64(), GP64()
	LEAQ(operand.Mem{Base: ended, Index: ends, Scale: 2}, near)
	MOVQ(ends, before)
	SHRQ(operand.Imm(1), before)
	ORQ(before, near)
	ANDQ(white, near)
	ORQ(near, padded)
	ANDQ(ends, blank)
	ORQ(blank, padded)
	MOVQ(ends, ended)
	SHRQ(operand.Imm(63), ended)
	MOVQ(white, blank)
	SHRQ(operand.Imm(63), blank)

	writeAll(pos, at, ends, first)
	ADDQ(operand.Imm(64), data)
	ADDQ(operand.Imm(64), at)
	DECQ(blocks)
	JNZ(operand.LabelRef("block"))

	SUBQ(begin, pos)
	SHRQ(operand.Imm(2), pos)
	Store(pos, ReturnIndex(0))
	Store(lines, ReturnIndex(1))
	wide := GP32()
	VPMOVMSKB(all, wide)
	VZEROUPPER()
	Store(wide.As64(), ReturnIndex(2))
	Store(padded, ReturnIndex(3))
	RET()
}

// spread returns a vector of the parameter, a byte.
func spread(name string) reg.VecVirtual {
	b, x, y := GP32(), XMM(), YMM()
	Load(Param(name), b)
	VMOVD(b, x)
	VPBROADCASTB(x, y)
	return y
}

// mask sets m to the high bits of the 64 bytes in a and b.
func mask(a, b reg.VecVirtual, m reg.GPVirtual) {
	hi := GP64()
	VPMOVMSKB(a, m.As32())
	VPMOVMSKB(b, hi.As32())
	SHLQ(operand.Imm(32), hi)
	ORQ(hi, m)
}

// writeAll writes the positions of the bits of ends, first of them without a
// branch, and moves pos behind them.
func writeAll(pos, at reg.Register, ends reg.GPVirtual, first int) {
	count := GP64()
	POPCNTQ(ends, count)
	write(pos, at, ends, 0, first)
	next := GP64()
	LEAQ(operand.Mem{Base: pos, Index: count, Scale: 4}, next)
	SUBQ(operand.Imm(uint64(first)), count)
	JLE(operand.LabelRef("done"))
	ADDQ(operand.Imm(uint64(4*first)), pos)
	Label("rest")
	write(pos, at, ends, 0, more)
	ADDQ(operand.Imm(4*more), pos)
	SUBQ(operand.Imm(more), count)
	JG(operand.LabelRef("rest"))
	Label("done")
	MOVQ(next, pos)
}

// write writes the positions of the next n bits of ends, and drops them.
func write(pos, at reg.Register, ends reg.GPVirtual, from, n int) {
	for k := range n {
		bit := GP64()
		TZCNTQ(ends, bit)
		BLSRQ(ends, ends)
		ADDL(at.(reg.GP).As32(), bit.As32())
		MOVL(bit.As32(), operand.Mem{Base: pos, Disp: 4 * (from + k)})
	}
}
