package datasets

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestWideSumsAreExact(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var w, other Wide
		want := new(big.Int)
		for range 50 {
			v := int64(rng.Uint64()) >> rng.IntN(60)
			if rng.IntN(20) == 0 {
				v = []int64{math.MaxInt64, math.MinInt64, 0, -1}[rng.IntN(4)]
			}
			if rng.IntN(2) == 0 {
				w.Add(v)
			} else {
				other.Add(v)
			}
			want.Add(want, big.NewInt(v))
		}
		w.Merge(other)
		if w.Millionths().Cmp(want) != 0 || w.Sign() != want.Sign() {
			t.Fatalf("seed %d: got %v (sign %d), want %v", seed, w.Millionths(), w.Sign(), want)
		}
		f, _ := new(big.Rat).SetFrac(want, big.NewInt(int64(Unit))).Float64()
		if got := w.Float(); math.Abs(got-f) > 1e-15*math.Abs(f) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, f)
		}
		if c := w.Compare(other); c != want.Cmp(other.Millionths()) {
			t.Fatalf("seed %d: got %d from comparing %v with %v", seed, c, want, other.Millionths())
		}
	}
	var w Wide
	w.Add(-1_500_000)
	if w.String() != Money(-1_500_000).String() {
		t.Errorf("got %s", w)
	}
}
