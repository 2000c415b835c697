package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of rows that a vector holds.
const lanes = 4

// everywhere returns a constant that has bits in each lane.
func everywhere(name string, bits uint64) operand.Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for l := range lanes {
		DATA(8*l, operand.U64(bits))
	}
	return m
}

func number(name string, v float64) operand.Mem { return everywhere(name, math.Float64bits(v)) }

// Predicates of VCMPPD.
const (
	lessThan    = 0x11
	greaterThan = 0x1e
)

// logistic writes the kernel that derives the logistic loss, operation by
// operation as logisticGo does.
func logistic(magic, sign operand.Mem) {
	one := number("one", 1)
	cut := number("cut", -708)
	index, scaleBits := everywhere("index", 63), everywhere("scaleBits", ^uint64(63))

	TEXT("logisticAVX2", NOSPLIT, "func(pairs *uint64, score *float64, target *float64, n int, sums *float64, exp2 *uint64)")
	Doc("logisticAVX2 is Logistic for n rows, a multiple of 4 above 0.")
	pairs := Load(Param("pairs"), GP64())
	score := Load(Param("score"), GP64())
	target := Load(Param("target"), GP64())
	n := Load(Param("n"), GP64())
	sums := Load(Param("sums"), GP64())
	exp2 := Load(Param("exp2"), GP64())
	SHRQ(operand.Imm(2), n)

	product, twice := YMM(), YMM()
	mostG, mostH, leastH := XMM(), XMM(), XMM()
	VMOVUPD(operand.Mem{Base: sums}, product)
	VMOVUPD(operand.Mem{Base: sums, Disp: 32}, twice)
	VMOVDQU(operand.Mem{Base: sums, Disp: 64}, mostG)
	VMOVDQU(operand.Mem{Base: sums, Disp: 80}, mostH)
	VMOVDQU(operand.Mem{Base: sums, Disp: 96}, leastH)
	magics, ones := YMM(), YMM()
	VMOVUPD(magic, magics)
	VMOVUPD(one, ones)

	Label("logisticRows")
	f, x := YMM(), YMM()
	VMOVUPD(operand.Mem{Base: score}, f)
	VORPD(sign, f, x) // −|F|

	Comment("e = exp(x)")
	t, k := YMM(), YMM()
	VMULPD(number("perLog2", 64/math.Ln2), x, t)
	VADDPD(magics, t, t)
	VSUBPD(magics, t, k)
	r, low := YMM(), YMM()
	VMULPD(number("logHigh", 0x1.62e42fefa0000p-7), k, r)
	VSUBPD(r, x, r)
	VMULPD(number("logLow", 0x1.cf79abc9e3b3ap-46), k, low)
	VSUBPD(low, r, r)
	p := YMM()
	VMULPD(number("c5", 1.0/120), r, p)
	for i, c := range []float64{1.0 / 24, 1.0 / 6, 0.5} {
		VADDPD(number(fmt.Sprintf("c%d", 4-i), c), p, p)
		VMULPD(p, r, p)
	}
	VMULPD(p, r, p)
	VADDPD(r, p, p)
	at, all, scale := YMM(), YMM(), YMM()
	VPAND(index, t, at)
	VPAND(scaleBits, t, t)
	VPSLLQ(operand.Imm(46), t, t)
	VPCMPEQD(all, all, all)
	VGATHERQPD(all, operand.Mem{Base: exp2, Index: at, Scale: 8}, scale)
	VPADDQ(t, scale, scale)
	e, alive := YMM(), YMM()
	VMULPD(p, scale, e)
	VADDPD(e, scale, e)
	VCMPPD(operand.Imm(greaterThan), cut, x, alive)
	VANDPD(alive, e, e)

	Comment("d = 1/(1+e)")
	factor, d, ed := YMM(), YMM(), YMM()
	VADDPD(e, ones, factor)
	VMULPD(factor, product, product)
	VDIVPD(factor, ones, d)
	VMULPD(d, e, ed)

	Comment("|F| + (1−2y)·F")
	y, double, size := YMM(), YMM(), YMM()
	VMOVUPD(operand.Mem{Base: target}, y)
	VADDPD(y, y, double)
	VSUBPD(double, ones, double)
	VMULPD(f, double, double)
	VXORPD(sign, x, size)
	VADDPD(double, size, size)
	VADDPD(size, twice, twice)

	Comment("g = p−y, h = p(1−p)")
	g, h, negative := YMM(), YMM(), YMM()
	VXORPD(g, g, g)
	VCMPPD(operand.Imm(lessThan), g, f, negative)
	VBLENDVPD(negative, ed, d, g)
	VSUBPD(y, g, g)
	VMULPD(d, ed, h)
	store(pairs, g, h, mostG, mostH, leastH)

	ADDQ(operand.Imm(32), pairs)
	ADDQ(operand.Imm(32), score)
	ADDQ(operand.Imm(32), target)
	DECQ(n)
	JNZ(operand.LabelRef("logisticRows"))

	VMOVUPD(product, operand.Mem{Base: sums})
	VMOVUPD(twice, operand.Mem{Base: sums, Disp: 32})
	VMOVDQU(mostG, operand.Mem{Base: sums, Disp: 64})
	VMOVDQU(mostH, operand.Mem{Base: sums, Disp: 80})
	VMOVDQU(leastH, operand.Mem{Base: sums, Disp: 96})
	VZEROUPPER()
	RET()
}

// store rounds g and h to float32, interleaves them into pairs, and widens the
// extent.
func store(pairs reg.Register, g, h, mostG, mostH, leastH reg.VecVirtual) {
	g32, h32, size, part := XMM(), XMM(), XMM(), XMM()
	VCVTPD2PSY(g, g32)
	VCVTPD2PSY(h, h32)
	VPSLLD(operand.Imm(1), g32, size)
	VPSRLD(operand.Imm(1), size, size)
	VPMAXUD(size, mostG, mostG)
	VPMAXUD(h32, mostH, mostH)
	VPMINUD(h32, leastH, leastH)
	VPUNPCKLDQ(g32, h32, part)
	VMOVDQU(part, operand.Mem{Base: pairs})
	VPUNPCKHDQ(g32, h32, part)
	VMOVDQU(part, operand.Mem{Base: pairs, Disp: 16})
}
