package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fisher does what fisherP, tailSum and exp2 of package itemset do, operation by
// operation, for a tail that takes eight terms.
func fisher() {
	TEXT("fisherAVX2", NOSPLIT, "func(p *float64, logs *int64, ta, tb, tc, td *uint32, exp2 *float64, baskets float64) (ok bool)")
	Pragma("noescape")
	Doc("fisherAVX2 is SetP; the pointers are to the first numbers.")
	both, x, y := counts([4]string{"ta", "tb", "tc", "td"})
	n, one := spread(operand.NewParamAddr("baskets", 56)), constant("one", 1)
	enough := YMM() // more than by chance, or as many
	VCMPPD(operand.Imm(2), mul(n, both), mul(x, y), enough)

	k := plus(both, one)
	t := tail{p: less(x, both), q: less(y, both), u: k, v: plus(less(less(n, x), y), k)}
	first := t.fourTerms(one)
	second := t.fourTerms(one)
	num := plus(mul(first.sum, second.down), mul(first.up, second.sum))
	up, down := mul(first.up, second.up), mul(first.down, second.down)
	a, b := mul(t.p, t.q), mul(t.u, t.v)
	apart, last := less(b, a), mul(up, a)
	bound := mul(mul(mul(down, b), apart), constant("negligible", 1e-13))
	small := YMM()
	VCMPPD(operand.Imm(2), bound, mul(last, a), small)
	VANDPD(small, enough, enough)
	lanes := GP32()
	VMOVMSKPD(enough, lanes)
	CMPL(lanes, operand.Imm(0xf))
	SETEQ(operand.NewParamAddr("ok", 64))
	JNE(operand.LabelRef("done"))
	sum := plus(one, div(plus(mul(num, apart), last), mul(down, apart)))

	sum = mul(power(), sum)
	VMINPD(one, sum, sum)
	VMOVUPD(sum, operand.Mem{Base: Load(Param("p"), GP64())})
	Label("done")
	VZEROUPPER()
	RET()
}

// tail is where the sum of a tail has come to.
type tail struct{ p, q, u, v reg.VecVirtual }

type terms struct{ sum, up, down reg.VecVirtual }

func (t *tail) step(one reg.VecVirtual) (a, b reg.VecVirtual) {
	a, b = mul(t.p, t.q), mul(t.u, t.v)
	t.p, t.q, t.u, t.v = less(t.p, one), less(t.q, one), plus(t.u, one), plus(t.v, one)
	return a, b
}

func (t *tail) fourTerms(one reg.VecVirtual) terms {
	a1, b1 := t.step(one)
	a2, b2 := t.step(one)
	left := mul(a1, plus(b2, a2))
	up, down := mul(a1, a2), mul(b1, b2)
	a3, b3 := t.step(one)
	a4, b4 := t.step(one)
	more := mul(b3, b4)
	return terms{
		sum:  plus(mul(left, more), mul(up, mul(a3, plus(b4, a4)))),
		up:   mul(up, mul(a3, a4)),
		down: mul(down, more),
	}
}

// power returns 2 to the power of the logarithms.
func power() reg.VecVirtual {
	const point, table = 46, 7 // bits behind the point, and of them those of the table
	x := load(operand.Mem{Base: Load(Param("logs"), GP64())})
	rest, whole := YMM(), integers("magic", math.Float64bits(1<<52))
	VPAND(integers("below", 1<<(point-table)-1), x, rest)
	VPOR(whole, rest, rest)
	r := mul(less(rest, whole), constant("unit", math.Ln2/(1<<point)))
	series := constant("fifth", 1.0/120)
	for _, c := range []struct {
		name  string
		value float64
	}{{"fourth", 1.0 / 24}, {"third", 1.0 / 6}, {"half", 1.0 / 2}} {
		series = plus(constant(c.name, c.value), mul(r, series))
	}
	p := plus(r, mul(mul(r, r), series))

	at, t, all := YMM(), YMM(), YMM()
	VPSRLQ(operand.Imm(point-table), x, at)
	VPAND(integers("entries", 1<<table-1), at, at)
	VPCMPEQQ(all, all, all)
	VGATHERQPD(all, operand.Mem{Base: Load(Param("exp2"), GP64()), Index: at, Scale: 8}, t)
	result, up := plus(t, mul(t, p)), YMM()
	VPSRLQ(operand.Imm(point), x, up)
	VPSLLQ(operand.Imm(52), up, up)
	VPADDQ(up, result, result)

	gone := YMM()
	least := int64(-1010) << point
	VPCMPGTQ(x, integers("least", uint64(least)), gone)
	VANDNPD(result, gone, result)
	return result
}
