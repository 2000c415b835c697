package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// firstQuoted is what first is where there are quotes: they make fields longer.
const firstQuoted = 8

// layout holds the fields of Quotes, all of 64 bits.
var layout = []string{"Inside", "Opener", "Closer", "CR", "Tip", "Blank", "Wrong", "Marks", "Doubled", "Embedded", "Padded", "Wide", "Lines", "Records"}

// quoted writes the kernel of Quotes.Ends. What it carries from block to block
// stays in memory, but for the parity: nothing else waits for the block before.
func quoted() {
	TEXT("endsAVX2", NOSPLIT, "func(q *uint64, ends *uint64, data *byte, blocks int, delim, newline byte)")
	Doc("endsAVX2 is Quotes.Ends for blocks of 64 bytes, at least one; q points to the first word of the Quotes.")
	state := Load(Param("q"), GP64())
	field := func(name string) operand.Mem {
		return operand.Mem{Base: state, Disp: 8 * slices.Index(layout, name)}
	}
	dst := Load(Param("ends"), GP64())
	data := Load(Param("data"), GP64())
	blocks := Load(Param("blocks"), GP64())
	delims, newlines := spread("delim"), spread("newline")
	quotes, returns, blanks := constant('"'), constant('\r'), constant(' ')
	full := XMM()
	VPCMPEQB(full, full, full)
	parity := GP64() // all ones inside a quoted field
	MOVQ(field("Inside"), parity)
	all := YMM()
	VPXOR(all, all, all)

	Label("block")
	a, b := YMM(), YMM()
	VMOVDQU(operand.Mem{Base: data}, a)
	VMOVDQU(operand.Mem{Base: data, Disp: 32}, b)
	VPOR(a, all, all)
	VPOR(b, all, all)
	va, vb := YMM(), YMM()
	marks := GP64()
	VPCMPEQB(quotes, a, va)
	VPCMPEQB(quotes, b, vb)
	mask(va, vb, marks)
	x, inside := XMM(), GP64()
	VMOVQ(marks, x)
	VPCLMULQDQ(operand.Imm(0), full, x, x) // bit i becomes the parity of bits 0 to i
	VMOVQ(x, inside)
	XORQ(parity, inside)
	MOVQ(inside, parity)
	SARQ(operand.Imm(63), parity)

	lines, ends := GP64(), GP64()
	VPCMPEQB(newlines, a, va)
	VPCMPEQB(newlines, b, vb)
	mask(va, vb, lines)
	da, db := YMM(), YMM()
	VPCMPEQB(delims, a, da)
	VPCMPEQB(delims, b, db)
	VPOR(va, da, da)
	VPOR(vb, db, db)
	mask(da, db, ends)

	t := GP64()
	ORQ(marks, field("Marks"))
	POPCNTQ(lines, t)
	ADDQ(t, field("Lines"))
	MOVQ(lines, t)
	ANDQ(inside, t)
	ORQ(t, field("Embedded"))
	ANDNQ(lines, inside, t)
	POPCNTQ(t, t)
	ADDQ(t, field("Records"))

	opens, closes, either := GP64(), GP64(), GP64()
	MOVQ(marks, opens)
	ANDQ(inside, opens)
	ANDNQ(marks, inside, closes)
	MOVQ(ends, either)
	ORQ(marks, either)
	wrong := GP64()
	shifted(either, field("Opener"), t)
	ANDNQ(opens, t, wrong) // a quote inside an unquoted field
	text := GP64()
	shifted(closes, field("Closer"), text)
	ANDQ(text, opens)
	ORQ(opens, field("Doubled"))
	ANDNQ(text, either, text) // text after a closing quote
	crs := GP64()
	VPCMPEQB(returns, a, va)
	VPCMPEQB(returns, b, vb)
	mask(va, vb, crs)
	ANDQ(text, crs)
	XORQ(crs, text)
	ORQ(text, wrong)
	shifted(crs, field("CR"), t)
	ANDNQ(t, lines, t) // a CR there that ends no line
	ORQ(t, wrong)
	ORQ(wrong, field("Wrong"))

	ANDNQ(ends, inside, ends)
	MOVQ(ends, operand.Mem{Base: dst})

	// White space after the end of a field or a quote, or before it.
	VPMINUB(blanks, a, va)
	VPMINUB(blanks, b, vb)
	VPCMPEQB(va, a, va)
	VPCMPEQB(vb, b, vb)
	white, near := GP64(), GP64()
	mask(va, vb, white)
	ANDNQ(white, ends, white)
	ORQ(marks, ends)
	shifted(ends, field("Tip"), near)
	MOVQ(ends, t)
	SHRQ(operand.Imm(1), t)
	ORQ(t, near)
	ANDQ(white, near)
	ANDQ(field("Blank"), ends)
	ORQ(ends, near)
	SHRQ(operand.Imm(63), white)
	MOVQ(white, field("Blank"))
	ORQ(near, field("Padded"))

	ADDQ(operand.Imm(64), data)
	ADDQ(operand.Imm(8), dst)
	DECQ(blocks)
	JNZ(operand.LabelRef("block"))

	MOVQ(parity, field("Inside"))
	wide := GP32()
	VPMOVMSKB(all, wide)
	ORQ(wide.As64(), field("Wide"))
	VZEROUPPER()
	RET()
}

// shifted sets dst to m one byte on, the last bit of the block before coming in
// from carry, and leaves there the last of this one.
func shifted(m reg.GPVirtual, carry operand.Mem, dst reg.GPVirtual) {
	MOVQ(carry, dst)
	LEAQ(operand.Mem{Base: dst, Index: m, Scale: 2}, dst)
	last := GP64()
	MOVQ(m, last)
	SHRQ(operand.Imm(63), last)
	MOVQ(last, carry)
}

// constant returns a vector of c.
func constant(c byte) reg.VecVirtual {
	word, x, y := GP32(), XMM(), YMM()
	MOVL(operand.U32(0x01010101*uint32(c)), word)
	VMOVD(word, x)
	VPBROADCASTD(x, y)
	return y
}

// positions writes the kernel of Positions.
func positions() {
	TEXT("positionsBMI", NOSPLIT, "func(pos *uint32, ends *uint64, base, blocks int) (n int)")
	Doc("positionsBMI is Positions for at least one block.")
	pos := Load(Param("pos"), GP64())
	words := Load(Param("ends"), GP64())
	at := Load(Param("base"), GP64())
	blocks := Load(Param("blocks"), GP64())
	begin := GP64()
	MOVQ(pos, begin)

	Label("block")
	ends := GP64()
	MOVQ(operand.Mem{Base: words}, ends)
	writeAll(pos, at, ends, firstQuoted)
	ADDQ(operand.Imm(8), words)
	ADDQ(operand.Imm(64), at)
	DECQ(blocks)
	JNZ(operand.LabelRef("block"))

	SUBQ(begin, pos)
	SHRQ(operand.Imm(2), pos)
	Store(pos, ReturnIndex(0))
	RET()
}
