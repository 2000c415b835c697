package itemset

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactLn returns ln(1+z), or ln(v) for z = v−1, to 40 digits: by square roots to
// near 1, where the series is short.
func exactLn(v *big.Float) *big.Float {
	const precision, roots = 400, 60
	x := new(big.Float).SetPrec(precision).Set(v)
	for range roots {
		x.Sqrt(x)
	}
	one := new(big.Float).SetPrec(precision).SetInt64(1)
	num, den := new(big.Float).Sub(x, one), new(big.Float).Add(x, one)
	z := new(big.Float).Quo(num, den)
	square := new(big.Float).Mul(z, z)
	sum, power := new(big.Float).SetPrec(precision), new(big.Float).Set(z)
	for i := int64(1); i < 12; i += 2 {
		sum.Add(sum, new(big.Float).Quo(power, new(big.Float).SetInt64(i)))
		power.Mul(power, square)
	}
	return sum.SetMantExp(sum, roots+1)
}

func TestLnAgreesWithExactArithmetic(t *testing.T) {
	const tolerance = 4e-16 // relative
	check := func(v, d float64) {
		t.Helper()
		exact := new(big.Float).SetPrec(400).SetFloat64(v)
		want, _ := exactLn(exact.Add(exact, big.NewFloat(d))).Float64()
		if got := ln(v, d); !near(got, want, tolerance) {
			t.Errorf("ln(%v + %v): got %v, want %v, off by %.2g", v, d, got, want, (got-want)/want)
		}
	}
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range lnTable { // where one part ends and the next starts
		v := math.Float64frombits(lnFrom + uint64(i)<<(52-lnBits))
		check(v, 0)
		check(math.Nextafter(v, 0), 0)
		check(v*1024, 0)
	}
	for range 800 {
		check(math.Exp(40*rng.NormFloat64()), 0)
		check(math.Exp(rng.NormFloat64()), 0)
		z := math.Exp(-30 * rng.Float64())
		for _, z := range []float64{z / 4, -z / 4, z * 20} {
			v := 1 + z
			check(v, z-(v-1))
		}
	}
	if got := ln(1, 0); got != 0 {
		t.Errorf("ln(1): got %v", got)
	}
}

func TestExpUndoesLn(t *testing.T) {
	const tolerance = 4e-16 // relative
	rng := rand.New(rand.NewPCG(8, 9))
	check := func(x float64) {
		t.Helper()
		y := exp(x)
		// ln(y) + (x − ln(y)) is x: what y lacks of eˣ is y times the difference.
		exact, _ := new(big.Float).Sub(big.NewFloat(x), exactLn(new(big.Float).SetPrec(400).SetFloat64(y))).Float64()
		if math.Abs(exact) > tolerance {
			t.Errorf("exp(%v): got %v, off by %.2g", x, y, exact)
		}
	}
	for i := range 256 {
		check(-float64(i) * math.Ln2 / 128)
		check(-(float64(i) + 0.5) * math.Ln2 / 128)
	}
	for range 1_000 {
		check(-700 * rng.Float64())
		check(-math.Exp(-20 * rng.Float64()))
	}
	if exp(0) != 1 || exp(-701) != 0 || exp(math.Inf(-1)) != 0 {
		t.Errorf("got %v, %v and %v for 0, -701 and -Inf", exp(0), exp(-701), exp(math.Inf(-1)))
	}
}
