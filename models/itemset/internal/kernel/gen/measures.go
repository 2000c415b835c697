package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// measures does what Counts.measure of package itemset does, operation by operation.
func measures() {
	TEXT("measuresAVX2", NOSPLIT, "func(a, b, c, d *float64, ta, tb, tc, td *uint32, baskets, share float64) (ok bool)")
	Pragma("noescape")
	Doc("measuresAVX2 is SetMeasures; the pointers are to the first numbers.")
	both, x, y := counts([4]string{"ta", "tb", "tc", "td"})
	n := spread(operand.NewParamAddr("baskets", 64))
	share := spread(operand.NewParamAddr("share", 72))
	nBoth, xy := mul(n, both), mul(x, y)
	excess := less(nBoth, xy)
	usual := positive(excess, less(x, both), less(y, both), less(less(n, x), less(y, both)))
	CMPL(usual, operand.Imm(0xf))
	SETEQ(operand.NewParamAddr("ok", 80))
	JNE(operand.LabelRef("done"))

	var to [4]reg.Register
	for i, name := range []string{"a", "b", "c", "d"} {
		to[i] = Load(Param(name), GP64())
	}
	support, confidence := div(both, n), div(both, x)
	lift := div(nBoth, xy)
	leverage := mul(mul(share, share), excess)
	store(to, 0, support, confidence, lift, leverage)

	back := mul(lift, mul(share, x))
	half := constant("half", 0.5)
	kulczynski := mul(plus(confidence, back), half)
	cosine := root(mul(confidence, back))

	notX, notY := less(n, x), less(n, y) // some are computed again, for want of registers
	bothNotX, xNotY := mul(notX, both), mul(notY, x)
	part := div(excess, mul(bothNotX, xNotY))
	zhang, certainty := mul(part, xNotY), mul(part, bothNotX)
	addedValue := mul(certainty, mul(notY, share))

	onlyX, onlyY := less(x, both), less(y, both)
	either, cells := plus(onlyY, x), mul(onlyX, onlyY)
	part = div(constant("one", 1), mul(either, cells))
	cells = mul(cells, part)
	part = mul(part, either)
	conviction := mul(mul(xNotY, share), mul(onlyY, part))
	store(to, 4, addedValue, conviction, zhang, certainty)

	apart, sign := less(x, y), constant("sign", math.Copysign(0, -1))
	VANDNPD(apart, sign, apart)
	store(to, 8, mul(cells, both), cosine, kulczynski, mul(apart, cells))

	odds := mul(mul(less(notX, onlyY), both), part)
	phi := div(excess, root(mul(mul(notX, x), mul(notY, y))))
	chiSquared := mul(n, mul(phi, phi))
	storeThree(to, 12, odds, chiSquared, phi)
	Label("done")
	VZEROUPPER()
	RET()
}

// store writes four measures of four rules, from the given one of a rule on.
func store(to [4]reg.Register, first int, a, b, c, d reg.Register) {
	ab, cd := halves(a, b), halves(c, d)
	for i := range 2 { // rules i and i+2 are in the halves
		v := YMM()
		VINSERTF128(operand.Imm(1), cd[i].(reg.Vec).AsX(), ab[i], v)
		VMOVUPD(v, operand.Mem{Base: to[i], Disp: 8 * first})
		VPERM2F128(operand.Imm(0x31), cd[i], ab[i], v)
		VMOVUPD(v, operand.Mem{Base: to[i+2], Disp: 8 * first})
	}
}

func storeThree(to [4]reg.Register, first int, a, b, c reg.VecVirtual) {
	ab, last := halves(a, b), XMM()
	VEXTRACTF128(operand.Imm(1), c, last)
	for i := range 2 {
		VMOVUPD(ab[i].(reg.Vec).AsX(), operand.Mem{Base: to[i], Disp: 8 * first})
		VEXTRACTF128(operand.Imm(1), ab[i], operand.Mem{Base: to[i+2], Disp: 8 * first})
	}
	end := func(i int) operand.Mem { return operand.Mem{Base: to[i], Disp: 8 * (first + 2)} }
	VMOVLPD(c.AsX(), end(0))
	VMOVHPD(c.AsX(), end(1))
	VMOVLPD(last, end(2))
	VMOVHPD(last, end(3))
}

// halves returns the numbers of lanes 0 and 2 side by side, and those of 1 and 3.
func halves(a, b reg.Register) [2]reg.Register {
	even, odd := YMM(), YMM()
	VUNPCKLPD(b, a, even)
	VUNPCKHPD(b, a, odd)
	return [2]reg.Register{even, odd}
}
