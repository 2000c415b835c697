package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// side is the number of rows and columns of the squares that gather and turn
// transpose.
const side = 8

// transpose reads eight rows of eight values and hands store each column.
func transpose(row func(r, half int) operand.Mem, store func(column int, v reg.VecVirtual)) {
	for half := range 2 {
		var v [4]reg.VecVirtual // rows r and r+4, four columns of each
		for r := range v {
			v[r] = YMM()
			VBROADCASTF128(row(r, half), v[r]) // defines the upper half, too
			VINSERTF128(operand.Imm(1), row(r+4, half), v[r], v[r])
		}
		for pair := range 2 {
			a, b, c := YMM(), YMM(), YMM()
			if pair == 0 {
				VUNPCKLPS(v[1], v[0], a)
				VUNPCKLPS(v[3], v[2], b)
			} else {
				VUNPCKHPS(v[1], v[0], a)
				VUNPCKHPS(v[3], v[2], b)
			}
			VUNPCKLPD(b, a, c)
			store(4*half+2*pair, c)
			VUNPCKHPD(b, a, c)
			store(4*half+2*pair+1, c)
		}
	}
}

func gather() {
	TEXT("gatherAVX2", NOSPLIT, "func(x *float32, list *int32, dims int, dst *float32)")
	Doc("gatherAVX2 is Gather.")
	x, list, dims, dst := load("x"), load("list"), load("dims"), load("dst")
	for h := range halves {
		stride := GP64()
		MOVQ(dims, stride)
		SHLQ(operand.Imm(2), stride)
		var p [side]reg.GPVirtual
		for i := range p {
			p[i] = GP64()
			MOVLQSX(operand.Mem{Base: list, Disp: vecBytes*h + 4*i}, p[i])
			IMULQ(stride, p[i])
			ADDQ(x, p[i])
		}
		to, left := GP64(), GP64()
		LEAQ(operand.Mem{Base: dst, Disp: vecBytes * h}, to)
		MOVQ(dims, left)
		label := []string{"gatherFirst", "gatherSecond"}[h]
		Label(label)
		transpose(func(r, half int) operand.Mem {
			return operand.Mem{Base: p[r], Disp: 16 * half}
		}, func(column int, v reg.VecVirtual) {
			VMOVUPS(v, operand.Mem{Base: to, Disp: blockRow * column})
		})
		for i := range p {
			ADDQ(operand.Imm(4*side), p[i])
		}
		ADDQ(operand.U32(side*blockRow), to)
		SUBQ(operand.Imm(side), left)
		JG(operand.LabelRef(label))
	}
	VZEROUPPER()
	RET()
}

func turn() {
	TEXT("turnAVX2", NOSPLIT, "func(x *float32, dims int, dst *float32)")
	Doc("turnAVX2 is Turn.")
	for h := range halves {
		x, dims, dst := load("x"), load("dims"), load("dst")
		// The last square first: what it writes beyond a row is the head of the next.
		at := GP64()
		LEAQ(operand.Mem{Base: dims, Disp: side - 1}, at)
		SHRQ(operand.Imm(3), at)
		DECQ(at) // squares to go
		from, off := GP64(), GP64()
		MOVQ(at, from)
		SHLQ(operand.Imm(9), from) // side·blockRow
		LEAQ(operand.Mem{Base: from, Index: x, Scale: 1, Disp: vecBytes * h}, from)
		MOVQ(at, off)
		SHLQ(operand.Imm(5), off)
		stride := GP64()
		MOVQ(dims, stride)
		SHLQ(operand.Imm(2), stride)
		var p [side]reg.GPVirtual
		for i := range p {
			p[i] = GP64()
			if i == 0 {
				MOVQ(stride, p[0])
				if h == 0 {
					XORQ(p[0], p[0])
				} else {
					SHLQ(operand.Imm(3), p[0])
				}
				ADDQ(dst, p[0])
				ADDQ(off, p[0])
				continue
			}
			LEAQ(operand.Mem{Base: p[i-1], Index: stride, Scale: 1}, p[i])
		}
		label := []string{"turnFirst", "turnSecond"}[h]
		Label(label)
		transpose(func(r, half int) operand.Mem {
			return operand.Mem{Base: from, Disp: blockRow*r + 16*half}
		}, func(column int, v reg.VecVirtual) {
			VMOVUPS(v, operand.Mem{Base: p[column]})
		})
		for i := range p {
			SUBQ(operand.Imm(4*side), p[i])
		}
		SUBQ(operand.U32(side*blockRow), from)
		DECQ(at)
		JGE(operand.LabelRef(label))
	}
	VZEROUPPER()
	RET()
}

func norms() {
	TEXT("normsAVX2", NOSPLIT, "func(x *float32, list *int32, blocks, dims int, norms *float32)")
	Doc("normsAVX2 is Norms.")
	x, list, n, dims, norms := load("x"), load("list"), load("blocks"), load("dims"), load("norms")
	stride := strideOf(dims)
	loop("normsBlock", n, func() {
		acc, m := newVecs(), GP64()
		for h := range halves {
			VXORPS(acc[h], acc[h], acc[h])
		}
		MOVQ(dims, m)
		at := blockAddress(x, list, stride)
		loop("normsDim", m, func() {
			for h := range halves {
				v := YMM()
				VMOVUPS(operand.Mem{Base: at, Disp: vecBytes * h}, v)
				VMULPS(v, v, v)
				VADDPS(v, acc[h], acc[h])
			}
			ADDQ(operand.Imm(blockRow), at)
		})
		for h := range halves {
			VMOVUPS(acc[h], operand.Mem{Base: norms, Disp: vecBytes * h})
		}
		ADDQ(operand.Imm(blockRow), norms)
		ADDQ(operand.Imm(4), list)
	})
	VZEROUPPER()
	RET()
}
