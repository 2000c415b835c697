package millionths

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// odd are values at the edges of what is usual.
var odd = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.000001, -0.000001, 0.0000005, 0.0000015, 0.0000025, 1e-7, math.NaN(), math.Inf(1), math.Inf(-1),
	math.MaxFloat64, math.SmallestNonzeroFloat64, 2251799813.685248, -2251799813.685248, 2251799813.685247, 2251799813.6852475, -2251799813.685247,
	2251799813, 2e9, -2e9, 2.3e9, 12.345678, 12.3456784, 12.3456786, 0.1, 0.2, 0.3, 1.0 / 3, 6.79, -3.03,
}

func TestOfFloatsAgreesWithOneByOne(t *testing.T) {
	if !Fast() {
		t.Skip("no AVX2")
	}
	rng := rand.New(rand.NewPCG(2, 8))
	for round := range 20_000 {
		values := make([]float64, rng.IntN(23))
		for i := range values {
			values[i] = float64(rng.IntN(4_000_000)-1_000_000) / 100
			switch rng.IntN(40) {
			case 0:
				values[i] = odd[rng.IntN(len(odd))]
			case 1:
				values[i] = math.Float64frombits(rng.Uint64())
			}
		}
		if round < len(odd) {
			values = []float64{odd[round], odd[round], odd[round], odd[round]}
		}
		got, want := make([]int64, len(values)), make([]int64, len(values))
		n := OfFloats(got, values)
		if m := slowly(want, values); n != m || !slices.Equal(got[:n], want[:m]) {
			t.Fatalf("%v: got %v, want %v", values, got[:n], want[:m])
		}
	}
}

func FuzzOfFloats(f *testing.F) {
	for _, v := range odd {
		f.Add(v, 1.5, 2.5, v)
	}
	f.Fuzz(func(t *testing.T, a, b, c, d float64) {
		values := []float64{a, b, c, d, a}
		got, want := make([]int64, 5), make([]int64, 5)
		n := OfFloats(got, values)
		if m := slowly(want, values); n != m || !slices.Equal(got[:n], want[:m]) {
			t.Fatalf("%v: got %v, want %v", values, got[:n], want[:m])
		}
	})
}

func BenchmarkOfFloats(b *testing.B) {
	values, dst := make([]float64, 8192), make([]int64, 8192)
	for i := range values {
		values[i] = float64(i%2000) / 100
	}
	b.Run("by=vectors", func(b *testing.B) {
		for b.Loop() {
			OfFloats(dst, values)
		}
	})
	b.Run("by=one", func(b *testing.B) {
		for b.Loop() {
			slowly(dst, values)
		}
	})
}
