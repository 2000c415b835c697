// Command gen writes the AVX2 loop of package lines. Run it with "go generate" in
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
	scan()
	Generate()
}

// places returns, for each set of the lines i to i+3, those of the set one after the
// other, as 32-bit numbers from 0 to 3.
func places() operand.Mem {
	table := GLOBL("places", RODATA|NOPTR)
	for set := range 16 {
		n := 0
		for line := range 4 {
			if set>>line&1 != 0 {
				DATA(16*set+4*n, operand.U32(line))
				n++
			}
		}
		for ; n < 4; n++ {
			DATA(16*set+4*n, operand.U32(0))
		}
	}
	return table
}

// scan reads four lines at a time, from line 1 on. state is money, items,
// magnitudes and largest of the lines before.
func scan() {
	table := places()
	TEXT("scanAVX2", NOSPLIT, "func(times *int64, orders *uint32, returned *bool, money, items *int64, n int, sums *int64, starts *int32, state *[4]int64) int")
	Pragma("noescape")
	Doc("scanAVX2 scans n lines, n a multiple of 4, each of which has one before, and returns how many of them begin a stretch.")
	times := Load(Param("times"), GP64())
	orders := Load(Param("orders"), GP64())
	returned := Load(Param("returned"), GP64())
	money := Load(Param("money"), GP64())
	items := Load(Param("items"), GP64())
	n := Load(Param("n"), GP64())
	sums := Load(Param("sums"), GP64())
	starts := Load(Param("starts"), GP64())
	state := Load(Param("state"), GP64())

	zero, least := YMM(), YMM()
	VPXOR(zero, zero, zero)
	VPCMPEQQ(least, least, least)
	VPSLLQ(operand.Imm(63), least, least) // the least number there is
	moneySum, itemSum, magnitudes, largest := YMM(), YMM(), YMM(), YMM()
	VPBROADCASTQ(operand.Mem{Base: state}, moneySum)
	VPBROADCASTQ(operand.Mem{Base: state, Disp: 8}, itemSum)
	VPBROADCASTQ(operand.Mem{Base: state, Disp: 16}, magnitudes)
	VPBROADCASTQ(operand.Mem{Base: state, Disp: 24}, largest)
	lines := GP64()
	LEAQ(table, lines)
	at, first := GP64(), XMM() // the line before
	XORL(at.As32(), at.As32())
	one := GP32()
	MOVL(operand.U32(1), one)
	VMOVD(one, first)
	VPBROADCASTD(first, first)
	four := XMM()
	VPSLLD(operand.Imm(2), first, four)
	begin := GP64()
	MOVQ(starts, begin)

	Label("four")
	m, q := YMM(), YMM()
	VMOVDQU(operand.Mem{Base: money, Index: at, Scale: 8, Disp: 8}, m)
	VMOVDQU(operand.Mem{Base: items, Index: at, Scale: 8, Disp: 8}, q)
	addMagnitude(m, zero, magnitudes)
	addMagnitude(q, zero, magnitudes)

	kind, before := YMM(), YMM()
	VPMOVZXBQ(operand.Mem{Base: returned, Index: at, Scale: 1, Disp: 1}, kind)
	VPMOVZXBQ(operand.Mem{Base: returned, Index: at, Scale: 1}, before)
	bought, greater, candidate := YMM(), YMM(), YMM()
	VPCMPEQQ(kind, zero, bought)
	VBLENDVPD(bought, m, least, candidate)
	VPCMPGTQ(largest, candidate, greater)
	VBLENDVPD(greater, candidate, largest, largest)

	same, sameTime, sameOrder, wide := YMM(), YMM(), XMM(), YMM()
	VPCMPEQQ(kind, before, same)
	VMOVDQU(operand.Mem{Base: times, Index: at, Scale: 8, Disp: 8}, sameTime)
	VPCMPEQQ(operand.Mem{Base: times, Index: at, Scale: 8}, sameTime, sameTime)
	VPAND(sameTime, same, same)
	VMOVDQU(operand.Mem{Base: orders, Index: at, Scale: 4, Disp: 4}, sameOrder)
	VPCMPEQD(operand.Mem{Base: orders, Index: at, Scale: 4}, sameOrder, sameOrder)
	VPMOVSXDQ(sameOrder, wide)
	VPAND(wide, same, same)
	set, found := GP64(), GP64()
	VMOVMSKPD(same, set.As32())
	XORL(operand.Imm(15), set.As32())
	POPCNTL(set.As32(), found.As32())
	SHLL(operand.Imm(4), set.As32())
	chosen := XMM()
	VPADDD(operand.Mem{Base: lines, Index: set, Scale: 1}, first, chosen)
	VMOVDQU(chosen, operand.Mem{Base: starts})
	LEAQ(operand.Mem{Base: starts, Index: found, Scale: 4}, starts)
	VPADDD(four, first, first)

	runUp(m, zero, moneySum)
	runUp(q, zero, itemSum)
	// money and items of each line side by side
	low, high, a, b := YMM(), YMM(), YMM(), YMM()
	VPUNPCKLQDQ(itemSum, moneySum, low)
	VPUNPCKHQDQ(itemSum, moneySum, high)
	VPERM2I128(operand.Imm(0x20), high, low, a)
	VPERM2I128(operand.Imm(0x31), high, low, b)
	to := GP64()
	MOVQ(at, to)
	SHLQ(operand.Imm(4), to)
	VMOVDQU(a, operand.Mem{Base: sums, Index: to, Scale: 1, Disp: 16})
	VMOVDQU(b, operand.Mem{Base: sums, Index: to, Scale: 1, Disp: 48})
	VPERMQ(operand.Imm(0xff), moneySum, moneySum)
	VPERMQ(operand.Imm(0xff), itemSum, itemSum)
	ADDQ(operand.Imm(4), at)
	CMPQ(at, n)
	JB(operand.LabelRef("four"))

	VMOVQ(moneySum.AsX(), operand.Mem{Base: state})
	VMOVQ(itemSum.AsX(), operand.Mem{Base: state, Disp: 8})
	// the four magnitudes and the four largest amounts as one
	half, other := XMM(), XMM()
	VEXTRACTI128(operand.Imm(1), magnitudes, half)
	VPOR(half, magnitudes.AsX(), half)
	VPUNPCKHQDQ(half, half, other)
	VPOR(other, half, half)
	VMOVQ(half, operand.Mem{Base: state, Disp: 16})
	VEXTRACTI128(operand.Imm(1), largest, half)
	larger(half, largest.AsX(), half)
	VPUNPCKHQDQ(half, half, other)
	larger(other, half, half)
	VMOVQ(half, operand.Mem{Base: state, Disp: 24})
	SUBQ(begin, starts)
	SHRQ(operand.Imm(2), starts)
	Store(starts, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// addMagnitude ors |v|, or |v| − 1 where v is negative, to all.
func addMagnitude(v, zero, all reg.VecVirtual) {
	sign := YMM()
	VPCMPGTQ(v, zero, sign)
	VPXOR(v, sign, sign)
	VPOR(sign, all, all)
}

// runUp sets sum, whose entries are all those of the lines before, to the sums up to each entry of v.
func runUp(v, zero, sum reg.VecVirtual) {
	up, next := YMM(), YMM()
	VPERMQ(operand.Imm(0x90), v, up) // 0 0 1 2
	VPBLENDD(operand.Imm(0x03), zero, up, up)
	VPADDQ(up, v, next)
	VPERM2I128(operand.Imm(0x08), next, next, up) // 0 and the lower half
	VPADDQ(up, next, next)
	VPADDQ(next, sum, sum)
}

// larger sets dst to the larger of a and b.
func larger(a, b, dst reg.Register) {
	greater := XMM()
	VPCMPGTQ(b, a, greater)
	VBLENDVPD(greater, a, b, dst)
}
