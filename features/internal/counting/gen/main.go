// Command gen writes the loops of package counting. Run it with "go generate" in
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
	count()
	sum()
	Generate()
}

// The fields of a Count: a word of order and code, and one of the occurrences
// and those among them in another order.
const (
	order   = 0
	code    = 4
	n       = 8
	numbers = 8 // both halves at once
	width   = 16
)

// codes is the number of slots.
const codes = 1 << 16

// count counts in one pass. No branch depends on whether a code is new: what its
// count would begin with is written behind the counts there are, and the carry of
// slot − first, which is set if it is, chooses that count and adds 1 to their number.
func count() {
	TEXT("countFast", NOSPLIT, "func(counts *uint32, slots *uint32, first uint32, codes *uint32, orders *int32, n int) int")
	Doc("countFast counts n codes, n ≥ 1, and returns how many counts there are, or −1 where a code is not below 1<<16.")
	counts := Load(Param("counts"), GP64())
	slots := Load(Param("slots"), GP64())
	first := Load(Param("first"), GP32())
	codeAt := Load(Param("codes"), GP64())
	orderAt := Load(Param("orders"), GP64())
	i := Load(Param("n"), GP64())
	LEAQ(operand.Mem{Base: codeAt, Index: i, Scale: 4}, codeAt)
	LEAQ(operand.Mem{Base: orderAt, Index: i, Scale: 4}, orderAt)
	NEGQ(i)
	distinct, once, other := GP64(), GP64(), GP64()
	XORL(distinct.As32(), distinct.As32())
	MOVQ(operand.U32(1), once)
	MOVQ(operand.U64(1<<32+1), other)
	next := GP64() // where the count of a new code begins
	MOVQ(counts, next)

	Label("line")
	ord, c := GP64(), GP64()
	MOVL(operand.Mem{Base: orderAt, Index: i, Scale: 4}, ord.As32())
	TESTL(ord.As32(), ord.As32())
	JS(operand.LabelRef("skip"))
	MOVL(operand.Mem{Base: codeAt, Index: i, Scale: 4}, c.As32())
	CMPL(c.As32(), operand.U32(codes))
	JAE(operand.LabelRef("large"))
	MOVL(ord.As32(), operand.Mem{Base: next, Disp: order})
	MOVL(c.As32(), operand.Mem{Base: next, Disp: code})
	MOVQ(operand.U32(0), operand.Mem{Base: next, Disp: numbers})

	at := GP64()
	MOVL(operand.Mem{Base: slots, Index: c, Scale: 4}, at.As32())
	SUBL(first.(reg.GPVirtual).As32(), at.As32())
	CMOVLCS(distinct.As32(), at.As32())
	ADCL(operand.Imm(0), distinct.As32())
	slot := GP64()
	LEAL(operand.Mem{Base: at, Index: first.(reg.GPVirtual).As64(), Scale: 1}, slot.As32())
	MOVL(slot.As32(), operand.Mem{Base: slots, Index: c, Scale: 4})
	SHLQ(operand.Imm(4), at)
	more := GP64()
	MOVQ(once, more)
	CMPL(ord.As32(), operand.Mem{Base: counts, Index: at, Scale: 1, Disp: order})
	CMOVQNE(other, more)
	ADDQ(more, operand.Mem{Base: counts, Index: at, Scale: 1, Disp: numbers})
	MOVQ(distinct, next)
	SHLQ(operand.Imm(4), next)
	ADDQ(counts, next)

	Label("skip")
	INCQ(i)
	JNZ(operand.LabelRef("line"))
	Store(distinct, ReturnIndex(0))
	RET()

	Label("large")
	CMPL(c.As32(), operand.I32(-1))
	JEQ(operand.LabelRef("skip"))
	MOVQ(operand.I32(-1), distinct)
	Store(distinct, ReturnIndex(0))
	RET()
}

// sum adds the counts up.
func sum() {
	TEXT("sumFast", NOSPLIT, "func(counts *uint32, n int, weights *float64) (total, squares, later, repeated int, top uint64, weighed float64)")
	Doc("sumFast adds up n counts, n ≥ 1.")
	at := Load(Param("counts"), GP64())
	end := Load(Param("n"), GP64())
	weights := Load(Param("weights"), GP64())
	SHLQ(operand.Imm(4), end)
	ADDQ(at, end)
	total, squares, later, repeated, top := GP64(), GP64(), GP64(), GP64(), GP64()
	for _, r := range []reg.GPVirtual{total, squares, later, repeated, top} {
		XORL(r.As32(), r.As32())
	}
	weighed := XMM()
	XORPS(weighed, weighed)

	Label("count")
	times, others, key, i := GP64(), GP64(), GP64(), GP64()
	MOVL(operand.Mem{Base: at, Disp: n}, times.As32())
	MOVL(operand.Mem{Base: at, Disp: n + 4}, others.As32())
	MOVL(operand.Mem{Base: at, Disp: code}, key.As32())
	MOVBLZX(times.As8(), i.As32())
	ADDSD(operand.Mem{Base: weights, Index: i, Scale: 8}, weighed)
	ADDQ(times, total)
	ADDQ(others, later)
	CMPQ(others, operand.Imm(1))
	SBBQ(operand.I8(-1), repeated) // adds 1 unless others < 1
	NOTL(key.As32())
	MOVQ(times, i)
	SHLQ(operand.Imm(32), i)
	ORQ(i, key)
	CMPQ(key, top)
	CMOVQHI(key, top)
	IMULQ(times, times)
	ADDQ(times, squares)
	ADDQ(operand.Imm(width), at)
	CMPQ(at, end)
	JB(operand.LabelRef("count"))

	for k, r := range []reg.GPVirtual{total, squares, later, repeated, top} {
		Store(r, ReturnIndex(k))
	}
	Store(weighed, ReturnIndex(5))
	RET()
}
