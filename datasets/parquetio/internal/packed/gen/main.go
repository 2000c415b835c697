// Command gen writes the AVX2 kernel of package packed. Run it with "go generate"
// in that package; it is a module of its own so that the project does not depend
// on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	unpack()
	Generate()
}

// maxWidth is MaxWidth: seven bits more fill four bytes.
const maxWidth = 25

// unpack takes eight numbers at a time, the first four from a vector of their
// own, the others from one that begins width/2 bytes behind it: a shuffle brings
// the four bytes to which each belongs into its place, and shifts of its own bring
// it to the lowest bits.
func unpack() {
	TEXT("unpackAVX2", NOSPLIT, "func(dst *uint32, src *byte, eights, width int) uint32")
	Doc("unpackAVX2 is Unpack for so many eights of numbers.")
	dst := Load(Param("dst"), GP64())
	src := Load(Param("src"), GP64())
	eights := Load(Param("eights"), GP64())
	width := Load(Param("width"), GP64())
	half, at, table := GP64(), GP64(), GP64()
	MOVQ(width, half)
	SHRQ(operand.Imm(1), half)
	MOVQ(width, at)
	SHLQ(operand.Imm(6), at)
	LEAQ(places(), table)
	ADDQ(at, table)
	bytes, shifts, mask, greatest := YMM(), YMM(), YMM(), YMM()
	VMOVDQU(operand.Mem{Base: table}, bytes)
	VMOVDQU(operand.Mem{Base: table, Disp: 32}, shifts)
	VPCMPEQD(mask, mask, mask)
	count, thirtyTwo := GP64(), XMM()
	MOVQ(operand.U32(32), count)
	SUBQ(width, count)
	VMOVQ(count, thirtyTwo)
	VPSRLD(thirtyTwo, mask, mask)
	VPXOR(greatest, greatest, greatest)

	Label("eight")
	v := YMM()
	VMOVDQU(operand.Mem{Base: src}, v.AsX())
	VINSERTI128(operand.Imm(1), operand.Mem{Base: src, Index: half, Scale: 1}, v, v)
	VPSHUFB(bytes, v, v)
	VPSRLVD(shifts, v, v)
	VPAND(mask, v, v)
	VPMAXUD(v, greatest, greatest)
	VMOVDQU(v, operand.Mem{Base: dst})
	ADDQ(width, src)
	ADDQ(operand.Imm(32), dst)
	DECQ(eights)
	JNZ(operand.LabelRef("eight"))

	x, result := XMM(), GP32()
	VEXTRACTI128(operand.Imm(1), greatest, x)
	VPMAXUD(x, greatest.AsX(), greatest.AsX())
	VPSHUFD(operand.Imm(0x4E), greatest.AsX(), x)
	VPMAXUD(x, greatest.AsX(), greatest.AsX())
	VPSHUFD(operand.Imm(0xB1), greatest.AsX(), x)
	VPMAXUD(x, greatest.AsX(), greatest.AsX())
	VMOVD(greatest.AsX(), result)
	VZEROUPPER()
	Store(result, ReturnIndex(0))
	RET()
}

// places is, for every width, where the bytes of eight numbers stand in their
// vectors and by how many bits they are to be shifted.
func places() operand.Mem {
	data := GLOBL("places", RODATA|NOPTR)
	for width := range maxWidth + 1 {
		bit := func(i int) int { return i%4*width + i/4*4*(width%2) }
		for i := range 32 {
			DATA(64*width+i, operand.U8(bit(i/4)/8+i%4))
		}
		for i := range 8 {
			DATA(64*width+32+4*i, operand.U32(bit(i)%8))
		}
	}
	return data
}
