package itemset

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactLog2 returns log₂ v to 100 digits.
func exactLog2(v *big.Float) *big.Float { return new(big.Float).Quo(exactLn(v), exactLn(whole(2))) }

func whole(v int64) *big.Float { return new(big.Float).SetPrec(400).SetInt64(v) }

// fixedPoint returns v in units of 2 to the power of −places, less all above 64 bits.
func fixedPoint(v *big.Float, places int) uint64 {
	v = new(big.Float).SetMantExp(v, places)
	i, _ := v.Add(v, big.NewFloat(0.5)).Int(nil)
	return i.And(i, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
}

func TestLog2TableIsExact(t *testing.T) {
	for i, part := range log2Table {
		want := fixedPoint(new(big.Float).Sub(whole(12), exactLog2(whole(int64(part.c)))), 64)
		if part.rest != want || part.c*uint64(128+i) < 1<<19 || (part.c-1)*uint64(128+i) >= 1<<19 {
			t.Errorf("part %d: got %+v, want %#x", i, part, want)
		}
	}
}

func TestLog2AgreesWithExactArithmetic(t *testing.T) {
	const tolerance = 2 // units
	check := func(m uint32) {
		t.Helper()
		k, rest := log2(m)
		want := fixedPoint(new(big.Float).Sub(exactLog2(whole(int64(m))), whole(int64(k))), 64)
		if d := int64(rest - want); d > tolerance || d < -tolerance {
			t.Errorf("log2(%d): got %d and %#x, want %#x, off by %d", m, k, rest, want, d)
		}
	}
	rng := rand.New(rand.NewPCG(8, 10))
	for i := range uint32(128) {
		check((128 + i) << 10)
		check((128+i)<<10 - 1)
		check(1 + i)
		check(2<<16 - 1 - i)
	}
	for range 500 {
		check(1 + rng.Uint32N(1<<18-1))
	}
}

func TestLog2FactorialAgreesWithExactArithmetic(t *testing.T) {
	const tolerance = 2 // units
	next, product := int64(1), big.NewInt(1)
	for m := int64(0); m <= mostFactorial; m += 1 + m/16 + m/64*m/64 {
		for ; next <= m; next++ {
			product.Mul(product, big.NewInt(next))
		}
		want := fixedPoint(exactLog2(new(big.Float).SetPrec(400).SetInt(product)), factorialBits)
		if d := int64(log2Factorial(uint32(m)) - want); d > tolerance || d < -tolerance {
			t.Errorf("%d!: off by %d", m, d)
		}
	}
}

func TestExp2AgreesWithExactArithmetic(t *testing.T) {
	const tolerance = 4e-16 // relative
	rng := rand.New(rand.NewPCG(8, 11))
	for range 1_000 {
		x := -rng.Int64N(1010 << factorialBits)
		got := exp2(x)
		want := new(big.Float).SetMantExp(whole(x), -factorialBits)
		lack := new(big.Float).Sub(want, exactLog2(new(big.Float).SetPrec(400).SetFloat64(got)))
		if d, _ := lack.Float64(); math.Abs(d)*math.Ln2 > tolerance {
			t.Errorf("exp2(%d): got %v, off by %.2g", x, got, d*math.Ln2)
		}
	}
	if exp2(0) != 1 || exp2(1<<factorialBits) != 2 || exp2(-1<<factorialBits) != 0.5 || exp2(-1011<<factorialBits) != 0 {
		t.Errorf("got %v, %v, %v and %v", exp2(0), exp2(1<<factorialBits), exp2(-1<<factorialBits), exp2(-1011<<factorialBits))
	}
}
