package tree

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestKeysKeepTheOrderOfValues(t *testing.T) {
	values := []float32{-math.MaxFloat32, -1, -math.SmallestNonzeroFloat32, 0, math.SmallestNonzeroFloat32, 1, math.MaxFloat32}
	for i, v := range values {
		if got := valueOf(keyOf(v)); got != v {
			t.Errorf("valueOf(keyOf(%g)) = %g", v, got)
		}
		if i > 0 && keyOf(values[i-1]) >= keyOf(v) {
			t.Errorf("key of %g is not below key of %g", values[i-1], v)
		}
	}
	if keyOf(float32(math.Copysign(0, -1))) != keyOf(0) {
		t.Error("the two zeros have different keys")
	}
}

func TestSortKeysSortsLikeSlices(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for _, n := range []int{0, 1, 2, radixFloor - 1, radixFloor, 5000} {
		for _, mask := range []uint32{math.MaxUint32, 0xff, 0xff000000, 0} {
			a := make([]uint32, n)
			b := make([]uint64, n)
			for i := range a {
				a[i] = rng.Uint32() & mask
				b[i] = uint64(a[i])<<32 | uint64(i)
			}
			want, wantB := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
			got, err := sortKeys(context.Background(), a, make([]uint32, n), 0)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("n=%d mask=%x: 32 bits not sorted (%v)", n, mask, err)
			}
			gotB, err := sortKeys(context.Background(), b, make([]uint64, n), 32)
			if err != nil || !slices.Equal(gotB, wantB) {
				t.Errorf("n=%d mask=%x: 64 bits not sorted (%v)", n, mask, err)
			}
		}
	}
}

func BenchmarkSortKeys(b *testing.B) {
	const n = 1 << 20
	rng := rand.New(rand.NewPCG(3, 0))
	src := make([]uint32, n)
	for i := range src {
		src[i] = keyOf(float32(rng.NormFloat64()))
	}
	a, spare := make([]uint32, n), make([]uint32, n)
	b.SetBytes(4 * n)
	for b.Loop() {
		copy(a, src)
		if _, err := sortKeys(context.Background(), a, spare, 0); err != nil {
			b.Fatal(err)
		}
	}
}
