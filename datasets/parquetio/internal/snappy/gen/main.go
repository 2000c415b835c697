// Command gen writes the kernels of package snappy. Run it with "go generate" in
// that package; it is a module of its own so that the project does not depend on
// the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	tables := tables()
	tokens("tokensVBMI", "is a kernel for machines with AVX-512 VBMI.", tables, &permuter{})
	tokens("tokensAVX2", "is a kernel for machines with AVX2.", tables, &shuffler{})
	Generate()
}

// at is the memory at the sum of the registers and the constant.
func at(base, index reg.Register, disp int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: 1, Disp: disp}
}

// tokens writes one kernel. The loop has no branch on what a token is: all of it
// comes out of a table that has an entry for every tag, and for the second half of
// those that are longer than 32 bytes. The longest chain from token to token is to
// look up how far the next tag is, and to load it.
func tokens(name, doc string, tables operand.Mem, c copier) {
	TEXT(name, NOSPLIT, "func(dst *byte, d, n int, src *byte, s, last int) (dNext, sNext int)")
	Doc(name + " " + doc)
	r := &registers{tables: GP64(), dst: Load(Param("dst"), GP64()), d: Load(Param("d"), GP64())}
	n := Load(Param("n"), GP64())
	src := Load(Param("src"), GP64())
	ip := Load(Param("s"), GP64())
	last := Load(Param("last"), GP64())
	ADDQ(src, ip)
	ADDQ(src, last)
	LEAQ(tables, r.tables)
	far, state, tag := GP64(), GP64(), GP64()
	MOVQ(operand.U32(longest), far)
	MOVQ(r.tables, state)
	MOVBQZX(operand.Mem{Base: ip}, tag)
	c.begin(r)

	Label("token") // look the tag up
	entry := func(disp int) operand.Mem {
		return operand.Mem{Base: state, Index: tag, Scale: entrySize, Disp: disp}
	}
	advance, length, offset, more, bits, from := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVBQZX(entry(entryAdvance), advance)
	MOVL(operand.Mem{Base: ip, Disp: 1}, offset.As32())
	MOVL(entry(entryBits), bits.As32())
	MOVBQZX(entry(entryLength), length)
	MOVWLZX(entry(entryMore), more.As32())
	MOVWLZX(entry(entryNext), state.As32())
	ADDQ(r.tables, state)
	// The bytes that are the offset, and where they lead: nowhere if it is 0, as it
	// is for tags that are not known here, or beyond the beginning.
	BZHIL(bits.As32(), offset.As32(), offset.As32())
	ADDQ(more, offset)
	JZ(operand.LabelRef("end"))
	MOVQ(r.d, from)
	SUBQ(offset, from)
	JB(operand.LabelRef("end"))
	ADDQ(r.dst, from)
	// A literal lies behind its tag instead. To it, the offset was 32.
	literal := GP64()
	LEAQ(operand.Mem{Base: ip, Disp: 1}, literal)
	TESTB(operand.Imm(3), tag.As8())
	CMOVQEQ(literal, from)
	CMPQ(offset, operand.Imm(longest))
	CMOVQHI(far, offset)
	r.from, r.offset, r.length = from, offset, length
	c.put(r)
	// Go on, as long as there is room for 32 bytes in the slack and in the source.
	ADDQ(length, r.d)
	MOVBQZX(at(ip, advance, 0), tag)
	ADDQ(advance, ip)
	CMPQ(r.d, n)
	JAE(operand.LabelRef("end"))
	CMPQ(ip, last)
	JBE(operand.LabelRef("token"))

	Label("end")
	VZEROUPPER()
	SUBQ(Load(Param("src"), GP64()), ip)
	Store(r.d, ReturnIndex(0))
	Store(ip, ReturnIndex(1))
	RET()
	c.rare(r)
}
