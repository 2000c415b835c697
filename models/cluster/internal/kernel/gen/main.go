// Command gen writes the AVX2 kernels of package kernel. Run it with
// "go generate" in that package; it is a module of its own so that the project
// does not depend on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The layout that package kernel documents: blocks of 16 points, two vectors a
// coordinate; tiles of 4 centres: 4 half norms, 4 numbers, then 4 coordinates a
// dimension.
const (
	halves     = 2
	vecBytes   = 32
	blockRow   = halves * vecBytes
	tile       = 4
	tileRow    = tile * 4
	tileHeader = 2 * tileRow
)

// largest is what a best score starts from: 2^120, above every score.
const largest = 0x7b800000

func main() {
	ConstraintExpr("amd64,!noasm")
	assign()
	assign2()
	changed()
	gaps()
	nearer()
	move()
	frame()
	gather()
	turn()
	norms()
	Generate()
}

type vecs [halves]reg.VecVirtual

func newVecs() (v vecs) {
	for h := range v {
		v[h] = YMM()
	}
	return v
}

// loop runs body n times; n is consumed.
func loop(name string, n reg.GPVirtual, body func()) {
	Label(name)
	body()
	DECQ(n)
	JNZ(operand.LabelRef(name))
}

// blockAddress returns the address of the block whose number is at list.
func blockAddress(x, list, stride reg.GPVirtual) reg.GPVirtual {
	at := GP64()
	MOVLQSX(operand.Mem{Base: list}, at)
	IMULQ(stride, at)
	ADDQ(x, at)
	return at
}

// strideOf returns the bytes of one block of dims dimensions.
func strideOf(dims reg.GPVirtual) reg.GPVirtual {
	s := GP64()
	MOVQ(dims, s)
	SHLQ(operand.Imm(6), s)
	return s
}

// scores sets acc to the four scores of a tile, |c|²/2 − x·c, and moves at to
// the next tile.
func scores(name string, acc *[tile]vecs, block, at, dims reg.GPVirtual) {
	for c := range tile {
		VBROADCASTSS(operand.Mem{Base: at, Disp: 4 * c}, acc[c][0])
		VMOVAPS(acc[c][0], acc[c][1])
	}
	ADDQ(operand.Imm(tileHeader), at)
	xp, n := GP64(), GP64()
	MOVQ(block, xp)
	MOVQ(dims, n)
	x, b := newVecs(), YMM()
	step := func(j int) {
		for h := range halves {
			VMOVUPS(operand.Mem{Base: xp, Disp: blockRow*j + vecBytes*h}, x[h])
		}
		for c := range tile {
			VBROADCASTSS(operand.Mem{Base: at, Disp: tileRow*j + 4*c}, b)
			for h := range halves {
				VFNMADD231PS(x[h], b, acc[c][h])
			}
		}
	}
	// Two dimensions at a time leave room for the next tile in the reorder buffer.
	SHRQ(operand.Imm(1), n)
	JZ(operand.LabelRef(name + "Odd"))
	loop(name+"Two", n, func() {
		step(0)
		step(1)
		ADDQ(operand.U32(2*blockRow), xp)
		ADDQ(operand.Imm(2*tileRow), at)
	})
	Label(name + "Odd")
	TESTB(operand.Imm(1), dims.As8())
	JZ(operand.LabelRef(name + "Done"))
	step(0)
	ADDQ(operand.Imm(tileRow), at)
	Label(name + "Done")
}

// prefetchNext asks for the block after the one at list, if any is left.
func prefetchNext(name string, x, list, stride, left, dims reg.GPVirtual) {
	CMPQ(left, operand.Imm(1))
	JE(operand.LabelRef(name + "Skip"))
	at, n := GP64(), GP64()
	MOVLQSX(operand.Mem{Base: list, Disp: 4}, at)
	IMULQ(stride, at)
	ADDQ(x, at)
	MOVQ(dims, n)
	loop(name, n, func() {
		PREFETCHT0(operand.Mem{Base: at})
		ADDQ(operand.Imm(blockRow), at)
	})
	Label(name + "Skip")
}

func startBest() vecs {
	best := newVecs()
	t := GP32()
	MOVL(operand.U32(largest), t)
	VMOVD(t, best[0].AsX())
	VPBROADCASTD(best[0].AsX(), best[0])
	VMOVAPS(best[0], best[1])
	return best
}

func assign() {
	TEXT("assignAVX2", NOSPLIT, "func(x *float32, list *int32, blocks, dims int, tiles *float32, count int, labels *int32)")
	Doc("assignAVX2 is Assign.")
	x, list, n, dims, labels := load("x"), load("list"), load("blocks"), load("dims"), load("labels")
	stride := strideOf(dims)
	loop("assignBlock", n, func() {
		prefetchNext("assignPrefetch", x, list, stride, n, dims)
		block := blockAddress(x, list, stride)
		best, id := startBest(), newVecs()
		for h := range halves {
			VXORPS(id[h], id[h], id[h])
		}
		at, m := load("tiles"), load("count")
		loop("assignTile", m, func() {
			head := GP64()
			MOVQ(at, head)
			var acc [tile]vecs
			for c := range acc {
				acc[c] = newVecs()
			}
			scores("assignDim", &acc, block, at, dims)
			for c := range tile {
				j := YMM()
				VBROADCASTSS(operand.Mem{Base: head, Disp: tileRow + 4*c}, j)
				for h := range halves {
					less := YMM()
					VCMPPS(operand.Imm(1), best[h], acc[c][h], less)
					VMINPS(best[h], acc[c][h], best[h])
					VBLENDVPS(less, j, id[h], id[h])
				}
			}
		})
		for h := range halves {
			VMOVUPS(id[h], operand.Mem{Base: labels, Disp: vecBytes * h})
		}
		ADDQ(operand.Imm(blockRow), labels)
		ADDQ(operand.Imm(4), list)
	})
	VZEROUPPER()
	RET()
}

func assign2() {
	TEXT("assign2AVX2", NOSPLIT, "func(x *float32, list *int32, blocks, dims int, tiles *float32, count int, labels *int32, first, second *float32)")
	Doc("assign2AVX2 is Assign2.")
	x, list, n, dims, labels := load("x"), load("list"), load("blocks"), load("dims"), load("labels")
	first, second := load("first"), load("second")
	stride := strideOf(dims)
	spill := AllocLocal(blockRow) // the second scores wait here while the sums need the registers
	loop("assign2Block", n, func() {
		prefetchNext("assign2Prefetch", x, list, stride, n, dims)
		block := blockAddress(x, list, stride)
		best, id := startBest(), newVecs()
		for h := range halves {
			VXORPS(id[h], id[h], id[h])
			VMOVUPS(best[h], spill.Offset(vecBytes*h))
		}
		at, m := load("tiles"), load("count")
		loop("assign2Tile", m, func() {
			head := GP64()
			MOVQ(at, head)
			var acc [tile]vecs
			for c := range acc {
				acc[c] = newVecs()
			}
			scores("assign2Dim", &acc, block, at, dims)
			next := newVecs()
			for h := range halves {
				VMOVUPS(spill.Offset(vecBytes*h), next[h])
			}
			for c := range tile {
				j := YMM()
				VBROADCASTSS(operand.Mem{Base: head, Disp: tileRow + 4*c}, j)
				for h := range halves {
					t := YMM()
					VCMPPS(operand.Imm(1), best[h], acc[c][h], t)
					VBLENDVPS(t, j, id[h], id[h])
					VMAXPS(best[h], acc[c][h], t)
					VMINPS(best[h], acc[c][h], best[h])
					VMINPS(next[h], t, next[h])
				}
			}
			for h := range halves {
				VMOVUPS(next[h], spill.Offset(vecBytes*h))
			}
		})
		for h := range halves {
			v := YMM()
			VMOVUPS(id[h], operand.Mem{Base: labels, Disp: vecBytes * h})
			VMOVUPS(best[h], operand.Mem{Base: first, Disp: vecBytes * h})
			VMOVUPS(spill.Offset(vecBytes*h), v)
			VMOVUPS(v, operand.Mem{Base: second, Disp: vecBytes * h})
		}
		for _, p := range []reg.GPVirtual{labels, first, second} {
			ADDQ(operand.Imm(blockRow), p)
		}
		ADDQ(operand.Imm(4), list)
	})
	VZEROUPPER()
	RET()
}

func changed() {
	TEXT("changedAVX2", NOSPLIT, "func(list *int32, blocks int, old, fresh *int32, masks *uint32)")
	Doc("changedAVX2 is Changed.")
	list, n, old, fresh, masks := load("list"), load("blocks"), load("old"), load("fresh"), load("masks")
	row := GP64()
	MOVQ(operand.U32(blockRow), row)
	loop("changedBlock", n, func() {
		at := blockAddress(old, list, row)
		bits := [halves]reg.GPVirtual{GP32(), GP32()}
		for h := range halves {
			v := YMM()
			VMOVDQU(operand.Mem{Base: fresh, Disp: vecBytes * h}, v)
			VPCMPEQD(operand.Mem{Base: at, Disp: vecBytes * h}, v, v)
			VMOVMSKPS(v, bits[h])
		}
		SHLL(operand.Imm(8), bits[1])
		ORL(bits[1], bits[0])
		XORL(operand.U32(0xffff), bits[0])
		MOVL(bits[0], operand.Mem{Base: masks})
		ADDQ(operand.Imm(blockRow), fresh)
		ADDQ(operand.Imm(4), masks)
		ADDQ(operand.Imm(4), list)
	})
	VZEROUPPER()
	RET()
}

func gaps() {
	TEXT("gapsAVX2", NOSPLIT, "func(blocks int, norms, first, second *float32, slack float32, lanes, least *float32)")
	Doc("gapsAVX2 is Gaps.")
	n, norms, first, second, lanes, least := load("blocks"), load("norms"), load("first"), load("second"), load("lanes"), load("least")
	slackAt, err := Param("slack").Resolve()
	if err != nil {
		panic(err)
	}
	slack, zero := YMM(), YMM()
	VBROADCASTSS(slackAt.Addr, slack)
	VXORPS(zero, zero, zero)
	loop("gapsBlock", n, func() {
		gap := newVecs()
		for h := range halves {
			norm, u, l, t := YMM(), YMM(), YMM(), YMM()
			VMOVUPS(operand.Mem{Base: norms, Disp: vecBytes * h}, norm)
			VMOVUPS(operand.Mem{Base: first, Disp: vecBytes * h}, u)
			VADDPS(u, u, u)
			VADDPS(norm, u, u)
			VADDPS(norm, u, t)
			VFMADD231PS(slack, t, u)
			VMAXPS(zero, u, u)
			VSQRTPS(u, u)
			VMOVUPS(operand.Mem{Base: second, Disp: vecBytes * h}, l)
			VADDPS(l, l, l)
			VADDPS(norm, l, l)
			VADDPS(norm, l, t)
			VFNMADD231PS(slack, t, l)
			VMAXPS(zero, l, l)
			VSQRTPS(l, l)
			VSUBPS(u, l, gap[h])
			VMOVUPS(gap[h], operand.Mem{Base: lanes, Disp: vecBytes * h})
		}
		low, t := XMM(), XMM()
		VMINPS(gap[0], gap[1], gap[0])
		VEXTRACTF128(operand.Imm(1), gap[0], t)
		VMINPS(t, gap[0].AsX(), low)
		VMOVHLPS(low, low, t)
		VMINPS(t, low, low)
		VSHUFPS(operand.Imm(1), low, low, t)
		VMINPS(t, low, low)
		VMOVSS(low, operand.Mem{Base: least})
		for _, p := range []reg.GPVirtual{norms, first, second, lanes} {
			ADDQ(operand.Imm(blockRow), p)
		}
		ADDQ(operand.Imm(4), least)
	})
	VZEROUPPER()
	RET()
}

func load(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}
