package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func nearer() {
	TEXT("nearerAVX2", NOSPLIT, "func(x *float32, blocks, dims int, points, best, out *float32)")
	Doc("nearerAVX2 is Nearer.")
	x, n, dims, points, best, out := load("x"), load("blocks"), load("dims"), load("points"), load("best"), load("out")
	loop("nearerBlock", n, func() {
		var acc [tile]vecs
		for c := range acc {
			acc[c] = newVecs()
			for h := range halves {
				VXORPS(acc[c][h], acc[c][h], acc[c][h])
			}
		}
		at, m, v, b := GP64(), GP64(), newVecs(), YMM()
		MOVQ(points, at)
		MOVQ(dims, m)
		loop("nearerDim", m, func() {
			for h := range halves {
				VMOVUPS(operand.Mem{Base: x, Disp: vecBytes * h}, v[h])
			}
			for c := range tile {
				VBROADCASTSS(operand.Mem{Base: at, Disp: 4 * c}, b)
				for h := range halves {
					t := YMM()
					VSUBPS(b, v[h], t)
					VFMADD231PS(t, t, acc[c][h])
				}
			}
			ADDQ(operand.Imm(blockRow), x)
			ADDQ(operand.Imm(tileRow), at)
		})
		for h := range halves {
			low := YMM()
			VMOVUPS(operand.Mem{Base: best, Disp: vecBytes * h}, low)
			for c := range tile {
				VMINPS(low, acc[c][h], acc[c][h])
				VMOVUPS(acc[c][h], operand.Mem{Base: out, Disp: blockRow*c + vecBytes*h})
			}
		}
		ADDQ(operand.Imm(blockRow), best)
		ADDQ(operand.U32(tile*blockRow), out)
	})
	VZEROUPPER()
	RET()
}

func move() {
	TEXT("moveAVX2", NOSPLIT, "func(x *float32, dims int, mask uint32, from, to *int32, sums *float64)")
	Doc("moveAVX2 is Move; mask is not zero.")
	x, dims, from, to, sums := load("x"), load("dims"), load("from"), load("to"), load("sums")
	mask := GP32()
	Load(Param("mask"), mask)
	lane, row := GP64(), GP64()
	MOVQ(dims, row)
	SHLQ(operand.Imm(3), row)

	Label("moveLane")
	TZCNTL(mask, lane.As32())
	add, sub, at, n := GP64(), GP64(), GP64(), GP64()
	MOVLQSX(operand.Mem{Base: to, Index: lane, Scale: 4}, add)
	IMULQ(row, add)
	ADDQ(sums, add)
	LEAQ(operand.Mem{Base: x, Index: lane, Scale: 4}, at)
	MOVLQSX(operand.Mem{Base: from, Index: lane, Scale: 4}, sub)
	TESTQ(sub, sub)
	JS(operand.LabelRef("moveNew"))
	IMULQ(row, sub)
	ADDQ(sums, sub)
	moveLane("moveBoth", at, dims, n, add, sub)
	JMP(operand.LabelRef("moveNext"))

	Label("moveNew")
	moveLane("moveAdd", at, dims, n, add, nil)

	Label("moveNext")
	BLSRL(mask, mask)
	JNZ(operand.LabelRef("moveLane"))
	VZEROUPPER()
	RET()
}

// moveLane adds the coordinates of one point, a block row apart from at on, to
// the sums at add and takes them from those at sub: four at a time, then singly.
func moveLane(name string, at, dims, n, add, sub reg.GPVirtual) {
	each := func(v, s reg.VecVirtual, wide bool) {
		load, store, plus, minus := VMOVSD, VMOVSD, VADDSD, VSUBSD
		if wide {
			load = func(ops ...operand.Op) { VMOVUPD(ops[0], ops[1]) }
			store = func(ops ...operand.Op) { VMOVUPD(ops[0], ops[1]) }
			plus, minus = VADDPD, VSUBPD
		}
		load(operand.Mem{Base: add}, s)
		plus(v, s, s)
		store(s, operand.Mem{Base: add})
		if sub != nil {
			load(operand.Mem{Base: sub}, s)
			minus(v, s, s)
			store(s, operand.Mem{Base: sub})
		}
	}
	step := func(bytes int) {
		ADDQ(operand.Imm(uint64(8*bytes/4)), add)
		if sub != nil {
			ADDQ(operand.Imm(uint64(8*bytes/4)), sub)
		}
	}
	MOVQ(dims, n)
	SHRQ(operand.Imm(2), n)
	JZ(operand.LabelRef(name + "Rest"))
	loop(name+"Four", n, func() {
		f, v, s := XMM(), YMM(), YMM()
		VMOVSS(operand.Mem{Base: at}, f)
		for j := 1; j < 4; j++ {
			VINSERTPS(operand.Imm(uint64(j<<4)), operand.Mem{Base: at, Disp: blockRow * j}, f, f)
		}
		VCVTPS2PD(f, v)
		each(v, s, true)
		ADDQ(operand.U32(4*blockRow), at)
		step(16)
	})
	Label(name + "Rest")
	MOVQ(dims, n)
	ANDQ(operand.Imm(3), n)
	JZ(operand.LabelRef(name + "Done"))
	loop(name+"One", n, func() {
		f, s := XMM(), XMM()
		VMOVSS(operand.Mem{Base: at}, f)
		VCVTSS2SD(f, f, f)
		each(f, s, false)
		ADDQ(operand.Imm(blockRow), at)
		step(4)
	})
	Label(name + "Done")
}

func frame() {
	TEXT("frameAVX2", NOSPLIT, "func(col *float32, blocks int, scale, shift float32, dst *float32, stride int) uint32")
	Doc("frameAVX2 is Frame for whole blocks; stride is in bytes.")
	col, n, dst, stride := load("col"), load("blocks"), load("dst"), load("stride")
	broadcast := func(name string) reg.VecVirtual {
		at, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		v := YMM()
		VBROADCASTSS(at.Addr, v)
		return v
	}
	scale, shift := broadcast("scale"), broadcast("shift")
	size, worst := YMM(), newVecs()
	VPCMPEQD(size, size, size)
	VPSRLD(operand.Imm(1), size, size) // all but the sign
	for h := range halves {
		VPXOR(worst[h], worst[h], worst[h])
	}
	loop("frameBlock", n, func() {
		v := newVecs()
		for h := range halves {
			VMULPS(operand.Mem{Base: col, Disp: vecBytes * h}, scale, v[h])
			VSUBPS(shift, v[h], v[h])
			VMOVUPS(v[h], operand.Mem{Base: dst, Disp: vecBytes * h})
			VPAND(size, v[h], v[h])
			VPMAXUD(v[h], worst[h], worst[h])
		}
		ADDQ(operand.Imm(blockRow), col)
		ADDQ(stride, dst)
	})
	low, t, result := XMM(), XMM(), GP32()
	VPMAXUD(worst[0], worst[1], worst[0])
	VEXTRACTI128(operand.Imm(1), worst[0], t)
	VPMAXUD(t, worst[0].AsX(), low)
	VPSHUFD(operand.Imm(0x4e), low, t)
	VPMAXUD(t, low, low)
	VPSHUFD(operand.Imm(0xb1), low, t)
	VPMAXUD(t, low, low)
	VMOVD(low, result)
	Store(result, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
